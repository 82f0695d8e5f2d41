"""Jobs that an employer sets beside another of his."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from libs.common import clock
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.sessions import WriteSession
from services.jobs.commands.lifecycle import check_mine
from services.jobs.models import Job, JobRelation
from services.jobs.rules import check_relation


async def relate_job(session: WriteSession, me: Identity, source_id: UUID, other_id: UUID) -> None:
    """Set another job beside one of mine; done before, it stays.

    Raises:
        NotFound: there is no such job, or no such other.
        Forbidden: the job is another's.
        InvalidRelation: the two are one, of two companies, or not both open.
    """
    asked = select(Job).where(col(Job.id).in_([source_id, other_id])).order_by(col(Job.id))
    held = await session.exec(asked.with_for_update(read=True))
    jobs = {job.id: job for job in held}
    source = check_mine(jobs.get(source_id), me)
    other = jobs.get(other_id)
    if other is None:
        raise NotFound
    check_relation(source, other, clock.now())
    relation = {
        "source_job_id": source_id,
        "related_job_id": other_id,
        "related_at": clock.now(),
    }
    await session.execute(insert(JobRelation).values(relation).on_conflict_do_nothing())


async def unrelate_job(
    session: WriteSession, me: Identity, source_id: UUID, other_id: UUID
) -> None:
    """Take a job away from beside one of mine.

    Raises:
        NotFound: there is no such job, or the other does not stand beside it.
        Forbidden: the job is another's.
    """
    check_mine(await session.get(Job, source_id), me)
    the_one = (col(JobRelation.source_job_id) == source_id) & (
        col(JobRelation.related_job_id) == other_id
    )
    gone = delete(JobRelation).where(the_one).returning(col(JobRelation.source_job_id))
    if (await session.execute(gone)).first() is None:
        raise NotFound
