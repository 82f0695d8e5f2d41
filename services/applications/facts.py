"""What is published of an application."""

from typing import Any

from sqlalchemy import Row

from libs.common.contracts.jobs import JobFacts
from services.applications.models import Application, JobSnapshot


def facts_of(
    application: Application | Row[Any], job: JobSnapshot | JobFacts, candidate_name: str | None
) -> dict[str, Any]:
    """Return what every event of an application carries; a name not known yet is empty."""
    return {
        "application_id": application.id,
        "job_id": job.job_id,
        "job_title": job.title,
        "company_name": job.company_name,
        "employer_id": job.employer_id,
        "candidate_id": application.candidate_id,
        "candidate_name": candidate_name or "",
    }
