"""What is published of an application."""

from typing import Any

from services.applications.models import Application, CandidateSnapshot, JobSnapshot


def facts_of(
    application: Application, job: JobSnapshot, candidate: CandidateSnapshot | None
) -> dict[str, Any]:
    """Return what every event of an application carries; a name not known yet is empty."""
    return {
        "application_id": application.id,
        "job_id": job.job_id,
        "job_title": job.title,
        "company_name": job.company_name,
        "employer_id": job.employer_id,
        "candidate_id": application.candidate_id,
        "candidate_name": candidate.name if candidate else "",
    }
