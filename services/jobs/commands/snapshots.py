"""What is kept of the facts of others."""

from sqlalchemy import text

from libs.common.contracts.auth import CandidateUpdated, CompanyUpdated, EmployerUpdated
from libs.common.sessions import WriteSession
from libs.common.snapshots import keep_newest
from libs.common.text import fold
from services.jobs.commands.renaming import company_renamed
from services.jobs.commands.withholding import employer_shut_out_or_let_in
from services.jobs.models import CandidateSnapshot, CompanySnapshot, EmployerSnapshot

_KNOWN_SKILLS = text(
    """
    SELECT id FROM skills WHERE id = ANY(CAST(:ids AS integer[]))
    UNION SELECT skill_id FROM skill_names WHERE key = ANY(CAST(:keys AS text[])) ORDER BY id
    """
)


async def keep_candidate(session: WriteSession, candidate: CandidateUpdated) -> None:
    """Remember what a candidate is matched by; of the skills that he names, those that we know."""
    named = {"ids": candidate.skill_ids, "keys": [fold(name) for name in candidate.skills]}
    facts = candidate.model_dump(
        include={"candidate_id", "target_roles", "experience_level", "location", "version"}
    )
    facts["skill_ids"] = (await session.scalars(_KNOWN_SKILLS, named)).all()
    await keep_newest(session, CandidateSnapshot, facts)


async def keep_employer(session: WriteSession, employer: EmployerUpdated) -> None:
    """Remember an employer, unless something newer is known; deactivated, he has no job shown."""
    employer_id = employer.employer_id
    before = await session.get(EmployerSnapshot, employer_id, with_for_update=True)
    turned = before is not None and before.deactivated != employer.deactivated
    facts = employer.model_dump(exclude={"name"})
    if await keep_newest(session, EmployerSnapshot, facts) and turned:
        await employer_shut_out_or_let_in(session, employer_id)


async def keep_company(session: WriteSession, company: CompanyUpdated) -> None:
    """Remember a company, unless something newer is known; its jobs are found by its new name."""
    before = await session.get(CompanySnapshot, company.company_id, with_for_update=True)
    renamed = before is not None and before.name != company.name
    facts = company.model_dump(exclude={"industry", "address"})
    if await keep_newest(session, CompanySnapshot, facts) and renamed:
        await company_renamed(session, company.company_id)
