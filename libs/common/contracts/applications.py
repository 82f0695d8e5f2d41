"""What the applications service says."""

from datetime import datetime
from uuid import UUID

from libs.common.events import Event, event


class _Application(Event):
    application_id: UUID
    job_id: UUID
    job_title: str
    company_name: str
    employer_id: UUID
    candidate_id: UUID
    candidate_name: str


@event("application.submitted", subject="application_id", person="candidate_id")
class ApplicationSubmitted(_Application):
    """A candidate applied for a job."""

    submitted_at: datetime


@event("application.status_changed", subject="application_id", person="candidate_id")
class ApplicationStatusChanged(_Application):
    """The employer moved an application."""

    from_status: str
    to_status: str
    changed_at: datetime


@event("application.withdrawn", subject="application_id", person="candidate_id")
class ApplicationWithdrawn(_Application):
    """The candidate took an application back. He may apply again: that is another one."""

    from_status: str
    withdrawn_at: datetime


@event("feedback.submitted", subject="feedback_id")
class FeedbackSubmitted(Event):
    """Somebody who was accepted has rated a job. Who it was is not told.

    What has the greater count is the newer: a rating, once given, stays.
    """

    feedback_id: UUID
    job_id: UUID
    job_title: str | None = None
    employer_id: UUID
    rank: int
    """1 to 5."""
    job_count: int
    """How many have rated the job, this one included."""
    job_sum: int
    """Of their ranks."""
    employer_count: int
    """The same over all jobs of the employer."""
    employer_sum: int
    submitted_at: datetime
