"""What the identity service says of its rows: each event carries the whole present state."""

from typing import Any

from libs.common.contracts.auth import CandidateUpdated, CompanyUpdated, EmployerUpdated
from services.auth.models import Account, Candidate, Company, Employer, Person
from services.auth.rules import is_complete


def person_facts(account: Account, person: Person) -> dict[str, Any]:
    """Return the fields of `UserRegistered`, `UserActivated` and `UserUpdated`."""
    return {
        "user_id": account.id,
        "role": account.role,
        "name": person.name,
        "avatar_url": person.avatar_url,
        "is_active": account.is_active,
        "version": account.version,
    }


def candidate_updated(account: Account, person: Person, candidate: Candidate) -> CandidateUpdated:
    """Return the event with a candidate's state."""
    return CandidateUpdated(
        candidate_id=account.id,
        name=person.name,
        email=account.email,
        cv_url=candidate.cv_url,
        skill_ids=[],
        version=candidate.version,
    )


def employer_updated(person: Person, employer: Employer) -> EmployerUpdated:
    """Return the event with an employer's state."""
    return EmployerUpdated(
        employer_id=employer.account_id,
        name=person.name,
        company_id=employer.company_id,
        version=employer.version,
    )


def company_updated(company: Company) -> CompanyUpdated:
    """Return the event with a company's state."""
    return CompanyUpdated(
        company_id=company.id,
        name=company.name,
        industry=company.industry,
        address=company.address,
        logo_url=company.logo_url,
        complete=is_complete(
            tax_number=company.tax_number,
            name=company.name,
            website=company.website,
            country=company.country,
        ),
        version=company.version,
    )
