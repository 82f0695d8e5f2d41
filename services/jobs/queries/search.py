"""The list of open jobs, built as JSON by PostgreSQL and passed through: it is read most.

However many jobs match, a page costs little: what is counted, ranked and summed up is bounded, see
`matches`. One plan suits all that is asked for, hence it is kept: only the size of the page is
written into the statement.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from libs.common.context import language
from libs.common.envelope import SqlJson
from libs.common.pagination import Window, feed_headers
from libs.common.rows import Rows
from services.jobs.queries.facets import facets_of
from services.jobs.queries.matches import COUNTED
from services.jobs.queries.names import facets_named, meant_by
from services.jobs.queries.pages import ranked_page, sorted_page
from services.jobs.schemas.jobs import JobOut
from services.jobs.schemas.search import FURTHEST, FoundJobsOut, Wanted
from services.jobs.search import Condition, conditions, names, query

Found = SqlJson[list[JobOut] | FoundJobsOut]


async def found_jobs(rows: Rows, wanted: Wanted, paging: Window, *, facets: bool = False) -> Found:
    """List the open jobs that are wanted, and what they have in common if `facets`.

    Where nothing matches, words that no job has in its title, company or skills are taken for
    slips of those that some have, and the answer says so.
    """
    corrected: dict[str, str] = {}
    groups = await facets_named(rows, names(wanted))
    asked = query(wanted, {})
    where = conditions(wanted, groups, asked)
    total, jobs, last = await _page(rows, wanted, paging, where, asked)
    if not total and asked and (meant := await meant_by(rows, wanted.q or "")):
        asked = query(wanted, meant)
        where = conditions(wanted, groups, asked)
        total, jobs, last = await _page(rows, wanted, paging, where, asked)
        corrected = (
            {typed: " ".join(words) for typed, words in sorted(meant.items())} if total else {}
        )
    data = jobs.encode()
    headers = _headers(total, paging, last)
    if corrected:
        headers["X-Corrected"] = urlencode(corrected)
    if facets:
        [(shared,)] = await rows.read(facets_of(where), **where.values, language=language())
        headers["X-Facets-Over"] = str(min(total, COUNTED))
        data = b'{"items":%b,"facets":%b}' % (data, shared.encode())
    return SqlJson(data, headers, min(total, COUNTED))


async def _page(
    rows: Rows, wanted: Wanted, paging: Window, where: Condition, asked: Condition | None
) -> tuple[int, str, Any]:
    """Return the number of matches, a page of them as JSON, and its last keys if more follow."""
    # It is ranked by what is asked for, whether or not `where` asks for that too.
    ranked = asked or Condition("''", {})
    if wanted.sort == "relevance":
        sql, place = ranked_page(where, ranked.sql, paging.after)
    else:
        sql, place = sorted_page(where, wanted.sort, paging.after)
    sql = sql.replace(":limit", str(paging.limit)).replace(":offset", str(paging.offset))
    values = {**ranked.values, **where.values, **place}
    [(total, jobs, last)] = await rows.read(sql, **values)
    return total, jobs, last


def _headers(total: int, paging: Window, last: Any) -> dict[str, str]:
    if paging.offset + paging.limit > FURTHEST:
        paging = replace(paging, offset=0)
    headers = feed_headers(min(total, COUNTED), paging, last)
    return headers | ({"X-Total-Capped": "true"} if total > COUNTED else {})
