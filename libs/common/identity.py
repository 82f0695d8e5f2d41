"""Who is calling: access tokens verified against the auth service's keys, with cached verdicts.

Every service verifies for itself; no header but `Authorization` is trusted. What a caller may do
with a row is decided by the service that owns the row.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic, time
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from libs.common.errors import Forbidden, TokenExpired, TokenInvalid, Unauthenticated

ALGORITHM = "EdDSA"
_REQUIRED = ["iss", "aud", "sub", "sid", "role", "iat", "exp", "jti"]
_LEEWAY_SECONDS = 5
_REFETCH_SECONDS = 5.0

FetchJwks = Callable[[], Awaitable[dict[str, Any]]]


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


class Verifier:
    """Turns an access token into an `Identity`.

    A verdict costs an EdDSA verification (about 100 µs) once and a dictionary look-up afterwards;
    `exp` is checked every time. At `capacity` tokens the oldest verdicts are dropped.
    """

    def __init__(
        self, fetch_jwks: FetchJwks, *, issuer: str, audience: str, capacity: int = 10_000
    ) -> None:
        self._fetch_jwks = fetch_jwks
        self._issuer = issuer
        self._audience = audience
        self._capacity = capacity
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -_REFETCH_SECONDS
        self._verdicts: dict[str, Identity] = {}

    async def verify(self, token: str) -> Identity:
        """Return who bears `token`.

        Raises:
            TokenExpired: its time is over.
            TokenInvalid: it is not an EdDSA token of this issuer for this audience.
            ServiceUnavailable: it is signed with an unknown key and the keys cannot be had.
        """
        known = self._verdicts.get(token)
        if known is not None:
            if known.expires_at <= time():
                raise TokenExpired
            return known
        identity = self._decode(token, await self._key_of(token))
        while len(self._verdicts) >= self._capacity:
            del self._verdicts[next(iter(self._verdicts))]
        self._verdicts[token] = identity
        return identity

    async def _key_of(self, token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, UnicodeError) as error:
            raise TokenInvalid from error
        key_id = header.get("kid")
        if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
            raise TokenInvalid
        if key_id not in self._keys and monotonic() - self._fetched_at >= _REFETCH_SECONDS:
            jwks = await self._fetch_jwks()
            self._keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}
            self._fetched_at = monotonic()
        if key_id not in self._keys:
            raise TokenInvalid
        return self._keys[key_id]

    def _decode(self, token: str, key: jwt.PyJWK) -> Identity:
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
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
