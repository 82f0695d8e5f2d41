"""Endpoints of follows."""

from libs.common.envelope import Told
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import CandidateOnly, EmployerOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.service import Read, Write, service_router
from services.messaging.commands.follows import toggle_follow
from services.messaging.queries.follows import followed_by, followers_of
from services.messaging.schemas.follows import FollowedOut, FollowerOut, FollowOut

router = service_router("messaging")


@router.post(
    "/employers/{employer_id}/follow",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound),
)
async def follow_employer(employer_id: Id, me: CandidateOnly, session: Write) -> Told[FollowOut]:
    """Follow an employer; whoever follows him already ceases to."""
    follows = await toggle_follow(session, me.user_id, employer_id)
    said = "follow_employer" if follows else "unfollow_employer"
    return Told(said, FollowOut(employer_id=employer_id, is_following=follows))


@router.get(
    "/employers/{employer_id}/followers", responses=openapi_errors(Unauthenticated, Forbidden)
)
async def list_followers(
    employer_id: Id, me: EmployerOnly, session: Read, paging: Paging
) -> Page[FollowerOut]:
    """List who follows me, the newest first; nobody sees another's followers."""
    if me.user_id != employer_id:
        raise Forbidden
    return await followers_of(session, employer_id, paging)


@router.get("/candidates/me/following", responses=openapi_errors(Unauthenticated, Forbidden))
async def list_following(me: CandidateOnly, session: Read, paging: Paging) -> Page[FollowedOut]:
    """List whom I follow, the newest first."""
    return await followed_by(session, me.user_id, paging)
