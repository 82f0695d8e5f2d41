"""What an employer changes of himself and his company."""

from uuid import UUID

from sqlmodel import select

from libs.common.db import WriteSession
from libs.common.errors import NotFound
from libs.common.messaging import publish
from services.auth.errors import CompanyAlreadyLinked
from services.auth.facts import company_updated, employer_updated
from services.auth.models import Company, Employer, Person
from services.auth.schemas.employers import CompanyIn


async def create_company(session: WriteSession, employer_id: UUID, new: CompanyIn) -> Company:
    """Make a company and link it with the employer.

    Raises:
        NotFound: the employer's account is gone.
        CompanyAlreadyLinked: he has one.
    """
    mine = select(Employer).where(Employer.account_id == employer_id).with_for_update()
    employer = (await session.exec(mine)).one_or_none()
    if employer is None:
        raise NotFound
    company = Company(**new.model_dump())
    session.add(company)
    await session.flush()
    if employer.company_id is not None:
        raise CompanyAlreadyLinked
    employer.company_id = company.id
    employer.version += 1
    person = await session.get_one(Person, employer_id)
    publish(session, company_updated(company))
    publish(session, employer_updated(person, employer))
    return company
