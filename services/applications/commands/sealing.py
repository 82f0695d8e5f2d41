"""Applying for a job against closing it: nobody slips in between.

A job is sealed, and applied for, behind one advisory lock. Not the lock of the job's row: those who
share that one let nobody pass who wants it alone, as long as more of them come. Here all stand in
one queue. Who inserts an application joins it in the database's own trigger (migration 0003).
"""

from sqlalchemy import text
from sqlmodel import col, func, select

from libs.common import clock
from libs.common.contracts.jobs import JobFacts
from libs.common.db import WriteSession
from services.applications.commands.snapshots import keep_job
from services.applications.errors import JobHasPendingApplies
from services.applications.models import Application, JobSnapshot
from services.applications.rules import PENDING, SEAL_LASTS

_WITH_OTHERS = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:job_id, 0))")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:job_id, 0))")


async def job_to_apply_for(session: WriteSession, heard: JobFacts) -> JobSnapshot:
    """Return the job as known now.

    Whether it is sealed meanwhile, the trigger looks again; before one that was not heard of yet is
    written, this transaction takes its place in the queue, as the trigger would after it.
    """
    job = await session.get(JobSnapshot, heard.job_id)
    if job is None:
        await session.execute(_WITH_OTHERS, {"job_id": str(heard.job_id)})
        await keep_job(session, heard)
        job = await session.get_one(JobSnapshot, heard.job_id)
    return job


async def seal_job(session: WriteSession, heard: JobFacts) -> None:
    """Let a job take no applications for `SEAL_LASTS`: it is being closed.

    Raises:
        JobHasPendingApplies: somebody waits for an answer.
    """
    await session.execute(_ALONE, {"job_id": str(heard.job_id)})
    await keep_job(session, heard)
    waiting = select(func.count()).where(
        Application.job_id == heard.job_id, col(Application.status).in_(PENDING)
    )
    if pending := (await session.exec(waiting)).one():
        raise JobHasPendingApplies({"pending": pending})
    job = await session.get_one(JobSnapshot, heard.job_id)
    job.sealed_until = clock.now() + SEAL_LASTS
