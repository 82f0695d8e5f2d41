"""The jobs of an employer: for everyone, and for himself."""

from libs.common.envelope import SqlJson
from libs.common.errors import Forbidden, Unauthenticated
from libs.common.identity import EmployerOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.service import Hot, Read, Running, service_router
from services.jobs.queries import employers
from services.jobs.schemas.employers import MyJobOut
from services.jobs.schemas.jobs import JobOut
from services.jobs.views import unwritten

router = service_router("jobs")


@router.get("/employers/me/jobs", responses=openapi_errors(Unauthenticated, Forbidden))
async def my_jobs(
    me: EmployerOnly, session: Read, paging: Paging, running: Running
) -> Page[MyJobOut]:
    """List all jobs of mine, newest first, with where they stand and what came of them."""
    return await employers.my_jobs(session, me.user_id, paging, unwritten(running.db))


@router.get("/employers/{employer_id}/jobs")
async def jobs_of_employer(employer_id: Id, rows: Hot, paging: Paging) -> SqlJson[list[JobOut]]:
    """List the open jobs of an employer, newest first; of one who is unknown there are none."""
    return await employers.jobs_of_employer(rows, employer_id, paging)
