"""The open jobs of a company that has a new name: found, and told of, by it."""

from uuid import UUID

from sqlmodel import col, select

from libs.common.contracts.jobs import JobUpdated
from libs.common.db import WriteSession
from libs.common.events import Event, event
from libs.common.ids import NIL
from libs.common.messaging import consumes, enqueue, publish
from services.jobs.facts import facts_of
from services.jobs.models import Job
from services.jobs.openings import BATCH, index_openings
from services.jobs.rules import Status


@event("company.renamed", subject="company_id")
class CompanyRenamed(Event):
    """Jobs of a company, those behind one, bear its new name. Private to this service."""

    company_id: UUID
    after: UUID


@consumes(CompanyRenamed)
async def rename_jobs(session: WriteSession, event: CompanyRenamed) -> None:
    """Index the next batch of a company's open jobs, say that they changed, and have it go on."""
    its = (
        select(Job)
        .where(col(Job.company_id) == event.company_id, col(Job.id) > event.after)
        .where(col(Job.status) == Status.ACTIVE)
        .order_by(col(Job.id))
        .limit(BATCH)
        .with_for_update(key_share=True)
    )
    jobs = (await session.exec(its)).all()
    for job in jobs:
        job.version += 1
    for facts in await facts_of(session, jobs):
        publish(session, JobUpdated(**facts))
    await index_openings(session, [job.id for job in jobs])
    if len(jobs) == BATCH:
        enqueue(session, rename_jobs, event.model_copy(update={"after": jobs[-1].id}))


async def company_renamed(session: WriteSession, company_id: UUID) -> None:
    """Rename its first jobs at once, the others in batches after this transaction."""
    await rename_jobs.handle(session, CompanyRenamed(company_id=company_id, after=NIL))
