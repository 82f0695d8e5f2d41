"""What the identity service reads."""

from uuid import UUID

from sqlmodel import col, select

from libs.common.db import ReadSession, WriteSession
from libs.common.errors import NotFound
from services.auth.contacts import email_of, key_of, phone_of
from services.auth.models import Account, Company, Employer, Person


async def account_of(session: ReadSession | WriteSession, email_or_phone: str) -> Account | None:
    """Return the account with this address or number, as somebody typed it."""
    try:
        if "@" in email_or_phone:
            found = col(Account.email_key) == key_of(email_of(email_or_phone))
        else:
            found = col(Account.phone) == phone_of(email_or_phone)
    except ValueError:
        return None
    return (await session.exec(select(Account).where(found))).one_or_none()


async def profile(session: ReadSession, user_id: UUID) -> tuple[Account, Person, Company | None]:
    """Return who somebody is, and the company that he is linked with.

    Raises:
        NotFound: the account is gone.
    """
    statement = (
        select(Account, Person, Company)
        .join(Person, col(Person.account_id) == Account.id)
        .outerjoin(Employer, col(Employer.account_id) == Account.id)
        .outerjoin(Company, col(Company.id) == Employer.company_id)
        .where(Account.id == user_id)
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    account, person, company = found
    return account, person, company


async def company_of(session: ReadSession, company_id: UUID) -> Company:
    """Return a company.

    Raises:
        NotFound: there is none with this id.
    """
    company = await session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company
