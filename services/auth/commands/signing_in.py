"""Signing in: whose password this is, and a session for him."""

from libs.common.db import Database, WriteSession
from services.auth import passwords
from services.auth.errors import AccountNotVerified, InvalidCredentials
from services.auth.models import Account, Person
from services.auth.queries import account_of
from services.auth.sessions import TokenPair, open_session


async def authenticate(db: Database, email_or_phone: str, password: str) -> Account:
    """Return the account whose password this is; its check holds no connection.

    Raises:
        InvalidCredentials: there is no such account, or it has another password.
        AccountNotVerified: its address was never proven.
        TooManyAttempts: too many passwords are being checked.
    """
    async with db.read() as session:
        account = await account_of(session, email_or_phone)
    right = await passwords.is_right(password, account.password_hash if account else None)
    if account is None or not right:
        raise InvalidCredentials
    if not account.is_active:
        raise AccountNotVerified
    return account


async def sign_in(session: WriteSession, account: Account) -> tuple[TokenPair, Person]:
    """Open a session for who was authenticated."""
    pair = await open_session(session, account)
    return pair, await session.get_one(Person, account.id)
