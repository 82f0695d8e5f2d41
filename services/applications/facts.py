"""What is published of an application."""

from typing import Any
from uuid import UUID

from libs.common.contracts.jobs import JobFacts
from services.applications.models import JobSnapshot


def facts_of(
    application_id: UUID,
    candidate_id: UUID,
    job: JobSnapshot | JobFacts,
    candidate_name: str | None,
) -> dict[str, Any]:
    """Return what every event of an application carries; a name not known yet is empty."""
    return {
        "application_id": application_id,
        "job_id": job.job_id,
        "job_title": job.title,
        "company_name": job.company_name,
        "employer_id": job.employer_id,
        "candidate_id": candidate_id,
        "candidate_name": candidate_name or "",
    }
