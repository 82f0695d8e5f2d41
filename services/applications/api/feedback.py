"""What is said of a job by those who were accepted for it."""

from libs.common.errors import Forbidden, NotFound, ServiceUnavailable, Unauthenticated
from libs.common.identity import CandidateOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import FeedById, Page
from libs.common.service import Read, Write, service_router
from services.applications.api.jobs import KnownJob
from services.applications.commands import feedback
from services.applications.errors import AlreadyReviewed, FeedbackNotAllowed
from services.applications.queries.feedback import feedback_of_job
from services.applications.schemas.feedback import FeedbackGivenOut, FeedbackIn, FeedbackOut

router = service_router("applications")


@router.post(
    "/jobs/{job_id}/feedback",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, NotFound, FeedbackNotAllowed, AlreadyReviewed),
        ServiceUnavailable,
    ),
)
async def give_feedback(
    me: CandidateOnly, job: KnownJob, session: Write, body: FeedbackIn
) -> FeedbackGivenOut:
    """Rate a job that I was accepted for, once."""
    given = await feedback.give_feedback(session, me.user_id, job.job_id, body)
    return FeedbackGivenOut(
        feedback_id=given.id, job_id=given.job_id, rank=given.rank, created_at=given.created_at
    )


@router.get("/jobs/{job_id}/feedback", responses=openapi_errors(NotFound))
async def job_feedback(job_id: Id, session: Read, paging: FeedById) -> Page[FeedbackOut]:
    """List the ratings of a job, newest first; whose they are is not told."""
    return await feedback_of_job(session, job_id, paging)
