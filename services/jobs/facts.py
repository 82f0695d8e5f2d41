"""What is published of a job: each event carries its whole present state.

Who says that a job changed holds its row, so that no two states get the same version.
"""

from collections.abc import Collection
from typing import Any

from sqlmodel import col, select

from libs.common import clock
from libs.common.sessions import WriteSession
from services.jobs.models import CompanySnapshot, EmployerSnapshot, Job
from services.jobs.rules import status_at


async def facts_of(session: WriteSession, jobs: Collection[Job]) -> list[dict[str, Any]]:
    """Return the fields of a `JobFacts` of each job; their rows are held."""
    companies = {job.company_id for job in jobs}
    named = select(CompanySnapshot.company_id, CompanySnapshot.name).where(
        col(CompanySnapshot.company_id).in_(companies)
    )
    names = dict((await session.exec(named)).all())
    shut_out = select(EmployerSnapshot.employer_id).where(
        col(EmployerSnapshot.employer_id).in_({job.employer_id for job in jobs}),
        col(EmployerSnapshot.deactivated),
    )
    withheld = set((await session.exec(shut_out)).all())
    now = clock.now()
    return [
        {
            "job_id": job.id,
            "employer_id": job.employer_id,
            "title": job.title,
            "company_name": names[job.company_id],
            "status": status_at(
                job.status, job.expires_at, now, withheld=job.employer_id in withheld
            ),
            "expires_at": job.expires_at,
            "version": job.version,
        }
        for job in jobs
    ]
