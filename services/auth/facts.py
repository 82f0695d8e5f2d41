"""What the identity service says of its rows: each event carries the whole present state.

Who says that something changed holds its account (see `commands/people.py`), so that no two states
get the same version.
"""

from typing import Any

from libs.common.contracts.auth import (
    CandidateUpdated,
    CompanyUpdated,
    EmployerUpdated,
    UserUpdated,
)
from libs.common.identity import Role
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from services.auth.models import Account, Candidate, Company, Employer, Person
from services.auth.queries import skills_of
from services.auth.rules import missing_of

PROFILE = {"skills", "target_roles", "experience_level", "location"}
"""Fields of a person that a candidate is advised by."""


def person_facts(account: Account, person: Person) -> dict[str, Any]:
    """Return the fields of `UserRegistered`, `UserActivated` and `UserUpdated`."""
    return {
        "user_id": account.id,
        "role": account.role,
        "name": person.name,
        "avatar_url": person.avatar_url,
        "is_active": account.is_active,
        "email": account.email,
        "language": account.language,
        "version": account.version,
    }


def candidate_updated(
    account: Account, person: Person, candidate: Candidate, *, skill_ids: list[int]
) -> CandidateUpdated:
    """Return the event with a candidate's state."""
    return CandidateUpdated(
        candidate_id=account.id,
        name=person.name,
        email=account.email,
        cv_url=candidate.cv_url,
        skill_ids=skill_ids,
        **person.model_dump(include=PROFILE),
        version=candidate.version,
    )


def employer_updated(account: Account, person: Person, employer: Employer) -> EmployerUpdated:
    """Return the event with an employer's state."""
    return EmployerUpdated(
        employer_id=employer.account_id,
        name=person.name,
        company_id=employer.company_id,
        deactivated=account.deactivated_at is not None,
        version=employer.version,
    )


def company_updated(company: Company) -> CompanyUpdated:
    """Return the event with a company's state."""
    missing = missing_of(
        tax_number=company.tax_number,
        name=company.name,
        website=company.website,
        country=company.country,
    )
    return CompanyUpdated(
        company_id=company.id,
        name=company.name,
        industry=company.industry,
        address=company.address,
        logo_url=company.logo_url,
        complete=not missing,
        missing=missing,
        version=company.version,
    )


def user_changed(session: WriteSession, account: Account, person: Person) -> None:
    """Say that somebody's public facts changed."""
    account.version += 1
    publish(session, UserUpdated(**person_facts(account, person)))


async def candidate_changed(
    session: WriteSession, account: Account, person: Person, candidate: Candidate
) -> None:
    """Say that a candidate's profile changed."""
    candidate.version += 1
    skill_ids = list(await skills_of(session, account.id))
    publish(session, candidate_updated(account, person, candidate, skill_ids=skill_ids))


def employer_changed(
    session: WriteSession, account: Account, person: Person, employer: Employer
) -> None:
    """Say that an employer changed, his link to a company, or whether he is deactivated."""
    employer.version += 1
    publish(session, employer_updated(account, person, employer))


def company_changed(session: WriteSession, company: Company) -> None:
    """Say that a company changed."""
    company.version += 1
    publish(session, company_updated(company))


async def profile_changed(session: WriteSession, account: Account, person: Person) -> None:
    """Say that somebody's profile changed, if he is a candidate: nobody advises the others."""
    if account.role == Role.CANDIDATE:
        candidate = await session.get_one(Candidate, account.id)
        await candidate_changed(session, account, person, candidate)


async def name_changed(session: WriteSession, account: Account, person: Person) -> None:
    """Say that somebody's name changed, in each of the events that bear it."""
    user_changed(session, account, person)
    await profile_changed(session, account, person)
    if account.role == Role.EMPLOYER:
        employer = await session.get_one(Employer, account.id)
        employer_changed(session, account, person, employer)
