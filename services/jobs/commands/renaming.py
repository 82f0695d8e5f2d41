"""The jobs of a company that has a new name: found, and told of, by it.

All of them, not the open ones alone: others list them too, and one may be opened meanwhile.
"""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from libs.common.contracts.jobs import JobUpdated
from libs.common.events import Event, event
from libs.common.ids import NIL
from libs.common.messaging import consumes, enqueue, publish
from libs.common.sessions import WriteSession
from services.jobs.facts import facts_of
from services.jobs.models import Job
from services.jobs.openings import BATCH, index_openings


@event("company.renamed", subject="company_id")
class CompanyRenamed(Event):
    """Jobs of a company, those behind one, bear its new name. Private to this service."""

    company_id: UUID
    after: UUID


@consumes(CompanyRenamed)
async def rename_jobs(session: WriteSession, event: CompanyRenamed) -> None:
    """Index the next batch of a company's jobs, say that they changed, and have it go on."""
    its = col(Job.company_id) == event.company_id
    if last := await tell_anew(session, its, event.after):
        enqueue(session, rename_jobs, event.model_copy(update={"after": last}))


async def company_renamed(session: WriteSession, company_id: UUID) -> None:
    """Rename its first jobs at once, the others in batches after this transaction."""
    await rename_jobs.handle(session, CompanyRenamed(company_id=company_id, after=NIL))


async def tell_anew(session: WriteSession, which: ColumnElement[bool], after: UUID) -> UUID | None:
    """Index the next batch of such jobs, those behind one, and say that they changed.

    Returns:
        The last one, if others may follow.
    """
    batch = select(Job).where(which, col(Job.id) > after).order_by(col(Job.id)).limit(BATCH)
    jobs = (await session.exec(batch.with_for_update(key_share=True))).all()
    for job in jobs:
        job.version += 1
    for facts in await facts_of(session, jobs):
        publish(session, JobUpdated(**facts))
    await index_openings(session, [job.id for job in jobs])
    return jobs[-1].id if len(jobs) == BATCH else None
