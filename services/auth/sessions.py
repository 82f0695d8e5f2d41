"""Sessions: how they begin, are refreshed, and end.

A session is one sign-in on one device, and the family of its refresh tokens, which rotate
(RFC 9700 §4.14).
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select, update

from libs.common import clock
from libs.common.contracts.auth import SessionRevoked
from libs.common.errors import TokenExpired, TokenInvalid, Unauthenticated
from libs.common.messaging import publish
from libs.common.secrets import derived
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from services.auth.errors import TokenReused
from services.auth.models import Account, LoginSession, RefreshToken, Revocation
from services.auth.rules import Refresh, judge_refresh
from services.auth.settings import LONGEST_ACCESS, settings
from services.auth.tokens import sign_access_token

IDLE_LIFE = timedelta(days=7)
"""Of one refresh token."""
WHOLE_LIFE = timedelta(days=30)
"""Of a session, however often it is refreshed."""
_USER_AGENT_LENGTH = 300
SLOW_COMMIT = timedelta(seconds=60)
"""How late the end of a session may come to light after the instant that it bears."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client holds."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Device:
    """What a client shows of itself; None where it shows nothing."""

    user_agent: str | None
    ip: str | None


def device(user_agent: str | None, ip: str | None) -> Device:
    """Return what is kept of a client: of its `User-Agent` what a person can read."""
    readable = "".join(c if c.isprintable() else " " for c in user_agent or "")
    return Device(" ".join(readable.split())[:_USER_AGENT_LENGTH] or None, ip)


async def open_session(session: WriteSession, account: Account, device: Device) -> TokenPair:
    """Begin a session of `account` and return its first pair."""
    now = clock.now()
    family = LoginSession(
        account_id=account.id,
        created_at=now,
        last_used_at=now,
        expires_at=now + WHOLE_LIFE,
        user_agent=device.user_agent,
        ip=device.ip,
    )
    session.add(family)
    await session.flush()
    return _new_pair(session, account, family, now)


async def rotate(
    session: WriteSession, presented: str, device: Device
) -> TokenPair | Unauthenticated:
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
            await end_sessions(session, family.account_id, only=family.id)
            return TokenReused()
        case Refresh.REPEAT:
            return _unsealed(session, presented, token)
        case Refresh.ROTATE:
            family.last_used_at, family.user_agent, family.ip = now, device.user_agent, device.ip
            return await _spend(session, presented, token, family, now)


async def end_sessions(
    session: WriteSession, account_id: UUID, *, only: UUID | None = None, spare: UUID | None = None
) -> int:
    """End every session of an account, or `only` one, or all but `spare`; return how many.

    No refresh token of theirs is good any more, and within a second no access token either: see
    `revoked_since`, which every verifier of tokens follows.
    """
    now = clock.now()
    ended = update(LoginSession).where(
        col(LoginSession.account_id) == account_id, col(LoginSession.revoked_at).is_(None)
    )
    if only is not None:
        ended = ended.where(col(LoginSession.id) == only)
    if spare is not None:
        ended = ended.where(col(LoginSession.id) != spare)
    ids = await session.scalars(ended.values(revoked_at=now).returning(col(LoginSession.id)))
    revocations = [Revocation(session_id=session_id, revoked_at=now) for session_id in ids]
    session.add_all(revocations)
    for one in revocations:
        publish(
            session,
            SessionRevoked(session_id=one.session_id, user_id=account_id, revoked_at=now),
        )
    return len(revocations)


async def revoked_since(session: ReadSession, since: datetime, now: datetime) -> list[UUID]:
    """Return the sessions ended since an instant, and some from before it: see `SLOW_COMMIT`.

    Those are left out whose last access token is over.
    """
    first = max(since, now - LONGEST_ACCESS) - SLOW_COMMIT
    ended = select(Revocation.session_id).where(col(Revocation.revoked_at) >= first)
    return list(await session.exec(ended))


async def live_sessions(
    session: ReadSession, account_id: UUID, *, limit: int, offset: int
) -> tuple[list[LoginSession], int]:
    """Return part of the sessions that can still be refreshed, last used first; how many in all."""
    alive = _alive(account_id)
    listed = (
        select(LoginSession)
        .where(*alive)
        .order_by(col(LoginSession.last_used_at).desc(), col(LoginSession.id).desc())
        .limit(limit)
        .offset(offset)
    )
    total = select(func.count()).select_from(LoginSession).where(*alive)
    return list(await session.exec(listed)), (await session.exec(total)).one()


def _alive(account_id: UUID) -> list[ColumnElement[bool]]:
    now = clock.now()
    return [
        col(LoginSession.account_id) == account_id,
        col(LoginSession.revoked_at).is_(None),
        col(LoginSession.expires_at) > now,
        col(LoginSession.last_used_at) > now - IDLE_LIFE,
    ]


async def require_live(session: WriteSession, session_id: UUID) -> None:
    """Make sure that a session has not ended.

    Raises:
        TokenInvalid: it has.
    """
    found = await session.get(LoginSession, session_id)
    if found is None or found.revoked_at is not None:
        raise TokenInvalid


async def session_of(session: WriteSession, account_id: UUID, refresh: str) -> UUID | None:
    """Return which session of this account a refresh token belongs to, spent or not."""
    found = (
        select(LoginSession.id)
        .join(RefreshToken, col(RefreshToken.session_id) == LoginSession.id)
        .where(LoginSession.account_id == account_id, RefreshToken.token_hash == _hashed(refresh))
    )
    return (await session.exec(found)).one_or_none()


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
    secret = derived(runtime_in(session).settings, "refresh pair")
    key = hmac.digest(secret, presented.encode(), hashlib.sha256)
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
