"""Posting jobs, and changing them."""

from libs.common import clock
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import EmployerOnly, EmployerOrAdmin
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.service import Write, service_router
from services.jobs.commands import posting
from services.jobs.errors import (
    CompanyProfileIncomplete,
    JobClosed,
    JobExpired,
    UnknownCategory,
    UnknownSkill,
)
from services.jobs.schemas.posting import PostedJobOut, PostJobIn, UpdatedJobOut, UpdateJobIn

router = service_router("jobs")


@router.post(
    "/jobs/post",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, CompanyProfileIncomplete, UnknownSkill, UnknownCategory),
        *(IdempotencyKeyInvalid, IdempotencyKeyReused),
    ),
)
async def post_job(me: EmployerOnly, session: Write, once: Once, body: PostJobIn) -> PostedJobOut:
    """Post a job for the company that I stand for; its profile must be complete.

    `COMPANY_PROFILE_INCOMPLETE` names in `details` the fields that it lacks, `{"missing": [...]}`;
    null where they are not known here yet.
    """
    job = await posting.post_job(session, me.user_id, body)
    return PostedJobOut(job_id=job.id, title=job.title, post_date=clock.local_date(job.posted_at))


@router.put(
    "/jobs/update/{job_id}",
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, NotFound, JobClosed, JobExpired),
        *(UnknownSkill, UnknownCategory),
    ),
)
async def update_job(
    job_id: Id, me: EmployerOrAdmin, session: Write, body: UpdateJobIn
) -> UpdatedJobOut:
    """Change a job of mine, hide or show it; a later last day opens an expired one again."""
    job = await posting.update_job(session, me, job_id, body)
    return UpdatedJobOut(job_id=job.id, updated_at=job.updated_at)
