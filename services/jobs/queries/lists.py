"""Short lists of jobs, built as JSON by PostgreSQL and passed through."""

from typing import Any

from libs.common.envelope import SqlJson
from libs.common.pagination import Window, page
from libs.common.rows import Rows
from services.jobs.queries.parts import JOB_IN_LIST, WITH_COMPANY
from services.jobs.schemas.jobs import JobOut

_PAGE_OF = f"""
    WITH found AS ({{found}})
    SELECT (SELECT count(*) FROM found) AS total,
        coalesce(json_agg({JOB_IN_LIST} ORDER BY page.place), '[]')::text AS jobs
    FROM (SELECT id, place FROM found ORDER BY place LIMIT :limit OFFSET :offset) AS page
    JOIN jobs ON jobs.id = page.id {WITH_COMPANY}
"""  # noqa: S608 - put together of constants; what is sent comes in as values


async def page_of(rows: Rows, found: str, paging: Window, **values: Any) -> SqlJson[list[JobOut]]:
    """Read a page of the list that is `found`: the SQL for the id of each, and its `place`."""
    window = {"limit": paging.limit, "offset": paging.offset}
    [(total, jobs)] = await rows.read(_PAGE_OF.format(found=found), **values, **window)
    return SqlJson(jobs.encode(), page([], total, paging).headers, total)
