"""What other services ask; the gateway routes none of it."""

from fastapi import APIRouter

from libs.common.errors import Forbidden
from libs.common.identity import CandidateOnly, EmployerOrAdmin, Role
from libs.common.service import Read, Write
from services.applications.api.jobs import KnownJob
from services.applications.commands import sealing
from services.applications.queries.applying import cvs_of_candidate

router = APIRouter(include_in_schema=False)


@router.post("/internal/jobs/{job_id}/seal")
async def seal_job(me: EmployerOrAdmin, job: KnownJob, session: Write) -> bool:
    """Promise the jobs service that no application comes for a job while it closes it."""
    if me.role != Role.ADMIN and job.employer_id != me.user_id:
        raise Forbidden
    await sealing.seal_job(session, job.job_id)
    return True


@router.get("/internal/cvs")
async def cvs_referred_to(me: CandidateOnly, session: Read) -> list[str]:
    """Tell the identity service which of the candidate's stored CVs must stay."""
    return await cvs_of_candidate(session, me.user_id)
