"""What other services ask of jobs; the gateway routes none of it."""

from fastapi import APIRouter

from libs.common.contracts.jobs import JobFacts
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.service import Read
from services.jobs.queries import jobs

router = APIRouter(include_in_schema=False)


@router.get("/internal/jobs/{job_id}")
async def job_facts(job_id: Id, me: SignedIn, session: Read) -> JobFacts:
    """Tell another service, on behalf of `me`, what is published of a job."""
    return await jobs.job_facts(session, job_id)
