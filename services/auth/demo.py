"""The accounts of the demo, one a role: active, and with one password that everybody knows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from libs.common.identity import Role
from libs.common.sessions import WriteSession
from services.auth.commands.accounts import activate, add_account
from services.auth.commands.employers import create_company
from services.auth.commands.people import hold
from services.auth.queries import account_of
from services.auth.schemas.accounts import RegisterIn
from services.auth.schemas.employers import CompanyIn

PASSWORD = "Waymark123!"  # noqa: S105 - printed at each start of the demo

_PEOPLE = {
    Role.CANDIDATE: ("candidate@demo.waymark", "Nguyễn Văn Hoàng"),
    Role.EMPLOYER: ("employer@demo.waymark", "Trần Văn Tuyển Dụng"),
    Role.ADMIN: ("admin@demo.waymark", "Waymark Admin"),
}
_COMPANY = {
    "taxNumber": "0101234567",
    "name": "Tech Solutions Inc.",
    "foundedDate": "2010-10-10",
    "industry": "Software Outsourcing",
    "size": "100-500",
    "country": "Vietnam",
    "website": "https://techsolutions.com",
}


async def seed_demo(session: WriteSession) -> None:
    """Make those of the demo's accounts that are not there yet, and the employer's company.

    Raises:
        ValueError: somebody else has an address, a name or the number of theirs.
    """
    for role, (email, name) in _PEOPLE.items():
        if (there := await account_of(session, email)) is not None:
            if there.role != role:
                raise ValueError(f"{email} is already a {there.role}'s account")
            continue
        username = f"demo-{role.lower()}"
        new = {"email": email, "name": name, "username": username, "password": PASSWORD}
        with _unless(f"another account is called {username}"):
            account = await add_account(session, RegisterIn.model_validate(new), role)
        activate(session, *await hold(session, account.id))
        if role is Role.EMPLOYER:
            with _unless(f"another company has the tax number {_COMPANY['taxNumber']}"):
                await create_company(session, account.id, CompanyIn.model_validate(_COMPANY))


@contextmanager
def _unless(taken: str) -> Iterator[None]:
    """Say what is taken where the database refuses a row for it."""
    try:
        yield
    except IntegrityError as error:
        raise ValueError(taken) from error
