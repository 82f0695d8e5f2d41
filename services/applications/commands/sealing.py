"""Applying for a job against closing it: nobody slips in between.

A job is sealed, and applied for, behind one advisory lock. Not the lock of the job's row: those who
share that one let nobody pass who wants it alone, as long as more of them come. Here all stand in
one queue. Who inserts an application joins it in the database's own trigger (migration 0003).
"""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select

from libs.common import clock
from libs.common.sessions import WriteSession
from services.applications.errors import JobHasPendingApplies
from services.applications.models import Application, JobSnapshot
from services.applications.rules import PENDING, SEAL_LASTS

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:job_id, 0))")


async def seal_job(session: WriteSession, job_id: UUID) -> None:
    """Let a job take no applications for `SEAL_LASTS`: it is being closed.

    Raises:
        JobHasPendingApplies: somebody waits for an answer.
    """
    await session.execute(_ALONE, {"job_id": str(job_id)})
    waiting = select(func.count()).where(
        Application.job_id == job_id, col(Application.status).in_(PENDING)
    )
    if pending := (await session.exec(waiting)).one():
        raise JobHasPendingApplies({"pending": pending})
    job = await session.get_one(JobSnapshot, job_id)
    job.sealed_until = clock.now() + SEAL_LASTS
