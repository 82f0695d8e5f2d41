"""The jobs of an employer: for everyone, and for himself."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col

from libs.common.envelope import SqlJson
from libs.common.pagination import Page, Window, page
from libs.common.rows import Rows
from libs.common.sessions import ReadSession
from services.jobs.models import Job
from services.jobs.queries.lists import page_of
from services.jobs.queries.parts import IS_OPEN, LAST_DAY, POST_DATE, STATUS
from services.jobs.schemas.employers import MyJobOut
from services.jobs.schemas.jobs import JobOut

_OPEN_ONES = f"""
    SELECT id, row_number() OVER (ORDER BY posted_at DESC, id DESC) AS place
    FROM jobs WHERE employer_id = :employer_id AND {IS_OPEN}
"""  # noqa: S608 - put together of constants, as below
_MINE = text(
    f"""
    SELECT id AS job_id, title, {STATUS} AS status,
        {POST_DATE} AS post_date,
        {LAST_DAY} AS expire_date,
        coalesce((SELECT views FROM job_views WHERE job_id = jobs.id), 0) AS view_count,
        (SELECT count(*) FROM job_applies WHERE job_id = jobs.id) AS applies
    FROM jobs WHERE employer_id = :employer_id
    ORDER BY posted_at DESC, id DESC LIMIT :limit OFFSET :offset
    """  # noqa: S608
)


async def jobs_of_employer(rows: Rows, employer_id: UUID, paging: Window) -> SqlJson[list[JobOut]]:
    """List an employer's open jobs, newest first."""
    return await page_of(rows, _OPEN_ONES, paging, employer_id=employer_id)


async def my_jobs(
    session: ReadSession, employer_id: UUID, paging: Window, unwritten: Mapping[UUID, int]
) -> Page[MyJobOut]:
    """List all jobs of an employer, newest first; `unwritten` are views not in the database yet."""
    values = {"employer_id": employer_id, "limit": paging.limit, "offset": paging.offset}
    rows = [dict(row) for row in (await session.execute(_MINE, values)).mappings()]
    for row in rows:
        row["view_count"] += unwritten.get(row["job_id"], 0)
    mine = select(func.count()).select_from(Job).where(col(Job.employer_id) == employer_id)
    total = await session.scalar(mine) or 0
    return page([MyJobOut.model_validate(row) for row in rows], total, paging)
