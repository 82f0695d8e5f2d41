"""The public keys of access tokens."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from libs.common.service import Running
from services.auth.tokens import jwks

router = APIRouter(tags=["auth"])


@router.get("/.well-known/jwks.json", response_class=JSONResponse)
async def json_web_keys(running: Running) -> JSONResponse:
    """Show the public keys of access tokens, bare (RFC 7517)."""
    return JSONResponse(jwks(running.settings), headers={"Cache-Control": "public, max-age=60"})
