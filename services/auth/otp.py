"""One-time codes: proof that somebody reads the mail of an address (OWASP ASVS 5.0 §6.5).

Six random digits, five minutes, five tries, once. A new code voids the older; one a minute, later
where codes were guessed at, and so many a day: see `rules.next_code_at`.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import select

from libs.common import clock
from libs.common.secrets import derived
from libs.common.service import runtime_in
from libs.common.sessions import WriteSession
from services.auth.models import OneTimeCode
from services.auth.rules import A_DAY, next_code_at

LIFE = timedelta(minutes=5)
TRIES = 5
ANSWER = 0.05
"""Seconds that every judging of a code takes at least: several times its work."""


class Purpose(StrEnum):
    """What a code is good for, and for nothing else."""

    ACTIVATION = "activation"
    RESET = "reset"


async def issue(session: WriteSession, account_id: UUID, purpose: Purpose) -> str | None:
    """Return a new code, or None where it is too early for one. The caller holds the account."""
    code, now = f"{secrets.randbelow(1_000_000):06}", clock.now()
    last = await _lock(session, account_id, purpose)
    if last is None or now - last.counted_since >= A_DAY:
        issued, voided, since = 0, 0, now
    else:
        issued, voided, since = last.issued, last.voided, last.counted_since
    if last is not None and now < next_code_at(
        last=last.created_at, voided=voided, issued=issued, since=since
    ):
        return None
    fresh = OneTimeCode(
        account_id=account_id,
        purpose=purpose,
        code_hash=_hashed(session, account_id, purpose, code),
        created_at=now,
        expires_at=now + LIFE,
        tries_left=TRIES,
        issued=issued + 1,
        voided=voided,
        counted_since=since,
    )
    await session.merge(fresh)
    return code


async def redeem(session: WriteSession, account_id: UUID, purpose: Purpose, code: str) -> bool:
    """Use up `code` where it is the right one, else one of its tries.

    The caller must commit either way: a try that is rolled back was never counted.
    """
    known = await _lock(session, account_id, purpose)
    if known is None or known.tries_left == 0 or known.expires_at <= clock.now():
        return False
    right = hmac.compare_digest(known.code_hash, _hashed(session, account_id, purpose, code))
    known.tries_left = 0 if right else known.tries_left - 1
    if right:
        known.voided = 0
    elif known.tries_left == 0:
        known.voided += 1
    return right


async def _lock(session: WriteSession, account_id: UUID, purpose: Purpose) -> OneTimeCode | None:
    mine = select(OneTimeCode).where(
        OneTimeCode.account_id == account_id, OneTimeCode.purpose == purpose
    )
    return (await session.exec(mine.with_for_update())).one_or_none()


def _hashed(session: WriteSession, account_id: UUID, purpose: Purpose, code: str) -> bytes:
    """Hash under a key that is not in the database: a million codes are soon tried."""
    key = derived(runtime_in(session).settings, "one-time codes")
    return hmac.digest(key, f"{purpose}:{account_id}:{code}".encode(), hashlib.sha256)
