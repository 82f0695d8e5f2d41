"""Finding jobs, and reading one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import AwareDatetime, Field

from libs.common.envelope import SqlJson
from libs.common.errors import NotFound, wrong_field
from libs.common.ids import Id
from libs.common.openapi import counted_to, openapi_errors
from libs.common.pagination import Window, feed
from libs.common.query import pairs_of, query_parameters, read_query
from libs.common.reference.salary import LARGEST
from libs.common.service import Hot, Running, service_router
from services.jobs.queries import jobs, search
from services.jobs.queries.matches import COUNTED
from services.jobs.schemas.jobs import JobDetailOut, JobOut
from services.jobs.schemas.search import FoundJobsOut, SearchIn
from services.jobs.views import count_view, unwritten

router = service_router("jobs")

_Key = Annotated[int, Field(ge=-1, le=LARGEST)]
_HEADERS = counted_to(COUNTED) | {
    "X-Corrected": {
        "schema": {"type": "string", "examples": ["jvaa=java&devloper=developer"]},
        "description": "Present where nothing matched until words of `q` were taken for slips:"
        " what each was taken for, form-encoded.",
    },
    "X-Facets-Over": {
        "schema": {"type": "integer", "maximum": COUNTED},
        "description": "Jobs that the facets are counted over, where they are asked for:"
        f" all that were found, or the newest {COUNTED}.",
    },
}
_parts = {
    "newest": feed(tuple[AwareDatetime, UUID]),
    "salary": feed(tuple[_Key, AwareDatetime, UUID]),
    "relevance": feed(tuple[_Key, AwareDatetime, UUID, AwareDatetime, UUID]),
}


async def _asked(request: Request) -> tuple[SearchIn, Window]:
    pairs = pairs_of(request)
    asked = read_query(SearchIn, pairs)
    if asked.salary_min and asked.salary_max is not None and asked.salary_min > asked.salary_max:
        raise wrong_field("salary_max", "Must not be under salary_min")
    window = Window(asked.limit, asked.offset, request.scope["path"], pairs)
    return asked, await _parts[asked.sort](window, asked.cursor)


_FOUND: dict[int | str, dict[str, Any]] = {200: {"headers": _HEADERS}}


@router.get("/jobs", responses=_FOUND, openapi_extra=query_parameters(SearchIn))
async def search_jobs(
    rows: Hot, asked: Annotated[tuple[SearchIn, Window], Depends(_asked)]
) -> SqlJson[list[JobOut] | FoundJobsOut]:
    """Find open jobs, newest first unless `sort` says otherwise."""
    wanted, window = asked
    return await search.found_jobs(rows, wanted, window, facets=wanted.facets)


@router.get("/jobs/{job_id}", responses=openapi_errors(NotFound))
async def get_job(
    job_id: Id, rows: Hot, running: Running, request: Request
) -> SqlJson[JobDetailOut]:
    """Read a job in full; one that is no longer open, or hidden, stays readable."""
    detail = await jobs.job_detail(rows, job_id, unwritten(running.db)[job_id])
    count_view(running.db, job_id, request.headers)
    return detail
