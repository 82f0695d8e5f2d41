"""What everyone reads of jobs, skills and categories.

The list and the detail are built as JSON by PostgreSQL and passed through: they are read most.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlmodel import col

from libs.common.context import language
from libs.common.contracts.jobs import JobFacts
from libs.common.db import ReadSession
from libs.common.envelope import SqlJson
from libs.common.errors import NotFound
from libs.common.pagination import Page, Window, feed_headers, page
from libs.common.text import fold
from services.jobs.models import Category, CompanySnapshot, Job
from services.jobs.schemas import CategoryOut, JobDetailOut, JobOut, SkillOut
from services.jobs.search import Wanted, behind, conditions

_SKILLS = """(
    SELECT coalesce(json_agg(skills.name ORDER BY job_skills.position), '[]')
    FROM job_skills JOIN skills ON skills.id = job_skills.skill_id
    WHERE job_skills.job_id = jobs.id
)"""
_CATEGORIES = """(
    SELECT coalesce(json_agg(
        CASE :language WHEN 'en' THEN name_en ELSE name_vi END ORDER BY job_categories.position
    ), '[]')
    FROM job_categories JOIN categories ON categories.id = job_categories.category_id
    WHERE job_categories.job_id = jobs.id
)"""
_FROM = """
    JOIN job_descriptions AS jd ON jd.job_id = jobs.id
    JOIN company_snapshots AS company ON company.company_id = jobs.company_id
"""
# `found` holds one row more than the page; if it is there, `last` are the page's last keys.
_PAGE = f"""
    WITH found AS (
        SELECT id, posted_at FROM jobs WHERE {{where}} AND {{behind}}
        ORDER BY posted_at DESC, id DESC LIMIT :limit + 1 OFFSET :offset
    ), page AS (
        SELECT id, posted_at FROM found ORDER BY posted_at DESC, id DESC LIMIT :limit
    )
    SELECT coalesce(json_agg(json_build_object(
        'jobId', jobs.id,
        'title', jobs.title,
        'companyName', company.name,
        'logoUrl', company.logo_url,
        'salary', jd.salary,
        'location', jd.location,
        'skills', {_SKILLS},
        'postDate', CAST(jobs.posted_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
    ) ORDER BY page.posted_at DESC, page.id DESC), '[]')::text AS jobs, (
        SELECT json_build_array(posted_at, id) FROM page
        WHERE (SELECT count(*) FROM found) > :limit ORDER BY posted_at, id LIMIT 1
    ) AS last
    FROM page JOIN jobs ON jobs.id = page.id {_FROM}
"""  # noqa: S608 - put together of constants; what is sent comes in as values
_COUNT = "SELECT count(*) FROM jobs WHERE {where}"
_DETAIL = text(
    f"""
    SELECT json_build_object(
        'jobInfo', json_build_object(
            'id', jobs.id,
            'title', jobs.title,
            'expireDate', CAST(jobs.expires_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - 1,
            'viewCount', 0,
            'status', CASE
                WHEN jobs.status = 'Active' AND jobs.expires_at <= now() THEN 'Expired'
                ELSE jobs.status
            END
        ),
        'company', json_build_object(
            'id', company.company_id, 'name', company.name, 'avatar', company.logo_url
        ),
        'jd', json_build_object(
            'description', jd.description,
            'requirements', jd.requirements,
            'benefits', jd.benefits,
            'location', jd.location,
            'jobType', jd.job_type
        ),
        'skills', {_SKILLS},
        'categories', {_CATEGORIES}
    )::text
    FROM jobs {_FROM} WHERE jobs.id = :job_id
    """  # noqa: S608 - put together of constants; what is sent comes in as values
)
_SKILLS_LIKE = text(
    """
    SELECT skills.id, skills.name FROM skills, unnest(keys) AS key
    WHERE strpos(key, :q) > 0
    GROUP BY skills.id
    ORDER BY min(CASE WHEN key = :q THEN 0 WHEN starts_with(key, :q) THEN 1 ELSE 2 END), skills.id
    LIMIT :limit OFFSET :offset
    """
)
_COUNT_SKILLS_LIKE = text(
    "SELECT count(DISTINCT skills.id) FROM skills, unnest(keys) AS key WHERE strpos(key, :q) > 0"
)


async def found_jobs(session: ReadSession, wanted: Wanted, paging: Window) -> SqlJson[list[JobOut]]:
    """List the open jobs that are wanted, newest first."""
    where, values = conditions(wanted)
    total = await session.scalar(text(_COUNT.format(where=where)), values) or 0
    further, newer = behind(paging.after)
    window = {"limit": paging.limit, "offset": paging.offset, **newer}
    asked = text(_PAGE.format(where=where, behind=further))
    jobs, last = (await session.execute(asked, values | window)).one()
    return SqlJson(jobs.encode(), feed_headers(total, paging, last), total)


async def job_detail(session: ReadSession, job_id: UUID) -> SqlJson[JobDetailOut]:
    """Return a job in full, open or not.

    Raises:
        NotFound: there is none of that id.
    """
    values = {"job_id": job_id, "language": language()}
    detail: str | None = await session.scalar(_DETAIL, values)
    if detail is None:
        raise NotFound
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
            col(Job.status),
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


async def skills_like(session: ReadSession, q: str | None, paging: Window) -> Page[SkillOut]:
    """List the skills of which a name or alias has `q` in it: first where it begins with it."""
    values: dict[str, Any] = {"q": fold(q or "")}
    window = {"limit": paging.limit, "offset": paging.offset}
    rows = await session.execute(_SKILLS_LIKE, values | window)
    total = await session.scalar(_COUNT_SKILLS_LIKE, values) or 0
    return page([SkillOut.model_validate(row) for row in rows], total, paging)


async def all_categories(session: ReadSession) -> list[CategoryOut]:
    """List the fields of work, named in the caller's language."""
    rows = await session.scalars(select(Category).order_by(col(Category.id)))
    english = language() == "en"
    return [CategoryOut(id=c.id, name=c.name_en if english else c.name_vi) for c in rows]
