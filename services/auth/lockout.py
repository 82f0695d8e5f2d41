"""The lock-out: who guesses passwords must wait longer with each guess (OWASP ASVS 5.0 §6.3).

It counts per account, whether or not there is one, so that it tells nobody which accounts exist.
"""

import hashlib
import hmac
import math
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete

from libs.common import clock
from libs.common.errors import ApiError
from libs.common.secrets import derived
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from services.auth.contacts import contact_of, key_of
from services.auth.errors import InvalidCredentials, TooManyAttempts
from services.auth.models import Account, SignInFailures
from services.auth.rules import is_forgotten, lock_after


def subject(account: Account | None, typed: str) -> str:
    """Return what wrong passwords are counted by, however the address or number was typed.

    An account counts as its e-mail address, so that its number brings no further tries.
    """
    if account is not None:
        return account.email_key
    try:
        return contact_of(typed)
    except ValueError:
        return key_of(typed)


async def refuse_locked(session: ReadSession, whose: str) -> None:
    """Spare the hashing of a password that would not be judged.

    Raises:
        TooManyAttempts: `whose` is locked; `Retry-After` says for how long.
    """
    known = await session.get(SignInFailures, _hashed(session, whose))
    _require_open(known.locked_until if known else None)


async def count_wrong(session: WriteSession, whose: str) -> ApiError:
    """Count a wrong password, and return why it is refused; the caller must commit.

    Judged when the hash is there, one after the other: a hundred guesses at once are ten guesses
    and ninety refusals that say nothing.
    """
    known = await _lock_row(session, _hashed(session, whose))
    try:
        _require_open(known.locked_until)
    except TooManyAttempts as refusal:
        return refusal
    now, last = clock.now(), known.last_failed_at
    if is_forgotten(now=now, last_failed_at=last, locked_until=known.locked_until):
        known.failures = 0
    known.failures += 1
    known.last_failed_at = now
    known.locked_until = now + lock_after(known.failures)
    return InvalidCredentials()


async def admit(session: WriteSession, whose: str) -> None:
    """Judge a right password, and forget the wrong ones before it.

    Raises:
        TooManyAttempts: `whose` was locked while it was hashed. The caller must roll back.
    """
    _require_open(await _forget(session, whose))


async def forgive(session: WriteSession, account: Account) -> None:
    """Forget the wrong passwords of somebody who has proven otherwise who he is."""
    await _forget(session, subject(account, ""))


async def _forget(session: WriteSession, whose: str) -> datetime | None:
    mine = col(SignInFailures.login_hash) == _hashed(session, whose)
    forgotten = delete(SignInFailures).where(mine).returning(col(SignInFailures.locked_until))
    return (await session.scalars(forgotten)).one_or_none()


async def _lock_row(session: WriteSession, login_hash: bytes) -> SignInFailures:
    """Return the row of a login, made where there is none, and let nobody else judge it."""
    row = insert(SignInFailures).values(
        login_hash=login_hash, failures=0, last_failed_at=clock.now()
    )
    locked = row.on_conflict_do_update(
        index_elements=["login_hash"], set_={"login_hash": row.excluded.login_hash}
    )
    return (await session.scalars(locked.returning(SignInFailures))).one()


def _require_open(locked_until: datetime | None) -> None:
    now = clock.now()
    if locked_until is not None and locked_until > now:
        left = math.ceil((locked_until - now).total_seconds())
        raise TooManyAttempts(headers={"Retry-After": str(left)})


def _hashed(session: ReadSession | WriteSession, whose: str) -> bytes:
    """Hash under a key that is not in the database: there are not so many addresses to try."""
    key = derived(runtime_in(session).settings, "sign-in failures")
    return hmac.digest(key, whose.encode(), hashlib.sha256)
