"""Moving an application on, taking it back, and looking back."""

from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import CandidateOnly, EmployerOnly, SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.service import Read, Write, service_router
from services.applications.commands import moving
from services.applications.errors import InvalidStatusTransition, WithdrawalNotAllowed
from services.applications.queries.moving import history_of_application
from services.applications.rules import Status
from services.applications.schemas.moving import MoveOut, StatusIn, StatusOut

router = service_router("applications")


@router.put(
    "/applies/{apply_id}/status",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, InvalidStatusTransition),
)
async def move_apply(apply_id: Id, me: EmployerOnly, session: Write, body: StatusIn) -> StatusOut:
    """Move an application on (or back); the same status again changes nothing."""
    moved = await moving.move_application(session, me.user_id, apply_id, body)
    return StatusOut(apply_id=moved.id, status=Status(moved.status), updated_at=moved.updated_at)


@router.delete(
    "/applies/{apply_id}",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, WithdrawalNotAllowed),
)
async def withdraw_apply(apply_id: Id, me: CandidateOnly, session: Write) -> list[None]:
    """Take back an application of mine that nobody has answered; I may apply again."""
    await moving.withdraw_application(session, me.user_id, apply_id)
    return []


@router.get(
    "/applies/{apply_id}/history",
    responses=openapi_errors(Unauthenticated, NotFound),
)
async def apply_history(apply_id: Id, me: SignedIn, session: Read, paging: Paging) -> Page[MoveOut]:
    """List an application's moves, oldest first; notes are for the employer's eyes only."""
    return await history_of_application(session, me, apply_id, paging)
