"""Jobs beside a job: those that its employer has set there, else those that are like it."""

from libs.common.envelope import SqlJson
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import EmployerOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Paging
from libs.common.service import Hot, Write, service_router
from services.jobs.commands import relations as commands
from services.jobs.errors import InvalidRelation
from services.jobs.queries import relations as queries
from services.jobs.schemas.jobs import JobOut
from services.jobs.schemas.relations import RelateIn, RelationOut

router = service_router("jobs")


@router.post(
    "/jobs/{job_id}/relate",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, InvalidRelation),
)
async def relate_job(job_id: Id, me: EmployerOnly, session: Write, body: RelateIn) -> RelationOut:
    """Set another open job of the same company beside one of mine."""
    await commands.relate_job(session, me, job_id, body.related_job_id)
    return RelationOut(source_job_id=job_id, related_job_id=body.related_job_id)


@router.get("/jobs/{job_id}/related", responses=openapi_errors(NotFound))
async def related_jobs(job_id: Id, rows: Hot, paging: Paging) -> SqlJson[list[JobOut]]:
    """List the open jobs that stand beside a job, else up to 100 that are most like it."""
    return await queries.related_jobs(rows, job_id, paging)


@router.delete(
    "/jobs/{job_id}/relate/{related_id}",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound),
)
async def unrelate_job(job_id: Id, related_id: Id, me: EmployerOnly, session: Write) -> bool:
    """Take a job away from beside one of mine."""
    await commands.unrelate_job(session, me, job_id, related_id)
    return True
