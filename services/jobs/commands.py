"""What employers do with jobs, and what is kept of the facts of others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, update
from sqlmodel import SQLModel, col, select

from libs.common import clock
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.contracts.jobs import JobPosted
from libs.common.db import WriteSession
from libs.common.messaging import publish
from libs.common.snapshots import keep_newest
from libs.common.text import fold
from services.jobs.errors import CompanyProfileIncomplete
from services.jobs.models import (
    CompanySnapshot,
    EmployerSnapshot,
    Job,
    JobCategory,
    JobDescription,
    JobSkill,
)
from services.jobs.places import place_keys
from services.jobs.rules import Status, expires_at
from services.jobs.salary import Salary, parse, words
from services.jobs.schemas import JdInfoIn, PostJobIn


async def post_job(session: WriteSession, employer_id: UUID, posting: PostJobIn) -> Job:
    """Post a job for the employer's company.

    Raises:
        CompanyProfileIncomplete: he has none, or one that may not post.
        UnknownSkill, UnknownCategory: at the flush; the database decides.
    """
    company = await _hold_company(session, employer_id)
    info, jd = posting.job_info, posting.jd_info
    job = Job(
        employer_id=employer_id,
        company_id=company.company_id,
        title=info.title,
        status=Status.ACTIVE,
        posted_at=clock.now(),
        expires_at=expires_at(info.expire_date),
        version=1,
        places=place_keys(jd.location),
        document=_document(A=info.title, B=company.name, D=jd.description),
    )
    session.add(job)
    await session.flush()
    session.add_all([_description(job.id, jd), *_links(job.id, posting)])
    await session.flush()
    publish(session, _posted(job, company.name))
    return job


async def keep_employer(session: WriteSession, employer: EmployerUpdated) -> None:
    """Remember for which company an employer posts, unless something newer is known already."""
    await keep_newest(session, EmployerSnapshot, employer.model_dump(exclude={"name"}))


async def keep_company(session: WriteSession, company: CompanyUpdated) -> None:
    """Remember a company, unless something newer is known; its jobs are found by its new name."""
    facts = company.model_dump(exclude={"industry", "address"})
    if await keep_newest(session, CompanySnapshot, facts):
        kept = func.ts_filter(col(Job.document), literal_column("'{a,d}'"))
        renamed = update(Job).where(col(Job.company_id) == company.company_id)
        await session.execute(renamed.values(document=kept.op("||")(_document(B=company.name))))


async def _hold_company(session: WriteSession, employer_id: UUID) -> CompanySnapshot:
    """Return the employer's company, which nobody renames before this transaction ends."""
    held = await session.exec(
        select(CompanySnapshot)
        .join(EmployerSnapshot, col(EmployerSnapshot.company_id) == CompanySnapshot.company_id)
        .where(EmployerSnapshot.employer_id == employer_id)
        .with_for_update(read=True, of=[CompanySnapshot, EmployerSnapshot])
    )
    company = held.first()
    if company is None or not company.complete:
        raise CompanyProfileIncomplete
    return company


def _document(**weighted: str) -> ColumnElement[Any]:
    """Return the searchable words of texts, each under its weight (A to D)."""
    vectors = [
        func.setweight(func.to_tsvector("simple", fold(text)), literal_column(f"'{weight}'"))
        for weight, text in weighted.items()
    ]
    document: ColumnElement[Any] = vectors[0]
    for vector in vectors[1:]:
        document = document.op("||")(vector)
    return document


def _description(job_id: UUID, jd: JdInfoIn) -> JobDescription:
    salary = _salary(jd)
    return JobDescription(
        **jd.model_dump(exclude={"salary", "salary_min", "salary_max", "currency", "period"}),
        job_id=job_id,
        salary=jd.salary or words(salary),
        salary_min=salary.min if salary else None,
        salary_max=salary.max if salary else None,
        salary_currency=salary.currency if salary else None,
        salary_period=salary.period if salary else None,
    )


def _salary(jd: JdInfoIn) -> Salary | None:
    """Return the figures given as such, else those that the text names."""
    if jd.salary_min is None and jd.salary_max is None:
        return parse(jd.salary or "")
    return Salary(jd.salary_min, jd.salary_max, jd.currency, jd.period)


def _links(job_id: UUID, posting: PostJobIn) -> Sequence[SQLModel]:
    return [
        *(
            JobSkill(job_id=job_id, skill_id=id_, position=n)
            for n, id_ in enumerate(posting.skill_ids)
        ),
        *(
            JobCategory(job_id=job_id, category_id=id_, position=n)
            for n, id_ in enumerate(posting.category_ids)
        ),
    ]


def _posted(job: Job, company_name: str) -> JobPosted:
    return JobPosted(
        job_id=job.id,
        employer_id=job.employer_id,
        title=job.title,
        company_name=company_name,
        status=job.status,
        expires_at=job.expires_at,
        version=job.version,
    )
