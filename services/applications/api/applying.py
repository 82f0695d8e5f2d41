"""Applying for a job, and the lists of applications."""

from libs.common.errors import Forbidden, NotFound, ServiceUnavailable, Unauthenticated
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import CandidateOnly
from libs.common.openapi import openapi_errors
from libs.common.pagination import FeedById, Page
from libs.common.service import Read, Write, service_router
from services.applications.api.jobs import KnownJob, OwnJob
from services.applications.commands import applying
from services.applications.errors import AlreadyApplied, CvRequired, JobClosed, JobExpired
from services.applications.queries.applying import applies_of_candidate, applies_of_job
from services.applications.rules import Status
from services.applications.schemas.applying import ApplyIn, ApplyOut, JobApplyOut, MyApplyOut

router = service_router("applications")


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
    return await applying.apply_for(session, me.user_id, job, body)


@router.get(
    "/candidates/me/applies",
    responses=openapi_errors(Unauthenticated, Forbidden),
)
async def my_applies(
    me: CandidateOnly, session: Read, paging: FeedById, status: Status | None = None
) -> Page[MyApplyOut]:
    """List my applications, newest first."""
    return await applies_of_candidate(session, me.user_id, status, paging)


@router.get(
    "/jobs/{job_id}/applies",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, ServiceUnavailable),
)
async def job_applies(
    job: OwnJob, session: Read, paging: FeedById, status: Status | None = None
) -> Page[JobApplyOut]:
    """List who applied for a job of mine, newest first."""
    return await applies_of_job(session, job.job_id, status, paging)
