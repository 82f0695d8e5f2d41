"""What an employer changes of himself and his company."""

from uuid import UUID

from sqlmodel import col, select

from libs.common.db import WriteSession
from services.auth.commands.people import change_person, hold
from services.auth.errors import CompanyAlreadyLinked, CompanyNotLinked
from services.auth.facts import company_changed, employer_changed
from services.auth.models import Company, Employer, Person
from services.auth.schemas.employers import CompanyIn, CompanyInfoIn, EmployerIn


async def create_company(session: WriteSession, employer_id: UUID, new: CompanyIn) -> Company:
    """Make a company and link it with the employer; one that nobody tends any more becomes his.

    Raises:
        NotFound: the employer's account is gone.
        TaxNumberTaken: the company is there, and somebody tends it.
        CompanyAlreadyLinked: he has one.
    """
    _, person = await hold(session, employer_id)
    employer = await session.get_one(Employer, employer_id)
    company = await _held_abandoned(session, new.tax_number)
    if company is None:
        company = Company(**new.model_dump(), version=0)
        session.add(company)
        await session.flush()
    if employer.company_id is not None:
        raise CompanyAlreadyLinked
    company.sqlmodel_update({"address": None, "logo_url": None} | new.model_dump())
    employer.company_id = company.id
    company_changed(session, company)
    employer_changed(session, person, employer)
    return company


async def _held_abandoned(session: WriteSession, tax_number: str) -> Company | None:
    """Return the company of this tax number, if its last employer was erased."""
    its = select(Company).where(Company.tax_number == tax_number).with_for_update()
    company = (await session.exec(its)).one_or_none()
    if company is None:
        return None
    # A statement of its own: it sees whom the holder of the lock that it waited for has linked.
    linked = select(Employer.account_id).where(Employer.company_id == company.id).limit(1)
    return None if (await session.exec(linked)).first() else company


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
