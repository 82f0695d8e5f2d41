"""What an employer changes of himself and his company."""

from uuid import UUID

from sqlmodel import col, select, update

from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from services.auth.commands.people import change_person, hold
from services.auth.errors import CompanyAlreadyLinked, CompanyNotLinked
from services.auth.facts import company_changed, company_updated, employer_changed
from services.auth.models import Company, Employer, Person
from services.auth.schemas.employers import CompanyIn, CompanyInfoIn, EmployerIn


async def create_company(session: WriteSession, employer_id: UUID, new: CompanyIn) -> Company:
    """Make a company and link it with the employer.

    Raises:
        NotFound: the employer's account is gone.
        TaxNumberTaken: another employer's company has it.
        CompanyAlreadyLinked: he has one.
    """
    account, person = await hold(session, employer_id)
    employer = await session.get_one(Employer, employer_id)
    company = Company(**new.model_dump())
    session.add(company)
    await session.flush()
    if employer.company_id is not None:
        raise CompanyAlreadyLinked
    employer.company_id = company.id
    publish(session, company_updated(company))
    employer_changed(session, account, person, employer)
    return company


async def leave_company(session: WriteSession, employer_id: UUID) -> None:
    """Take its tax number off the company of an employer who is being erased.

    The company stays, with the jobs that it posted, and is nobody's. Whoever registers the number
    next has a company of his own, with no past.
    """
    company = await _held_company(session, employer_id)
    if company is not None:
        company.tax_number = None
        company_changed(session, company)


async def update_employer(
    session: WriteSession, employer_id: UUID, changes: EmployerIn
) -> tuple[Person, Company | None]:
    """Change what is given of the employer's person and of his company.

    Raises:
        NotFound: the employer's account is gone.
        CompanyNotLinked: there is no company to change.
        PhoneTaken, TaxNumberTaken: at the flush; the database decides.
    """
    account, person = await hold(session, employer_id)
    company = await _held_company(session, employer_id)
    if changes.company_info is not None:
        _update_company(session, company, changes.company_info)
    told = changes.model_dump(exclude_unset=True, exclude={"company_info"})
    if "phone" in told:
        account.phone = told.pop("phone")
    await change_person(session, account, person, told)
    return person, company


def _update_company(session: WriteSession, company: Company | None, changes: CompanyInfoIn) -> None:
    if company is None:
        raise CompanyNotLinked
    company.sqlmodel_update(changes.model_dump(exclude_unset=True))
    if session.is_modified(company):
        company_changed(session, company)


async def _held_company(session: WriteSession, employer_id: UUID) -> Company | None:
    linked = (
        select(Company)
        .join(Employer, col(Employer.company_id) == Company.id)
        .where(Employer.account_id == employer_id)
        .with_for_update(of=Company)
    )
    return (await session.exec(linked)).one_or_none()


async def keep_rating(session: WriteSession, given: FeedbackSubmitted) -> None:
    """Remember how an employer's jobs were rated, unless more ratings are known already."""
    older = (
        col(Employer.account_id) == given.employer_id,
        col(Employer.rating_count) < given.employer_count,
    )
    rated = {"rating_count": given.employer_count, "rating_sum": given.employer_sum}
    await session.exec(update(Employer).where(*older).values(rated))
