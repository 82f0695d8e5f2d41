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
