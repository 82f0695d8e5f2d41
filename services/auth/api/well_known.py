"""What everybody needs who checks access tokens: their public keys, and which sessions ended."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from libs.common import clock
from libs.common.service import Read, Running, operation_id
from services.auth import sessions
from services.auth.tokens import jwks

_TOLD = ["kty", "crv", "x", "kid", "use", "alg"]
router = APIRouter(tags=["auth"], generate_unique_id_function=operation_id)


_KEY = {
    "type": "object",
    "required": _TOLD,
    "properties": {name: {"type": "string"} for name in _TOLD},
}
_KEYS = {
    "type": "object",
    "required": ["keys"],
    "properties": {"keys": {"type": "array", "items": _KEY}},
}
_SHOWN: dict[int | str, Any] = {200: {"content": {"application/json": {"schema": _KEYS}}}}


@router.get("/.well-known/jwks.json", response_class=JSONResponse, responses=_SHOWN)
async def json_web_keys(running: Running) -> JSONResponse:
    """Show the public keys of access tokens, bare (RFC 7517)."""
    return JSONResponse(jwks(running.settings), headers={"Cache-Control": "public, max-age=60"})


@router.get("/internal/revocations", include_in_schema=False)
async def revocations(
    session: Read, since: AwareDatetime = datetime(1970, 1, 1, tzinfo=UTC)
) -> JSONResponse:
    """List the sessions ended since an instant, for every process's `Verifier`, bare.

    `now` is the `since` of the next call; without one, it lists all whose tokens may be alive.
    """
    now = clock.now()
    ended = await sessions.revoked_since(session, since, now)
    shown = now.isoformat().replace("+00:00", "Z")
    return JSONResponse({"now": shown, "sessions": [str(one) for one in ended]})
