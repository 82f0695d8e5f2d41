"""One job: in full for everyone, as a fact for another service."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal_column, select
from sqlmodel import col

from libs.common.context import language
from libs.common.contracts.jobs import JobFacts
from libs.common.envelope import SqlJson
from libs.common.errors import NotFound
from libs.common.rows import Rows
from libs.common.sessions import ReadSession
from services.jobs.models import CompanySnapshot, Job
from services.jobs.queries.parts import (
    CATEGORIES_OF,
    LAST_DAY,
    POST_DATE,
    RATING,
    SKILLS_OF,
    STATUS,
    STATUS_TOLD,
    WITH_COMPANY,
    WITHHELD,
)
from services.jobs.schemas.jobs import JobDetailOut

_DETAIL = f"""
    SELECT json_build_object(
        'jobInfo', json_build_object(
            'id', jobs.id,
            'title', jobs.title,
            'employerId', jobs.employer_id,
            'postDate', {POST_DATE},
            'expireDate', {LAST_DAY},
            'viewCount', :unwritten + coalesce(
                (SELECT views FROM job_views WHERE job_id = jobs.id), 0
            ),
            'status', {STATUS}
        ),
        'company', json_build_object(
            'id', company.company_id, 'name', company.name, 'avatar', company.logo_url
        ),
        'jd', json_build_object(
            'description', jd.description,
            'requirements', jd.requirements,
            'benefits', jd.benefits,
            'location', jd.location,
            'salary', jd.salary,
            'salaryMin', jd.salary_min,
            'salaryMax', jd.salary_max,
            'currency', jd.salary_currency,
            'period', jd.salary_period,
            'quantity', jd.quantity,
            'expYear', jd.exp_year,
            'level', jd.level,
            'contractType', jd.contract_type,
            'jobType', jd.job_type
        ),
        'skills', {SKILLS_OF},
        'categories', {CATEGORIES_OF},
        'rating', {RATING}
    )::text
    FROM jobs {WITH_COMPANY} WHERE jobs.id = :job_id AND NOT {WITHHELD}
"""  # noqa: S608 - put together of constants; what is sent comes in as values


async def job_detail(rows: Rows, job_id: UUID, unwritten: int) -> SqlJson[JobDetailOut]:
    """Return a job in full, open or not; `unwritten` are views that are not in the database yet.

    Raises:
        NotFound: there is none of that id, or its employer is deactivated.
    """
    found = await rows.read(_DETAIL, job_id=job_id, language=language(), unwritten=unwritten)
    if not found:
        raise NotFound
    [(detail,)] = found
    return SqlJson(detail.encode())


async def job_facts(session: ReadSession, job_id: UUID) -> JobFacts:
    """Return a job as it is published.

    Raises:
        NotFound: there is none of that id.
    """
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(Job.id).label("job_id"),
            col(Job.employer_id),
            col(Job.title),
            col(CompanySnapshot.name).label("company_name"),
            literal_column(STATUS_TOLD).label("status"),
            col(Job.expires_at),
            col(Job.version),
        )
        .join(CompanySnapshot, col(CompanySnapshot.company_id) == col(Job.company_id))
        .where(col(Job.id) == job_id)
    )
    row = (await session.execute(asked)).mappings().first()
    if row is None:
        raise NotFound
    return JobFacts.model_validate(row)
