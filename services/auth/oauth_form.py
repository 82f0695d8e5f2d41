"""The OAuth2 password form (RFC 6749 §4.3), read and answered as that standard says: bare.

Read with the standard library: Starlette's parser takes what is no UTF-8 for something else.
"""

from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.common.schemas import tidy
from libs.common.uploads import limited, media_type_of
from services.auth.sessions import TokenPair
from services.auth.tokens import access_token_life

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = 8192

_TEXT = {"type": "string"}
_TOKENS = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "refresh_token"],
    "properties": {
        "access_token": _TEXT,
        "token_type": _TEXT | {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds."},
        "refresh_token": _TEXT,
    },
}
_REFUSAL = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": _TEXT | {"enum": ["invalid_request", "invalid_grant", "unsupported_grant_type"]},
        "error_description": {"type": "string", "description": "A code as elsewhere in `error`."},
    },
}
_FORM = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "username": {"type": "string", "description": "E-mail address or phone number."},
        "password": {"type": "string", "format": "password"},
        "grant_type": _TEXT | {"const": "password"},
        "scope": _TEXT,
    },
}
DESCRIBED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": _FORM}}},
    "responses": {
        "200": {"description": "Tokens", "content": {"application/json": {"schema": _TOKENS}}},
        "400": {"description": "Refused", "content": {"application/json": {"schema": _REFUSAL}}},
    },
}
"""For the route's `openapi_extra`."""


async def read(request: Request) -> tuple[str, str] | JSONResponse:
    """Return user name and password, or the answer to a form that is not as it must be.

    Raises:
        ContentTooLarge: it is over 8 KiB.
    """
    if media_type_of(request) != MEDIA_TYPE:
        return refused("invalid_request")
    return _credentials(b"".join([chunk async for chunk in limited(request, MAX_BYTES)]))


def _credentials(body: bytes) -> tuple[str, str] | JSONResponse:
    try:
        fields = parse_qs(body.decode(), max_num_fields=20, keep_blank_values=True)
        if fields.get("grant_type", ["password"]) != ["password"]:
            return refused("unsupported_grant_type")
        [username], [password] = fields["username"], fields["password"]
        return tidy(username.strip()), tidy(password)
    except (ValueError, KeyError):
        return refused("invalid_request")


def granted(pair: TokenPair) -> JSONResponse:
    """Return the answer with the tokens (RFC 6749 §5.1)."""
    body = {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": int(access_token_life().total_seconds()),
        "refresh_token": pair.refresh,
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def refused(error: str, code: str | None = None) -> JSONResponse:
    """Return the answer of an error (RFC 6749 §5.2); the code is that of `error` elsewhere."""
    body = {"error": error} | ({"error_description": code} if code else {})
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})
