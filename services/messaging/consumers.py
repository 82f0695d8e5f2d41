"""What the messaging service keeps of the facts of others, and whom it tells of them."""

from libs.common.contracts.applications import (
    ApplicationStatusChanged,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    FeedbackSubmitted,
)
from libs.common.contracts.auth import CandidateUpdated, UserActivated, UserRegistered, UserUpdated
from libs.common.contracts.jobs import JobExpired, JobPosted
from libs.common.mail import send_mail
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from services.messaging.commands.fan_out import fan_out, tell_followers
from services.messaging.commands.mails import mail_notification
from services.messaging.commands.notifications import notify
from services.messaging.commands.people import keep_candidate, keep_person


@consumes(UserRegistered)
async def on_user_registered(session: WriteSession, event: UserRegistered) -> None:
    """Know the person, who cannot be written to yet."""
    await keep_person(session, event)


@consumes(UserActivated)
async def on_user_activated(session: WriteSession, event: UserActivated) -> None:
    """Let the person be written to."""
    await keep_person(session, event)


@consumes(UserUpdated)
async def on_user_updated(session: WriteSession, event: UserUpdated) -> None:
    """Know what changed."""
    await keep_person(session, event)


@consumes(CandidateUpdated)
async def on_candidate_updated(session: WriteSession, event: CandidateUpdated) -> None:
    """Know what the candidate calls himself."""
    await keep_candidate(session, event)


@consumes(ApplicationSubmitted)
async def on_application_submitted(session: WriteSession, event: ApplicationSubmitted) -> None:
    """Tell the employer."""
    await notify(session, event)


@consumes(ApplicationStatusChanged)
async def on_application_moved(session: WriteSession, event: ApplicationStatusChanged) -> None:
    """Tell the candidate."""
    await notify(session, event)


@consumes(ApplicationWithdrawn)
async def on_application_withdrawn(session: WriteSession, event: ApplicationWithdrawn) -> None:
    """Tell the employer."""
    await notify(session, event)


@consumes(FeedbackSubmitted)
async def on_feedback_submitted(session: WriteSession, event: FeedbackSubmitted) -> None:
    """Tell the employer, but not by whom."""
    await notify(session, event)


@consumes(JobPosted)
async def on_job_posted(session: WriteSession, event: JobPosted) -> None:
    """Have the employer's followers told."""
    fan_out(session, event)


@consumes(JobExpired)
async def on_job_expired(session: WriteSession, event: JobExpired) -> None:
    """Tell the employer."""
    await notify(session, event)


consumers = [
    on_user_registered,
    on_user_activated,
    on_user_updated,
    on_candidate_updated,
    on_application_submitted,
    on_application_moved,
    on_application_withdrawn,
    on_feedback_submitted,
    on_job_posted,
    on_job_expired,
    tell_followers,
    mail_notification,
    send_mail,
]
