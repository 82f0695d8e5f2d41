"""What the jobs service keeps of the facts of others."""

from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.db import WriteSession
from libs.common.messaging import consumes
from services.jobs.commands import keep_company, keep_employer


@consumes(EmployerUpdated)
async def on_employer_updated(session: WriteSession, event: EmployerUpdated) -> None:
    """Know for which company he posts."""
    await keep_employer(session, event)


@consumes(CompanyUpdated)
async def on_company_updated(session: WriteSession, event: CompanyUpdated) -> None:
    """Know the company's name, logo, and whether it may post."""
    await keep_company(session, event)


consumers = [on_employer_updated, on_company_updated]
