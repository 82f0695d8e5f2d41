"""The job that a path names, for endpoints that are about one."""

from typing import Annotated

from fastapi import Depends

from libs.common.contracts.jobs import JobFacts
from libs.common.errors import Forbidden
from libs.common.identity import EmployerOnly, SignedIn
from libs.common.ids import Id
from libs.common.service import Running
from services.applications.commands.snapshots import known_job


async def _known_job(job_id: Id, me: SignedIn, running: Running) -> JobFacts:
    return await known_job(running.db, running.peers["jobs"], job_id, me.token)


KnownJob = Annotated[JobFacts, Depends(_known_job)]
"""Heard of, or asked of its owner; 404 if nobody knows it."""


async def _own_job(me: EmployerOnly, job: KnownJob) -> JobFacts:
    if job.employer_id != me.user_id:
        raise Forbidden
    return job


OwnJob = Annotated[JobFacts, Depends(_own_job)]
"""The same, of the employer who asks."""
