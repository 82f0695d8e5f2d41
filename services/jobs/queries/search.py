"""The list of open jobs, built as JSON by PostgreSQL and passed through: it is read most.

However many jobs match, a page costs little: what is counted, ranked and summed up is bounded, see
`matches`. One plan suits all that is asked for, hence it is kept: only the size of the page is
written into the statement (`literal_execute`).
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Integer, TextClause, bindparam, text

from libs.common.context import language
from libs.common.db import ReadSession
from libs.common.envelope import SqlJson
from libs.common.pagination import Window, feed_headers
from services.jobs.queries.facets import facets_of
from services.jobs.queries.matches import COUNTED
from services.jobs.queries.names import meant_by, numbers
from services.jobs.queries.pages import ranked_page, sorted_page
from services.jobs.schemas.jobs import JobOut
from services.jobs.schemas.search import FoundJobsOut
from services.jobs.search import Condition, Wanted, conditions, names, query

Found = SqlJson[list[JobOut] | FoundJobsOut]
FURTHEST = 10_000
"""Rows that may be passed over by offset; a cursor leads on from there."""


async def found_jobs(
    session: ReadSession, wanted: Wanted, paging: Window, *, facets: bool = False
) -> Found:
    """List the open jobs that are wanted, and what they have in common if `facets`.

    Where nothing matches, words that no job has in its title, company or skills are taken for
    slips of those that some have, and the answer says so.
    """
    corrected: dict[str, str] = {}
    groups = await numbers(session, names(wanted))
    asked = query(wanted, {})
    where = conditions(wanted, groups, asked)
    total, jobs, last = await _page(session, wanted, paging, where, asked)
    if not total and asked and (meant := await meant_by(session, wanted.q or "")):
        asked = query(wanted, meant)
        where = conditions(wanted, groups, asked)
        total, jobs, last = await _page(session, wanted, paging, where, asked)
        corrected = (
            {typed: " ".join(words) for typed, words in sorted(meant.items())} if total else {}
        )
    data = jobs.encode()
    headers = _headers(total, paging, last)
    if corrected:
        headers["X-Corrected"] = urlencode(corrected)
    if facets:
        values = {**where.values, "language": language()}
        shared: str = (await session.execute(_statement(facets_of(where)), values)).scalar_one()
        headers["X-Facets-Over"] = str(min(total, COUNTED))
        data = b'{"items":%b,"facets":%b}' % (data, shared.encode())
    return SqlJson(data, headers, min(total, COUNTED))


async def _page(
    session: ReadSession,
    wanted: Wanted,
    paging: Window,
    where: Condition,
    asked: Condition | None,
) -> tuple[int, str, Any]:
    """Return the number of matches, a page of them as JSON, and its last keys if more follow."""
    if wanted.sort == "relevance":
        sql, place = ranked_page(where, asked.sql if asked else "''", paging.after)
    else:
        sql, place = sorted_page(where, wanted.sort, paging.after)
    window = {"limit": paging.limit, "offset": paging.offset}
    found = await session.execute(_statement(sql), {**where.values, **place, **window})
    total, jobs, last = found.one()
    return total, jobs, last


@lru_cache(256)
def _statement(sql: str) -> TextClause:
    window = [name for name in ("limit", "offset") if f":{name}" in sql]
    return text(sql).bindparams(
        *(bindparam(name, type_=Integer(), literal_execute=True) for name in window)
    )


def _headers(total: int, paging: Window, last: Any) -> dict[str, str]:
    if paging.offset + paging.limit > FURTHEST:
        paging = replace(paging, offset=0)
    headers = feed_headers(min(total, COUNTED), paging, last)
    return headers | ({"X-Total-Capped": "true"} if total > COUNTED else {})
