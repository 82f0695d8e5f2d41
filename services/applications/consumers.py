"""What the applications service keeps of the facts of others."""

from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import JobClosed, JobExpired, JobPosted, JobUpdated
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from services.applications.commands.snapshots import keep_candidate, keep_job


@consumes(JobPosted)
async def on_job_posted(session: WriteSession, event: JobPosted) -> None:
    """Know the job."""
    await keep_job(session, event)


@consumes(JobUpdated)
async def on_job_updated(session: WriteSession, event: JobUpdated) -> None:
    """Know what changed."""
    await keep_job(session, event)


@consumes(JobClosed)
async def on_job_closed(session: WriteSession, event: JobClosed) -> None:
    """Take no more applications for it."""
    await keep_job(session, event)


@consumes(JobExpired)
async def on_job_expired(session: WriteSession, event: JobExpired) -> None:
    """Know that its time is over."""
    await keep_job(session, event)


@consumes(CandidateUpdated)
async def on_candidate_updated(session: WriteSession, event: CandidateUpdated) -> None:
    """Know the candidate's name, address and default CV."""
    await keep_candidate(session, event)


consumers = [
    on_job_posted,
    on_job_updated,
    on_job_closed,
    on_job_expired,
    on_candidate_updated,
]
