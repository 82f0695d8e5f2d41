"""What the jobs service says of its postings."""

from datetime import datetime
from uuid import UUID

from libs.common.events import Event, event


class JobFacts(Event):
    """A job as others need it; `expires_at` is the instant from which it is no longer open."""

    job_id: UUID
    employer_id: UUID
    title: str
    company_name: str
    status: str
    """`Active`, `Hidden`, `Expired`, `Closed`; `Withheld` while its employer is deactivated."""
    expires_at: datetime
    version: int


@event("job.posted", subject="job_id")
class JobPosted(JobFacts):
    """A job can be found and applied to."""


@event("job.updated", subject="job_id")
class JobUpdated(JobFacts):
    """A job's facts changed."""


@event("job.closed", subject="job_id")
class JobClosed(JobFacts):
    """The employer closed the job."""


@event("job.expired", subject="job_id")
class JobExpired(JobFacts):
    """The job's last day is over; it may be opened again (`job.updated`) by a later one."""


@event("skill.updated", subject="skill_id")
class SkillUpdated(Event):
    """An admin added or renamed a skill, or found it to be another (`merged_into`)."""

    skill_id: int
    name: str
    merged_into: int | None
    version: int
