"""One-time codes: proof that somebody reads the mail of an address (OWASP ASVS 5.0 §6.5).

Six random digits, five minutes, five tries, once. A new code voids the older; one a minute.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from libs.common import clock
from libs.common.db import WriteSession
from libs.common.secrets import derived
from libs.common.service import runtime_in
from services.auth.models import OneTimeCode

LIFE = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
TRIES = 5


class Purpose(StrEnum):
    """What a code is good for, and for nothing else."""

    ACTIVATION = "activation"
    RESET = "reset"


async def issue(session: WriteSession, account_id: UUID, purpose: Purpose) -> str | None:
    """Return a new code, or None where the last one is less than a minute old."""
    code, now = f"{secrets.randbelow(1_000_000):06}", clock.now()
    fresh = {
        "code_hash": _hashed(session, account_id, purpose, code),
        "created_at": now,
        "expires_at": now + LIFE,
        "tries_left": TRIES,
    }
    upsert = (
        insert(OneTimeCode)
        .values(account_id=account_id, purpose=purpose, **fresh)
        .on_conflict_do_update(
            index_elements=["account_id", "purpose"],
            set_=fresh,
            where=col(OneTimeCode.created_at) <= now - PAUSE,
        )
        .returning(col(OneTimeCode.account_id))
    )
    return code if (await session.execute(upsert)).first() else None


async def redeem(session: WriteSession, account_id: UUID, purpose: Purpose, code: str) -> bool:
    """Use up `code` where it is the right one, else one of its tries.

    The caller must commit either way: a try that is rolled back was never counted.
    """
    known = (
        await session.exec(
            select(OneTimeCode)
            .where(OneTimeCode.account_id == account_id, OneTimeCode.purpose == purpose)
            .with_for_update()
        )
    ).one_or_none()
    if known is None or known.tries_left == 0 or known.expires_at <= clock.now():
        return False
    right = hmac.compare_digest(known.code_hash, _hashed(session, account_id, purpose, code))
    known.tries_left = 0 if right else known.tries_left - 1
    return right


def _hashed(session: WriteSession, account_id: UUID, purpose: Purpose, code: str) -> bytes:
    """Hash under a key that is not in the database: a million codes are soon tried."""
    key = derived(runtime_in(session).settings, "one-time codes")
    return hmac.digest(key, f"{purpose}:{account_id}:{code}".encode(), hashlib.sha256)
