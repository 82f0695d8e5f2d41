"""Who is calling: access tokens verified against the auth service's keys, with cached verdicts.

Every service verifies for itself; no header but `Authorization` is trusted. What a caller may do
with a row is decided by the service that owns the row.
"""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, time
from typing import Annotated, Any
from uuid import UUID

import jwt
import orjson
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from libs.common.errors import Forbidden, TokenExpired, TokenInvalid, Unauthenticated
from libs.common.messaging.loop import forever

ALGORITHM = "EdDSA"
SECRET_ALGORITHM = "HS256"  # noqa: S105 - the name of an algorithm
_REQUIRED = ["iss", "aud", "sub", "sid", "role", "iat", "exp", "jti"]
_LEEWAY_SECONDS = 5
_REFETCH_SECONDS = 5.0
_POLL_SECONDS = 0.5
_RELOAD_SECONDS = 600.0

FetchJwks = Callable[[], Awaitable[dict[str, Any]]]
FetchRevoked = Callable[[str | None], Awaitable[dict[str, Any]]]
"""Given the `now` of the last answer, or None: `{"now": instant, "sessions": [ids ended since]}`.

Asked with None it lists every ended session whose access tokens may still be alive.
"""


class Role(StrEnum):
    """What an account is; `userType` of seed B."""

    CANDIDATE = "Candidate"
    EMPLOYER = "Employer"
    ADMIN = "Admin"


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller."""

    user_id: UUID
    session_id: UUID
    role: Role
    expires_at: int
    """Seconds since 1970."""
    token: str
    """As sent, for calls made on the caller's behalf."""


async def _none_revoked(since: str | None) -> dict[str, Any]:
    return {"now": "", "sessions": []}


class Verifier:
    """Turns an access token into an `Identity`.

    A verdict costs an EdDSA verification (about 100 µs) once and a dictionary look-up afterwards;
    `exp` is checked every time. At `capacity` tokens the oldest verdicts are dropped, and so are
    those of a session that ends (decision 0007).
    """

    def __init__(
        self,
        fetch_jwks: FetchJwks,
        *,
        issuer: str,
        audience: str,
        secret: str | None = None,
        fetch_revoked: FetchRevoked = _none_revoked,
        capacity: int = 10_000,
    ) -> None:
        """Make a verifier that asks for what it needs when it first needs it.

        Args:
            secret: tokens are signed with it (HS256); without it, by the keys of `fetch_jwks`.
            fetch_revoked: without it no session ends before its tokens.
        """
        self._fetch_jwks = fetch_jwks
        self._issuer = issuer
        self._audience = audience
        self._secret = secret
        self._algorithm = ALGORITHM if secret is None else SECRET_ALGORITHM
        self._fetch_revoked = fetch_revoked
        self._capacity = capacity
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -_REFETCH_SECONDS
        self._verdicts: dict[str, Identity] = {}
        self._revoked: set[UUID] = set()
        self._heard: str | None = None
        """The auth service's `now` of its last list; None before the first."""
        self._loaded_at = 0.0
        self._asking = asyncio.Lock()
        self._followers = 0
        self.on_ended: list[Callable[[Set[UUID]], None]] = []
        """Called with the ids of sessions as soon as it is heard that they have ended."""

    async def verify(self, token: str) -> Identity:
        """Return who bears `token`.

        Raises:
            TokenExpired: its time is over.
            TokenInvalid: it is not a token of this issuer for this audience, signed as is the
                custom here, or its session has ended.
            ServiceUnavailable: it is signed with an unknown key and the keys cannot be had, or
                it was never heard which sessions have ended.
        """
        known = self._verdicts.get(token)
        if known is not None:
            if known.expires_at <= time():
                raise TokenExpired
            return known
        identity = self._decode(token, await self._key_of(token))
        if self._heard is None:
            await self._hear_first()
        if identity.session_id in self._revoked:  # nothing is awaited from here on
            raise TokenInvalid
        while len(self._verdicts) >= self._capacity:
            del self._verdicts[next(iter(self._verdicts))]
        self._verdicts[token] = identity
        return identity

    def has_ended(self, session_id: UUID) -> bool:
        """Tell whether a session is known to have ended."""
        return session_id in self._revoked

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Hear twice a second which sessions have ended; several may be in this at once.

        While the auth service is away, what was heard last goes on to count.
        """
        self._followers += 1
        if self._followers == 1:
            self._follower = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._follower.cancel()
                await asyncio.gather(self._follower, return_exceptions=True)

    async def _follow(self) -> None:
        async def step() -> int:
            async with self._asking:
                await self._hear()
            return 0

        name = "hearing of ended sessions"
        await forever(name, step, full=1, woken=asyncio.Event(), poll=_POLL_SECONDS)

    async def _hear_first(self) -> None:
        async with self._asking:
            if self._heard is None:
                await self._hear()

    async def _hear(self) -> None:
        """Ask which sessions have ended since, and forget what was known of them.

        The whole list is asked for now and then: it leaves out those whose tokens are all dead,
        whose number would grow for ever, without anybody here knowing how long a token lives.
        """
        whole = self._heard is None or monotonic() - self._loaded_at >= _RELOAD_SECONDS
        answer = await self._fetch_revoked(None if whole else self._heard)
        listed = {UUID(session) for session in answer["sessions"]}
        ended = listed - self._revoked
        self._revoked = listed if whole else self._revoked | listed
        if whole:
            self._loaded_at = monotonic()
        self._heard = answer["now"]
        if ended:
            dropped = [token for token, one in self._verdicts.items() if one.session_id in ended]
            for token in dropped:
                del self._verdicts[token]
            for tell in self.on_ended:
                tell(ended)

    async def _key_of(self, token: str) -> Any:
        try:  # not by PyJWT, which would decode all of the token, and once more to verify it
            header = orjson.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
        except ValueError as error:
            raise TokenInvalid from error
        if not isinstance(header, dict) or header.get("alg") != self._algorithm:
            raise TokenInvalid
        if self._secret is not None:
            return self._secret
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise TokenInvalid
        if key_id not in self._keys and monotonic() - self._fetched_at >= _REFETCH_SECONDS:
            jwks = await self._fetch_jwks()
            self._keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}
            self._fetched_at = monotonic()
        if key_id not in self._keys:
            raise TokenInvalid
        return self._keys[key_id].key

    def _decode(self, token: str, key: Any) -> Identity:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[self._algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": _REQUIRED},
            )
            if claims["exp"] <= time():
                raise TokenExpired
            return Identity(
                UUID(claims["sub"]),
                UUID(claims["sid"]),
                Role(claims["role"]),
                int(claims["exp"]),
                token,
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalid from error


def bearer_token(authorization: str | None) -> str:
    """Take the token out of an `Authorization` header (RFC 6750).

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


class _Bearer(SecurityBase):
    """The bearer scheme of OpenAPI, and the dependency that checks it and the role."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request, allowed: SecurityScopes) -> Identity:
        token = bearer_token(request.headers.get("authorization"))
        identity: Identity = await request.app.state.runtime.verifier.verify(token)
        if allowed.scopes and identity.role not in allowed.scopes:
            raise Forbidden({"allowed": allowed.scopes})
        return identity


_bearer = _Bearer()

SignedIn = Annotated[Identity, Security(_bearer)]
CandidateOnly = Annotated[Identity, Security(_bearer, scopes=[Role.CANDIDATE])]
EmployerOnly = Annotated[Identity, Security(_bearer, scopes=[Role.EMPLOYER])]
EmployerOrAdmin = Annotated[Identity, Security(_bearer, scopes=[Role.EMPLOYER, Role.ADMIN])]
AdminOnly = Annotated[Identity, Security(_bearer, scopes=[Role.ADMIN])]
