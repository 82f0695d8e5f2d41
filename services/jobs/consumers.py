"""What the jobs service keeps of the facts of others."""

from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.auth import CandidateUpdated, CompanyUpdated, EmployerUpdated
from libs.common.db import WriteSession
from libs.common.messaging import consumes
from services.jobs.commands.applies import count_apply
from services.jobs.commands.reference import relink_jobs
from services.jobs.commands.renaming import rename_jobs
from services.jobs.commands.snapshots import keep_candidate, keep_company, keep_employer


@consumes(EmployerUpdated)
async def on_employer_updated(session: WriteSession, event: EmployerUpdated) -> None:
    """Know for which company he posts."""
    await keep_employer(session, event)


@consumes(CompanyUpdated)
async def on_company_updated(session: WriteSession, event: CompanyUpdated) -> None:
    """Know the company's name, logo, and whether it may post."""
    await keep_company(session, event)


@consumes(CandidateUpdated)
async def on_candidate_updated(session: WriteSession, event: CandidateUpdated) -> None:
    """Know what he is matched by."""
    await keep_candidate(session, event)


@consumes(ApplicationSubmitted)
async def on_application_submitted(session: WriteSession, event: ApplicationSubmitted) -> None:
    """Count who applied."""
    await count_apply(session, event)


consumers = [
    on_candidate_updated,
    on_employer_updated,
    on_company_updated,
    on_application_submitted,
    rename_jobs,
    relink_jobs,
]
