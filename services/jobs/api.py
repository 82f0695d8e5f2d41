"""Endpoints of jobs: find, read, post; and of the skills and categories that name them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, AwareDatetime, StringConstraints

from libs.common import clock
from libs.common.contracts.jobs import JobFacts
from libs.common.envelope import SqlJson
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import EmployerOnly, SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging, Window, feed
from libs.common.schemas import tidy
from libs.common.service import Read, Write, service_router
from services.jobs import commands, queries
from services.jobs.errors import CompanyProfileIncomplete, UnknownCategory, UnknownSkill
from services.jobs.schemas import (
    CategoryOut,
    JobDetailOut,
    JobOut,
    PostedJobOut,
    PostJobIn,
    SkillOut,
)
from services.jobs.search import Wanted

public = service_router("jobs")
internal = APIRouter(include_in_schema=False)

Term = Annotated[str, StringConstraints(max_length=200), AfterValidator(tidy)]
Terms = Annotated[list[Term], Query(max_length=20)]
Newest = Annotated[Window, Depends(feed(tuple[AwareDatetime, UUID]))]


async def _wanted(
    q: Annotated[
        Term | None, Query(description='Web-search syntax: `"a b"`, `-not`, `or`.')
    ] = None,
    loc: Annotated[Term | None, Query(description="A place, in any spelling.")] = None,
    skill: Annotated[Terms, Query(description="Names or ids; all of them.")] = [],  # noqa: B006
    cat: Annotated[Terms, Query(description="Names or ids; any of them.")] = [],  # noqa: B006
) -> Wanted:
    return Wanted(q, loc, skill, cat)


@public.get("/jobs")
async def search_jobs(
    session: Read, paging: Newest, wanted: Annotated[Wanted, Depends(_wanted)]
) -> SqlJson[list[JobOut]]:
    """Find open jobs, newest first."""
    return await queries.found_jobs(session, wanted, paging)


@public.get("/jobs/{job_id}", responses=openapi_errors(NotFound))
async def get_job(job_id: Id, session: Read) -> SqlJson[JobDetailOut]:
    """Read a job in full; one that is no longer open stays readable."""
    return await queries.job_detail(session, job_id)


@public.post(
    "/jobs/post",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, CompanyProfileIncomplete, UnknownSkill, UnknownCategory),
        *(IdempotencyKeyInvalid, IdempotencyKeyReused),
    ),
)
async def post_job(me: EmployerOnly, session: Write, once: Once, body: PostJobIn) -> PostedJobOut:
    """Post a job for the company that I stand for; its profile must be complete."""
    job = await commands.post_job(session, me.user_id, body)
    return PostedJobOut(job_id=job.id, title=job.title, post_date=clock.local_date(job.posted_at))


@public.get("/skills")
async def list_skills(
    session: Read,
    paging: Paging,
    q: Annotated[Term | None, Query(description="The beginning, or a part, of a name.")] = None,
) -> Page[SkillOut]:
    """List skills, the best known first; with `q`, those that begin with it before the others."""
    return await queries.skills_like(session, q, paging)


@public.get("/categories")
async def list_categories(session: Read) -> list[CategoryOut]:
    """List the fields of work, in the caller's language."""
    return await queries.all_categories(session)


@internal.get("/internal/jobs/{job_id}")
async def job_facts(job_id: Id, me: SignedIn, session: Read) -> JobFacts:
    """Tell another service, on behalf of `me`, what is published of a job."""
    return await queries.job_facts(session, job_id)


# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[*public.routes, *internal.routes])
