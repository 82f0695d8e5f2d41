"""How a job was rated."""

from sqlalchemy import update
from sqlmodel import col

from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.sessions import WriteSession
from services.jobs.models import Job


async def keep_rating(session: WriteSession, given: FeedbackSubmitted) -> None:
    """Remember how a job was rated, unless more ratings of it are known already."""
    older = update(Job).where(col(Job.id) == given.job_id, col(Job.rating_count) < given.job_count)
    await session.execute(older.values(rating_count=given.job_count, rating_sum=given.job_sum))
