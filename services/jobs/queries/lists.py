"""Short lists of jobs, built as JSON by PostgreSQL and passed through."""

from typing import Any

from sqlalchemy import TextClause

from libs.common.db import ReadSession
from libs.common.envelope import SqlJson
from libs.common.pagination import Window, page
from services.jobs.queries.parts import JOB_IN_LIST, WITH_COMPANY
from services.jobs.schemas.jobs import JobOut

PAGE_OF = f"""
    WITH found AS ({{found}})
    SELECT (SELECT count(*) FROM found) AS total,
        coalesce(json_agg({JOB_IN_LIST} ORDER BY page.place), '[]')::text AS jobs
    FROM (SELECT id, place FROM found ORDER BY place LIMIT :limit OFFSET :offset) AS page
    JOIN jobs ON jobs.id = page.id {WITH_COMPANY}
"""  # noqa: S608 - put together of constants; what is sent comes in as values
"""A page of jobs, and how many there are; `found` gives the id of each, and its `place`."""


async def page_of(
    session: ReadSession, listed: TextClause, values: dict[str, Any], paging: Window
) -> SqlJson[list[JobOut]]:
    """Read a page of a list that was made of `PAGE_OF`."""
    window = {"limit": paging.limit, "offset": paging.offset}
    total, jobs = (await session.execute(listed, values | window)).one()
    return SqlJson(jobs.encode(), page([], total, paging).headers, total)
