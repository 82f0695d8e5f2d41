"""The end of a job's life: closing it, and its expiry."""

from time import monotonic
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select

from libs.common import clock
from libs.common.contracts.jobs import JobClosed, JobExpired
from libs.common.db import Database
from libs.common.errors import Forbidden, NotFound, ServiceUnavailable
from libs.common.identity import Identity, Role
from libs.common.messaging import publish
from libs.common.peers import Peer
from libs.common.sessions import WriteSession
from services.jobs.errors import JobHasPendingApplies
from services.jobs.facts import facts_of
from services.jobs.models import Job
from services.jobs.openings import index_openings
from services.jobs.rules import CLOSES_WITHIN, Status

# A process that is stopped between its look at the clock and its commit has not committed.
_NO_STALLING = text("SET LOCAL idle_in_transaction_session_timeout = '10s'")


async def hold_job(session: WriteSession, me: Identity, job_id: UUID) -> Job:
    """Return a job of the caller's, to an admin any; nobody else changes it meanwhile.

    Raises:
        NotFound: there is none of that id.
        Forbidden: it is another's.
    """
    return check_mine(await session.get(Job, job_id, with_for_update={"key_share": True}), me)


def check_mine(job: Job | None, me: Identity) -> Job:
    """Return the job, if the caller may change it; raises as `hold_job`."""
    if job is None:
        raise NotFound
    if me.role != Role.ADMIN and job.employer_id != me.user_id:
        raise Forbidden
    return job


async def seal_job(db: Database, applications: Peer, me: Identity, job_id: UUID) -> float:
    """Have the applications service take no more applications for a job, for a while.

    No connection is held while it is asked.

    Returns:
        The instant, of `monotonic`, by which the job must be closed.

    Raises:
        NotFound, Forbidden: as `hold_job`.
        JobHasPendingApplies: somebody waits for an answer.
        ServiceUnavailable: the applications service is away.
    """
    async with db.read() as session:
        job = check_mine(await session.get(Job, job_id), me)
    deadline = monotonic() + CLOSES_WITHIN.total_seconds()
    if job.status != Status.CLOSED:
        refused = await applications.post(f"/internal/jobs/{job_id}/seal", me.token)
        if refused is not None:
            raise JobHasPendingApplies(refused["details"])
    return deadline


async def close_job(session: WriteSession, me: Identity, job_id: UUID, deadline: float) -> None:
    """Close a job that was sealed, for good; one that is closed stays as it is.

    Raises:
        NotFound, Forbidden: as `hold_job`.
        ServiceUnavailable: the `deadline` of its seal is over, so that it stays open.
    """
    job = await hold_job(session, me, job_id)
    await session.execute(_NO_STALLING)
    await end(session, [job], Status.CLOSED)
    if monotonic() > deadline:
        raise ServiceUnavailable({"service": "applications"})


async def end(session: WriteSession, jobs: list[Job], status: Status) -> None:
    """Close held jobs, or let them expire, and say so; those that are closed stay as they are."""
    said = JobClosed if status is Status.CLOSED else JobExpired
    ended = [job for job in jobs if job.status != Status.CLOSED]
    if not ended:
        return
    for job in ended:
        job.status, job.updated_at = status, clock.now()
        job.version += 1
    for facts in await facts_of(session, ended):
        publish(session, said(**facts))
    await index_openings(session, [job.id for job in ended])


async def expire_due(session: WriteSession, limit: int) -> int:
    """Let at most `limit` of the jobs expire whose last day is over; return how many that were.

    Those that somebody else holds are his to deal with.
    """
    due = (
        select(Job)
        .where(col(Job.status) == Status.ACTIVE, col(Job.expires_at) <= func.now())
        .order_by(col(Job.expires_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = list((await session.exec(due)).all())
    await end(session, jobs, Status.EXPIRED)
    return len(jobs)
