"""How many applied for a job."""

from sqlalchemy.dialects.postgresql import insert

from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.db import WriteSession
from services.jobs.models import JobApply


async def count_apply(session: WriteSession, applied: ApplicationSubmitted) -> None:
    """Remember an application, once, however often it is told."""
    heard = {"application_id": applied.application_id, "job_id": applied.job_id}
    await session.execute(insert(JobApply).values(heard).on_conflict_do_nothing())
