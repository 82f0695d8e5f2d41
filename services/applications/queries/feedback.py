"""What is said of a job."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from libs.common.errors import NotFound
from libs.common.pagination import Page, Window
from libs.common.sessions import ReadSession
from services.applications.models import Feedback, JobSnapshot
from services.applications.queries.parts import Listed, newest_of
from services.applications.schemas.feedback import FeedbackOut


async def feedback_of_job(session: ReadSession, job_id: UUID, paging: Window) -> Page[FeedbackOut]:
    """List the ratings of a job, newest first, without saying whose they are.

    Raises:
        NotFound: no such job was heard of.
    """
    if await session.get(JobSnapshot, job_id) is None:
        raise NotFound
    listed: Listed = select(
        col(Feedback.id).label("feedback_id"),
        col(Feedback.rank),
        col(Feedback.content),
        col(Feedback.created_at),
    ).where(col(Feedback.job_id) == job_id)
    return await newest_of(
        session, listed, Feedback, FeedbackOut, paging, lambda row: row.feedback_id
    )
