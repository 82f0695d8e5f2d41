"""Posting a job, and changing one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import SQLModel, col, select

from libs.common import clock
from libs.common.contracts.jobs import JobPosted, JobUpdated
from libs.common.errors import wrong_field
from libs.common.identity import Identity
from libs.common.messaging import publish
from libs.common.reference.salary import Salary, parse, words
from libs.common.sessions import WriteSession
from services.jobs.commands.lifecycle import hold_job
from services.jobs.errors import CompanyProfileIncomplete
from services.jobs.facts import facts_of
from services.jobs.models import (
    CompanySnapshot,
    EmployerSnapshot,
    Job,
    JobCategory,
    JobDescription,
    JobSkill,
)
from services.jobs.naming import CATEGORIES, SKILLS, merged
from services.jobs.openings import index_opening
from services.jobs.rules import COMPANY_NEEDS, Status, changed, expires_at
from services.jobs.schemas.fields import OVER
from services.jobs.schemas.posting import JdInfoIn, PostJobIn, UpdateJobIn


async def post_job(session: WriteSession, employer_id: UUID, posting: PostJobIn) -> Job:
    """Post a job for the employer's company.

    Raises:
        CompanyProfileIncomplete: he has none, or one that may not post.
        UnknownSkill, UnknownCategory: at the flush; the database decides.
    """
    company = await _hold_company(session, employer_id)
    info, now = posting.job_info, clock.now()
    job = Job(
        employer_id=employer_id,
        company_id=company.company_id,
        title=info.title,
        status=Status.ACTIVE,
        posted_at=now,
        expires_at=expires_at(info.expire_date),
        updated_at=now,
        version=1,
    )
    session.add(job)
    await session.flush()
    session.add_all(
        [_description(job.id, posting.jd_info), *await _links(session, job.id, posting)]
    )
    await session.flush()
    await index_opening(session, job.id)
    [facts] = await facts_of(session, [job])
    publish(session, JobPosted(**facts))
    return job


async def update_job(
    session: WriteSession, me: Identity, job_id: UUID, changes: UpdateJobIn
) -> Job:
    """Change what is given of a job; a later last day opens an expired one again.

    Raises:
        NotFound, Forbidden: as `hold_job`.
        JobClosed, JobExpired: as `rules.changed`.
        ValidationError: the new last day is over; the salary would be from more to less.
        UnknownSkill, UnknownCategory: at the flush; the database decides.
    """
    job = await hold_job(session, me, job_id)
    now, info = clock.now(), changes.job_info.model_dump(exclude_unset=True)
    job.expires_at = _end_after(job, info.get("expire_date"), now)
    job.status = changed(job.status, info.get("status"), job.expires_at, now)
    job.title, job.updated_at = info.get("title", job.title), now
    job.version += 1
    description = await session.get_one(JobDescription, job_id)
    jd = changes.jd_info.model_dump(exclude_unset=True)
    description.sqlmodel_update(_pay_after(description, jd) | _but_pay(jd))
    await _link_anew(session, job_id, changes)
    await session.flush()
    await index_opening(session, job_id)
    [facts] = await facts_of(session, [job])
    publish(session, JobUpdated(**facts))
    return job


def _end_after(job: Job, last_day: date | None, now: datetime) -> datetime:
    """Return when the job's time is over; whoever sends back what he was shown changes nothing."""
    end = job.expires_at if last_day is None else expires_at(last_day)
    if end != job.expires_at and last_day is not None and last_day <= clock.local_date(now):
        raise wrong_field("jobInfo.expireDate", OVER)
    return end


async def _hold_company(session: WriteSession, employer_id: UUID) -> CompanySnapshot:
    """Return the employer's company; until this ends it is not renamed, nor is he erased."""
    held = await session.exec(
        select(CompanySnapshot)
        .join(EmployerSnapshot, col(EmployerSnapshot.company_id) == CompanySnapshot.company_id)
        .where(EmployerSnapshot.employer_id == employer_id)
        .with_for_update(read=True, of=[CompanySnapshot, EmployerSnapshot])
    )
    company = held.first()
    if company is None or not company.complete:
        raise CompanyProfileIncomplete(await _missing(session, employer_id, company))
    return company


async def _missing(
    session: WriteSession, employer_id: UUID, company: CompanySnapshot | None
) -> dict[str, Sequence[str]] | None:
    """Return what an employer's company lacks, all where he has none; None where nobody told."""
    if company is not None:
        return {"missing": company.missing} if company.missing else None
    employer = await session.get(EmployerSnapshot, employer_id)
    has_none = employer is not None and employer.company_id is None
    return {"missing": COMPANY_NEEDS} if has_none else None


def _description(job_id: UUID, jd: JdInfoIn) -> JobDescription:
    given = jd.model_dump()
    return JobDescription(job_id=job_id, **_but_pay(given), **_pay(given))


_PAY = {"salary", "salary_min", "salary_max", "currency", "period"}


def _but_pay(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in _PAY}


def _pay(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a salary: the figures given as such, else those that the text names."""
    least, most, text = (given.get(name) for name in ("salary_min", "salary_max", "salary"))
    salary = parse(text or "")
    if least is not None or most is not None:
        salary = Salary(least, most, given.get("currency") or "USD", given.get("period") or "month")
    return {
        "salary": text or words(salary),
        "salary_min": salary.min if salary else None,
        "salary_max": salary.max if salary else None,
        "salary_currency": salary.currency if salary else None,
        "salary_period": salary.period if salary else None,
    }


def _pay_after(before: JobDescription, jd: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a salary that a change touches: a new text replaces the figures.

    Raises:
        ValidationError: its least would be over its most.
    """
    if "salary" in jd:
        return _pay(jd)
    if not jd.keys() & _PAY:
        return {}
    figures: dict[str, Any] = {
        "salary_min": before.salary_min,
        "salary_max": before.salary_max,
        "currency": before.salary_currency,
        "period": before.salary_period,
    }
    figures |= {name: value for name, value in jd.items() if name in _PAY}
    least, most = figures["salary_min"], figures["salary_max"]
    if least is not None and most is not None and least > most:
        raise wrong_field("jdInfo", "salaryMin must not be over salaryMax")
    cleared = before.salary_min is not None or before.salary_max is not None
    return _pay(figures) if least is not None or most is not None or cleared else {}


async def _link_anew(session: WriteSession, job_id: UUID, changes: UpdateJobIn) -> None:
    """Replace the skills, and the categories, where they are given."""
    for given, link in ((changes.skill_ids, JobSkill), (changes.category_ids, JobCategory)):
        if given is not None:
            await session.execute(delete(link).where(col(link.job_id) == job_id))
    session.add_all(await _links(session, job_id, changes))


async def _links(
    session: WriteSession, job_id: UUID, given: PostJobIn | UpdateJobIn
) -> Sequence[SQLModel]:
    skills = await merged(session, SKILLS, given.skill_ids or ())
    categories = await merged(session, CATEGORIES, given.category_ids or ())
    return [
        *(JobSkill(job_id=job_id, skill_id=id_, position=n) for n, id_ in enumerate(skills)),
        *(JobCategory(job_id=job_id, category_id=c, position=n) for n, c in enumerate(categories)),
    ]
