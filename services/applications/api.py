"""Endpoints of applications: apply, list, move on, look back."""

from typing import Annotated

from fastapi import APIRouter, Depends

from libs.common.contracts.jobs import JobFacts
from libs.common.errors import (
    Forbidden,
    NotFound,
    ServiceUnavailable,
    Unauthenticated,
)
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import CandidateOnly, EmployerOnly, EmployerOrAdmin, Role, SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import FeedById, Page, Paging
from libs.common.service import Read, Running, Write, service_router
from services.applications import commands, queries
from services.applications.errors import (
    AlreadyApplied,
    CvRequired,
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
)
from services.applications.rules import Status
from services.applications.schemas import (
    ApplyIn,
    ApplyOut,
    JobApplyOut,
    MoveOut,
    MyApplyOut,
    StatusIn,
    StatusOut,
)

router = service_router("applications")


async def _known_job(job_id: Id, me: SignedIn, running: Running) -> JobFacts:
    return await commands.known_job(running.db, running.peers["jobs"], job_id, me.token)


KnownJob = Annotated[JobFacts, Depends(_known_job)]


async def _own_job(me: EmployerOnly, job: KnownJob) -> JobFacts:
    if job.employer_id != me.user_id:
        raise Forbidden
    return job


# `job` stands before `once`: the peer is asked before the key's row is written and locked.
@router.post(
    "/jobs/{job_id}/apply",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, NotFound, AlreadyApplied, JobExpired, JobClosed),
        *(CvRequired, IdempotencyKeyInvalid, IdempotencyKeyReused, ServiceUnavailable),
    ),
)
async def apply_for_job(
    me: CandidateOnly, job: KnownJob, session: Write, once: Once, body: ApplyIn
) -> ApplyOut:
    """Apply for a job, once; without `cvUrl` the candidate's default CV is sent along."""
    made = await commands.apply_for(session, me.user_id, job, body)
    return ApplyOut(
        apply_id=made.id,
        job_id=made.job_id,
        status=Status(made.status),
        applied_at=made.applied_at,
    )


@router.get(
    "/candidates/me/applies",
    responses=openapi_errors(Unauthenticated, Forbidden),
)
async def my_applies(
    me: CandidateOnly, session: Read, paging: FeedById, status: Status | None = None
) -> Page[MyApplyOut]:
    """List my applications, newest first."""
    return await queries.applies_of_candidate(session, me.user_id, status, paging)


@router.get(
    "/jobs/{job_id}/applies",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, ServiceUnavailable),
)
async def job_applies(
    job: Annotated[JobFacts, Depends(_own_job)],
    session: Read,
    paging: FeedById,
    status: Status | None = None,
) -> Page[JobApplyOut]:
    """List who applied for a job of mine, newest first."""
    return await queries.applies_of_job(session, job.job_id, status, paging)


@router.put(
    "/applies/{apply_id}/status",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, InvalidStatusTransition),
)
async def move_apply(apply_id: Id, me: EmployerOnly, session: Write, body: StatusIn) -> StatusOut:
    """Move an application on (or back); the same status again changes nothing."""
    moved = await commands.move_application(session, me.user_id, apply_id, body)
    return StatusOut(apply_id=moved.id, status=Status(moved.status), updated_at=moved.updated_at)


@router.get(
    "/applies/{apply_id}/history",
    responses=openapi_errors(Unauthenticated, NotFound),
)
async def apply_history(apply_id: Id, me: SignedIn, session: Read, paging: Paging) -> Page[MoveOut]:
    """List an application's moves, oldest first; notes are for the employer's eyes only."""
    return await queries.history_of_application(session, me, apply_id, paging)


internal = APIRouter(include_in_schema=False)


@internal.post("/internal/jobs/{job_id}/seal")
async def seal_job(me: EmployerOrAdmin, job: KnownJob, session: Write) -> bool:
    """Promise the jobs service that no application comes for a job while it closes it."""
    if me.role != Role.ADMIN and job.employer_id != me.user_id:
        raise Forbidden
    await commands.seal_job(session, job)
    return True


@internal.get("/internal/cvs")
async def cvs_referred_to(me: CandidateOnly, session: Read) -> list[str]:
    """Tell the identity service which of the candidate's stored CVs must stay."""
    return await queries.cvs_of_candidate(session, me.user_id)


# Not `include_router`, which would hide the routes from whoever walks over them.
router.routes += internal.routes
