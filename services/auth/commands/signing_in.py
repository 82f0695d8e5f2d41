"""Signing in: whose password this is, and a session for him; and signing out."""

from contextlib import suppress
from uuid import UUID

from sqlmodel import col, select, update

from libs.common.context import Language, asked_language
from libs.common.db import Database
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.sessions import WriteSession
from services.auth import lockout, passwords, sessions
from services.auth.commands.people import hold
from services.auth.errors import (
    AccountDeactivated,
    AccountNotVerified,
    InvalidCredentials,
    TooManyAttempts,
    WrongPassword,
)
from services.auth.facts import user_changed
from services.auth.models import Account, Person
from services.auth.queries import account_of
from services.auth.sessions import Device, TokenPair


async def log_in(
    db: Database, email_or_phone: str, password: str, device: Device
) -> tuple[Account, Person, TokenPair]:
    """Open a session of whoever has this password; its check holds no connection.

    Raises:
        InvalidCredentials: there is no such account, or it has another password.
        AccountNotVerified: its address was never proven.
        AccountDeactivated: an admin has deactivated it.
        TooManyAttempts: too many were wrong of late, or too many are being checked.
    """
    opened = None
    while opened is None:  # again, if the account was changed while its password was checked
        async with db.read() as session:
            account = await account_of(session, email_or_phone)
        whose = lockout.subject(account, email_or_phone)
        await _check(db, account, whose, password)
        assert account is not None  # else the password was wrong
        async with db.write() as write:
            opened = await _open(write, account, whose, device)
    if passwords.is_outdated(opened[0].password_hash):
        await _rehash(db, opened[0], password)
    asked = asked_language()
    if asked is not None and asked != opened[0].language:
        await _keep_language(db, opened[0].id, asked)
    return opened


async def confirm_password(db: Database, user_id: UUID, password: str) -> None:
    """Make sure that it is its owner who uses an account that is signed in.

    Raises:
        WrongPassword: the account has another password, or is gone.
        TooManyAttempts: too many were wrong of late, or too many are being checked.
    """
    async with db.read() as session:
        account = await session.get(Account, user_id)
    whose = lockout.subject(account, str(user_id))
    try:
        await _check(db, account, whose, password)
    except InvalidCredentials:
        raise WrongPassword from None
    async with db.write() as write:
        await lockout.admit(write, whose)


async def _check(db: Database, account: Account | None, whose: str, password: str) -> None:
    """Refuse a wrong password; known and unknown accounts are the same work."""
    async with db.read() as session:
        await lockout.refuse_locked(session, whose)
    if not await passwords.is_right(password, account.password_hash if account else None):
        async with db.write() as write:
            refusal = await lockout.count_wrong(write, whose)
        raise refusal


async def _open(
    session: WriteSession, checked: Account, whose: str, device: Device
) -> tuple[Account, Person, TokenPair] | None:
    """Open a session, unless the account was changed since it was checked.

    Its row is locked: a password that is being reset, or a deactivation, ends this session too.
    """
    mine = select(Account, Person).join(Person).where(Account.id == checked.id)
    locked = mine.with_for_update(read=True, of=Account)
    found = (await session.exec(locked)).one_or_none()
    if found is None or found[0].password_hash != checked.password_hash:
        return None
    account, person = found
    await lockout.admit(session, whose)
    if account.deactivated_at is not None:
        raise AccountDeactivated
    if not account.is_active:
        raise AccountNotVerified
    return account, person, await sessions.open_session(session, account, device)


async def _rehash(db: Database, account: Account, password: str) -> None:
    """Bring a hash up to the parameters in force; when all are busy, another sign-in will do."""
    with suppress(TooManyAttempts):
        fresh = await passwords.hash_password(password)
        unchanged = update(Account).where(
            col(Account.id) == account.id, col(Account.password_hash) == account.password_hash
        )
        async with db.write() as session:
            await session.execute(unchanged.values(password_hash=fresh))


async def _keep_language(db: Database, account_id: UUID, asked: Language) -> None:
    """Write mails in the language that was asked for, from now on."""
    with suppress(NotFound):  # he is gone already
        async with db.write() as session:
            account, person = await hold(session, account_id)
            if account.language != asked:
                account.language = asked
                user_changed(session, account, person)


async def log_out(session: WriteSession, me: Identity, refresh_token: str | None) -> None:
    """End the session of the refresh token; the one that asks, where that ends none of his."""
    presented = None
    if refresh_token is not None:
        presented = await sessions.session_of(session, me.user_id, refresh_token)
    if presented is None or not await sessions.end_sessions(session, me.user_id, only=presented):
        await sessions.end_sessions(session, me.user_id, only=me.session_id)


async def end_session(session: WriteSession, me: Identity, session_id: UUID) -> None:
    """Sign the caller out on another device, or on this one.

    Raises:
        NotFound: it is not his, or has ended.
    """
    if not await sessions.end_sessions(session, me.user_id, only=session_id):
        raise NotFound
