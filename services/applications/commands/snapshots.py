"""What is kept of the facts of others: jobs and candidates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import JobFacts
from libs.common.db import Database
from libs.common.errors import NotFound, TokenInvalid
from libs.common.peers import Peer
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.applications.models import CandidateSnapshot, JobSnapshot
from services.applications.rules import has_lapsed

_JOB = f"""
    SELECT {", ".join(JobFacts.model_fields)}, sealed_until
    FROM job_snapshots WHERE job_id = :job_id
"""  # noqa: S608 - names of our own


async def known_job(db: Database, jobs: Peer, job_id: UUID, token: str) -> JobFacts:
    """Return a job, asking its owner where that was not heard of, or a seal ran out on it.

    What the peer tells is kept. Each look at the database is a transaction of its own: nothing is
    held while the peer is asked.

    Raises:
        NotFound: nobody knows it.
        ServiceUnavailable: only the jobs service could tell, and it does not answer.
    """
    sealed_until = None
    for *row, sealed_until in await db.rows.read(_JOB, job_id=job_id):
        known = JobFacts(**dict(zip(JobFacts.model_fields, row, strict=True)))
        if not has_lapsed(known.status, sealed_until, clock.now()):
            return known
    answer = await jobs.get(f"/internal/jobs/{job_id}", token)
    if answer is None:
        raise NotFound
    heard = JobFacts.model_validate(answer)
    async with db.write() as session:
        await keep_job(session, heard)
        if sealed_until is not None:
            await _lift_seal(session, job_id, sealed_until)
    return heard


async def _lift_seal(session: WriteSession, job_id: UUID, until: datetime) -> None:
    """Take off a seal that had run out before the peer was asked; a newer one stays."""
    its = (col(JobSnapshot.job_id) == job_id, col(JobSnapshot.sealed_until) == until)
    await session.execute(update(JobSnapshot).where(*its).values(sealed_until=None))


async def keep_job(session: WriteSession, job: JobFacts) -> None:
    """Remember a job, unless something newer of it is known already."""
    await keep_newest(session, JobSnapshot, job.model_dump())


async def keep_candidate(session: WriteSession, candidate: CandidateUpdated) -> None:
    """Remember a candidate, unless something newer of him is known already."""
    facts = candidate.model_dump(include=set(CandidateSnapshot.model_fields))
    await keep_newest(session, CandidateSnapshot, facts)


async def hold_candidate(session: WriteSession, candidate_id: UUID) -> None:
    """See to it that a candidate is not erased before this transaction ends.

    Raises:
        TokenInvalid: he has just been erased.
    """
    candidate = await session.get(CandidateSnapshot, candidate_id, with_for_update={"read": True})
    if candidate is not None and candidate.version == ERASED:
        raise TokenInvalid
