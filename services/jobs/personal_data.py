"""What the jobs service holds of a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from libs.common.contracts.jobs import JobClosed
from libs.common.db import ReadSession, WriteSession
from libs.common.messaging import publish
from libs.common.privacy import PersonalData
from libs.common.snapshots import ERASED, keep_newest
from services.jobs.models import CompanySnapshot, EmployerSnapshot, Job, JobDescription
from services.jobs.rules import Status


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return for which company he posts, and what he posted."""
    known = await session.get(EmployerSnapshot, person)
    his = (
        select(Job, JobDescription)
        .join(JobDescription, col(JobDescription.job_id) == col(Job.id))
        .where(col(Job.employer_id) == person)
        .order_by(col(Job.id))
    )
    unsaid = {"document", "places", "version"}
    return {
        "employer": known.model_dump(exclude={"version"}) if known else None,
        "jobs": [
            job.model_dump(exclude=unsaid) | description.model_dump(exclude={"job_id"})
            for job, description in await session.execute(his)
        ],
    }


async def erase(session: WriteSession, person: UUID) -> None:
    """Close what he has open: nobody would read the applications. Its text is the company's."""
    gone = {"employer_id": person, "company_id": None, "version": ERASED}
    await keep_newest(session, EmployerSnapshot, gone)
    open_ones = (
        select(Job, CompanySnapshot)
        .join(CompanySnapshot, col(CompanySnapshot.company_id) == col(Job.company_id))
        .where(col(Job.employer_id) == person, col(Job.status) == Status.ACTIVE)
        .with_for_update(of=Job)
    )
    closed = (await session.execute(open_ones)).all()
    for job, company in closed:
        job.status, job.version = Status.CLOSED, job.version + 1
        facts = job.model_dump(include={"employer_id", "title", "status", "expires_at", "version"})
        publish(session, JobClosed(job_id=job.id, company_name=company.name, **facts))


personal_data = PersonalData(
    holds="For which company an employer posts, and that he posted its jobs, by his id alone; "
    "the jobs stay, closed.",
    export=export,
    erase=erase,
)
