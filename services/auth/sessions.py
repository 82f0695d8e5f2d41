"""Sessions and their refresh tokens, which rotate in families (RFC 9700 §4.14)."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet
from sqlmodel import col, select, update

from libs.common import clock
from libs.common.db import WriteSession
from libs.common.errors import TokenExpired, TokenInvalid, Unauthenticated
from libs.common.service import runtime_in
from services.auth.errors import TokenReused
from services.auth.keys import secret
from services.auth.models import Account, LoginSession, RefreshToken
from services.auth.rules import Refresh, judge_refresh
from services.auth.settings import settings
from services.auth.tokens import sign_access_token

IDLE_LIFE = timedelta(days=7)
"""Of one refresh token."""
WHOLE_LIFE = timedelta(days=30)
"""Of a session, however often it is refreshed."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds."""

    access: str
    refresh: str


async def open_session(session: WriteSession, account: Account) -> TokenPair:
    """Begin a session of `account` and return its first pair."""
    now = clock.now()
    family = LoginSession(
        account_id=account.id, created_at=now, last_used_at=now, expires_at=now + WHOLE_LIFE
    )
    session.add(family)
    await session.flush()
    return _new_pair(session, account, family, now)


async def rotate(session: WriteSession, presented: str) -> TokenPair | Unauthenticated:
    """Exchange a refresh token for a new pair, or say why not.

    The refusal is returned, not raised, for the caller to commit first: the end of a family whose
    token was reused must outlast the answer. Any number of requests with one token get one pair.
    """
    family = await _lock_family(session, presented)
    if family is None:
        return TokenInvalid()
    now = clock.now()
    token = await session.get_one(RefreshToken, _hashed(presented))
    match _judged(token, family, now):
        case Refresh.EXPIRED:
            return TokenExpired(f"Refresh token expired at {token.expires_at:%Y-%m-%d}")
        case Refresh.REUSED:
            family.revoked_at = family.revoked_at or now
            return TokenReused()
        case Refresh.REPEAT:
            return _unsealed(session, presented, token)
        case Refresh.ROTATE:
            return await _spend(session, presented, token, family, now)


async def _lock_family(session: WriteSession, presented: str) -> LoginSession | None:
    """Let one request at a time deal with a family; what it reads next is what the last wrote."""
    family_id = (
        select(RefreshToken.session_id)
        .where(RefreshToken.token_hash == _hashed(presented))
        .scalar_subquery()
    )
    locked = select(LoginSession).where(col(LoginSession.id) == family_id).with_for_update()
    return (await session.exec(locked)).one_or_none()


def _judged(token: RefreshToken, family: LoginSession, now: datetime) -> Refresh:
    return judge_refresh(
        now=now,
        expires_at=token.expires_at,
        spent_at=token.spent_at,
        newest_spent=token.successors is not None,
        revoked=family.revoked_at is not None,
        grace=timedelta(seconds=settings().refresh_reuse_grace_seconds),
    )


async def _spend(
    session: WriteSession, presented: str, token: RefreshToken, family: LoginSession, now: datetime
) -> TokenPair:
    account = await session.get_one(Account, family.account_id)
    mine = col(RefreshToken.session_id) == family.id
    await session.exec(update(RefreshToken).where(mine).values(successors=None))
    pair = _new_pair(session, account, family, now)
    token.spent_at = now
    sealed = f"{pair.access} {pair.refresh}".encode()
    token.successors = _seal(session, presented).encrypt(sealed)
    return pair


def _unsealed(session: WriteSession, presented: str, token: RefreshToken) -> TokenPair:
    assert token.successors is not None
    access, refresh = _seal(session, presented).decrypt(token.successors).decode().split(" ")
    return TokenPair(access, refresh)


def _seal(session: WriteSession, presented: str) -> Fernet:
    """Return the seal under which only who holds the spent token, and this service, can read."""
    key = hmac.digest(
        secret(runtime_in(session).settings.data_dir), f"pair:{presented}".encode(), hashlib.sha256
    )
    return Fernet(base64.urlsafe_b64encode(key))


def _new_pair(
    session: WriteSession, account: Account, family: LoginSession, now: datetime
) -> TokenPair:
    refresh = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(
            token_hash=_hashed(refresh),
            session_id=family.id,
            created_at=now,
            expires_at=min(now + IDLE_LIFE, family.expires_at),
        )
    )
    access = sign_access_token(
        runtime_in(session).settings,
        user_id=account.id,
        session_id=family.id,
        role=account.role,
        now=now,
    )
    return TokenPair(access, refresh)


def _hashed(refresh: str) -> bytes:
    """A token of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(refresh.encode()).digest()
