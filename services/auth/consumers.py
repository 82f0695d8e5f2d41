"""What the identity service hears from others."""

from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.contracts.jobs import (
    JobClosed,
    JobExpired,
    JobFacts,
    JobPosted,
    JobUpdated,
    SkillUpdated,
)
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from libs.common.snapshots import keep_newest
from services.auth.commands.employers import keep_rating
from services.auth.commands.privacy import keep_receipt
from services.auth.models import JobSnapshot, SkillSnapshot


@consumes(PersonalDataErased)
async def on_personal_data_erased(session: WriteSession, event: PersonalDataErased) -> None:
    """Know how far an erasure has come."""
    await keep_receipt(session, event)


@consumes(JobPosted)
async def on_job_posted(session: WriteSession, event: JobPosted) -> None:
    """Count the job."""
    await _keep_job(session, event)


@consumes(JobUpdated)
async def on_job_updated(session: WriteSession, event: JobUpdated) -> None:
    """Know until when it is open."""
    await _keep_job(session, event)


@consumes(JobClosed)
async def on_job_closed(session: WriteSession, event: JobClosed) -> None:
    """Count it no more."""
    await _keep_job(session, event)


@consumes(JobExpired)
async def on_job_expired(session: WriteSession, event: JobExpired) -> None:
    """Know that it is open no more."""
    await _keep_job(session, event)


@consumes(SkillUpdated)
async def on_skill_updated(session: WriteSession, event: SkillUpdated) -> None:
    """Know what it is called, and which other it turned out to be."""
    await keep_newest(session, SkillSnapshot, event.model_dump())


@consumes(FeedbackSubmitted)
async def on_feedback_submitted(session: WriteSession, event: FeedbackSubmitted) -> None:
    """Know how the employer is rated."""
    await keep_rating(session, event)


async def _keep_job(session: WriteSession, job: JobFacts) -> None:
    await keep_newest(session, JobSnapshot, job.model_dump(include=set(JobSnapshot.model_fields)))


consumers = [
    on_personal_data_erased,
    on_job_posted,
    on_job_updated,
    on_job_closed,
    on_job_expired,
    on_skill_updated,
    on_feedback_submitted,
]
