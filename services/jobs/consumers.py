"""What the jobs service keeps of the facts of others."""

from libs.common.contracts.applications import ApplicationSubmitted, FeedbackSubmitted
from libs.common.contracts.auth import CandidateUpdated, CompanyUpdated, EmployerUpdated
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from services.jobs.commands.applies import keep_apply
from services.jobs.commands.ratings import keep_rating
from services.jobs.commands.reference import relink_jobs
from services.jobs.commands.renaming import rename_jobs
from services.jobs.commands.snapshots import keep_candidate, keep_company, keep_employer
from services.jobs.commands.withholding import withhold_or_show


@consumes(EmployerUpdated)
async def on_employer_updated(session: WriteSession, event: EmployerUpdated) -> None:
    """Know for which company he posts, and whether his jobs are shown."""
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
    """Know who applied."""
    await keep_apply(session, event)


@consumes(FeedbackSubmitted)
async def on_feedback_submitted(session: WriteSession, event: FeedbackSubmitted) -> None:
    """Know how the job is rated."""
    await keep_rating(session, event)


consumers = [
    on_candidate_updated,
    on_employer_updated,
    on_company_updated,
    on_application_submitted,
    on_feedback_submitted,
    rename_jobs,
    withhold_or_show,
    relink_jobs,
]
