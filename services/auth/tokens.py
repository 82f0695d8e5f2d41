"""Access tokens: short-lived JWTs, signed with a key of the JWKS, or with the secret of HS256."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from libs.common.identity import ALGORITHM, SECRET_ALGORITHM
from libs.common.ids import new_id
from libs.common.settings import CommonSettings
from services.auth.keys import signing_key, signing_keys
from services.auth.settings import settings


def access_token_life() -> timedelta:
    """Return how long an access token is good for."""
    return timedelta(minutes=settings().jwt_access_token_expire_minutes)


def sign_access_token(
    common: CommonSettings, *, user_id: UUID, session_id: UUID, role: str, now: datetime
) -> str:
    """Return the JWT (RFC 7519, 8037) with which a session calls every service."""
    claims = {
        "iss": common.token_issuer,
        "aud": common.token_audience,
        "sub": str(user_id),
        "sid": str(session_id),
        "role": role,
        "iat": now,
        "exp": now + access_token_life(),
        "jti": str(new_id()),
    }
    if common.jwt_algorithm == SECRET_ALGORITHM:
        return jwt.encode(claims, _secret(common), SECRET_ALGORITHM)
    key = signing_key(common.data_dir)
    return jwt.encode(claims, key.private, ALGORITHM, headers={"kid": key.id})


def jwks(common: CommonSettings) -> dict[str, Any]:
    """Return the public half of every key (RFC 7517); of HS256 nothing is public."""
    if common.jwt_algorithm == SECRET_ALGORITHM:
        return {"keys": []}
    return {"keys": [key.jwk for key in signing_keys(common.data_dir)]}


def _secret(common: CommonSettings) -> str:
    assert common.jwt_secret_key is not None  # the settings refuse HS256 without it
    return common.jwt_secret_key.get_secret_value()
