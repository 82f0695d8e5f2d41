"""Finding jobs, and reading one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, Field

from libs.common.envelope import SqlJson
from libs.common.errors import NotFound, ValidationError
from libs.common.ids import Id
from libs.common.openapi import PAGE_HEADERS, openapi_errors
from libs.common.pagination import Paging, Window, feed
from libs.common.reference.salary import LARGEST, Currency
from libs.common.service import Read, Running, service_router
from services.jobs.api.terms import Asked, Term, Terms
from services.jobs.queries import jobs, search
from services.jobs.queries.matches import COUNTED
from services.jobs.schemas.jobs import JobDetailOut, JobOut
from services.jobs.schemas.search import FoundJobsOut
from services.jobs.search import Sort, Wanted
from services.jobs.views import count_view, unwritten

router = service_router("jobs")

_Amount = Annotated[int, Query(ge=0, le=LARGEST)]
_Key = Annotated[int, Field(ge=-1, le=LARGEST)]
_SORT = "By default newest; `salary` is highest first; `relevance` is to `q`."
_HEADERS = PAGE_HEADERS | {
    "X-Total-Count": {
        "schema": {"type": "integer", "maximum": COUNTED},
        "description": f"Jobs found; of more than {COUNTED} so many are counted.",
    },
    "X-Total-Capped": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present where more were found than are counted.",
    },
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


async def _wanted(
    q: Annotated[
        Term | None,
        Query(
            description='Web-search syntax (`"a b"`, `-not`, `or`) over title, company, skills and '
            "description. Where nothing matches, slips of the finger are forgiven."
        ),
    ] = None,
    loc: Annotated[Term | None, Query(description="A place, in any spelling.")] = None,
    skill: Annotated[Terms, Query(description="Names or ids; all of them.")] = [],  # noqa: B006
    cat: Annotated[Terms, Query(description="Names or ids; any of them.")] = [],  # noqa: B006
    job_type: Annotated[Term | None, Query(alias="jobType", examples=["Hybrid"])] = None,
    contract_type: Annotated[Term | None, Query(alias="contractType")] = None,
    level: Annotated[Term | None, Query(examples=["Senior"])] = None,
    company: Annotated[Term | None, Query(description="How its name begins, or its id.")] = None,
    salary_min: Annotated[
        Asked[_Amount],
        Query(description="A month; jobs that may pay it, and those that do not say."),
    ] = None,
    salary_max: Annotated[Asked[_Amount], Query(description="As salary_min.")] = None,
    currency: Annotated[
        Asked[Currency], Query(description="Of salary_min and salary_max; USD by default.")
    ] = None,
    salary_known: Annotated[
        Asked[bool], Query(description="Only jobs that say what they pay.")
    ] = None,
    exp_max: Annotated[
        Asked[Annotated[int, Query(ge=0, le=60)]], Query(description="Years asked for, at most.")
    ] = None,
    posted_within: Annotated[
        Asked[Annotated[int, Query(ge=1, le=3650)]], Query(description="Days.")
    ] = None,
    sort: Annotated[Asked[Sort], Query(description=_SORT)] = None,
) -> Wanted:
    if salary_min is not None and salary_max is not None and salary_min > salary_max:
        raise _refused("salary_max", "Must not be under salary_min")
    return Wanted(
        *(q, loc, skill, cat, job_type, contract_type, level, company, salary_min, salary_max),
        *(currency or "USD", bool(salary_known), exp_max, posted_within, sort or "newest"),
    )


Search = Annotated[Wanted, Depends(_wanted)]


async def _part(
    wanted: Search,
    asked: Paging,
    cursor: Annotated[
        str | None,
        Query(max_length=300, description="Opaque; found in the `Link` to the next page."),
    ] = None,
) -> tuple[Wanted, Window]:
    if asked.offset > search.FURTHEST:
        message = f"Must not be over {search.FURTHEST}: follow the `Link` to the next page"
        raise _refused("offset", message)
    return wanted, await _parts[wanted.sort](asked, cursor)


def _refused(field: str, message: str) -> ValidationError:
    return ValidationError([{"field": field, "message": message, "type": "value_error"}])


_FOUND: dict[int | str, dict[str, Any]] = {200: {"headers": _HEADERS}}


@router.get("/jobs", responses=_FOUND)
async def search_jobs(
    session: Read,
    asked: Annotated[tuple[Wanted, Window], Depends(_part)],  # one: each is read from its fields
    facets: Annotated[
        Asked[bool],
        Query(description="`data` is an object then: what the jobs found share is counted too."),
    ] = None,
) -> SqlJson[list[JobOut] | FoundJobsOut]:
    """Find open jobs, newest first unless `sort` says otherwise."""
    return await search.found_jobs(session, *asked, facets=bool(facets))


@router.get("/jobs/{job_id}", responses=openapi_errors(NotFound))
async def get_job(
    job_id: Id, session: Read, running: Running, request: Request
) -> SqlJson[JobDetailOut]:
    """Read a job in full; one that is no longer open, or hidden, stays readable."""
    detail = await jobs.job_detail(session, job_id, unwritten(running.db)[job_id])
    count_view(running.db, job_id, request.headers)
    return detail
