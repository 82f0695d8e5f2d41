"""Closing jobs."""

from typing import Annotated

from fastapi import Depends

from libs.common.errors import Forbidden, NotFound, ServiceUnavailable, Unauthenticated
from libs.common.identity import EmployerOrAdmin
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.service import Running, Write, service_router
from services.jobs.commands import lifecycle
from services.jobs.errors import JobHasPendingApplies

router = service_router("jobs")


async def _sealed(job_id: Id, me: EmployerOrAdmin, running: Running) -> float:
    return await lifecycle.seal_job(running.db, running.peers["applications"], me, job_id)


# `deadline` stands before `session`: the peer is asked before anything is held.
@router.delete(
    "/jobs/delete/{job_id}",
    responses=openapi_errors(
        Unauthenticated, Forbidden, NotFound, JobHasPendingApplies, ServiceUnavailable
    ),
)
async def close_job(
    job_id: Id, me: EmployerOrAdmin, deadline: Annotated[float, Depends(_sealed)], session: Write
) -> bool:
    """Close a job of mine, for good; it stays readable. Nobody who applied may be waiting.

    `JOB_HAS_PENDING_APPLIES` says in `details` how many are: `{"pending": 2}`.
    """
    await lifecycle.close_job(session, me, job_id, deadline)
    return True
