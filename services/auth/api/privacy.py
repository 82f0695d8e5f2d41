"""A person's copy of his data, and its erasure."""

from libs.common.errors import NotFound, ServiceUnavailable, Unauthenticated
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.service import Read, Running, service_router
from services.auth import exports, queries
from services.auth.commands import privacy, signing_in
from services.auth.errors import InvalidCredentials, TooManyAttempts
from services.auth.schemas.privacy import ErasedOut, EraseIn, ErasureOut, ExportOut

router = service_router("auth")


@router.get(
    "/users/me/export",
    openapi_extra=rate_limited("export", 30, 60),
    responses=openapi_errors(Unauthenticated, NotFound, ServiceUnavailable),
)
async def export_me(me: SignedIn, running: Running) -> ExportOut:
    """Hand over everything that is held of the caller, in every service."""
    return await exports.export_of(running, me)


@router.delete(
    "/users/me",
    openapi_extra=rate_limited("sign-in", 60, 60),
    responses=openapi_errors(Unauthenticated, InvalidCredentials, TooManyAttempts),
)
async def erase_me(body: EraseIn, me: SignedIn, running: Running) -> ErasedOut:
    """Erase the caller, in every service and for good; the account is gone at once."""
    await signing_in.confirm_password(running.db, me.user_id, body.password)
    async with running.db.write() as session:
        return ErasedOut(erasure_id=await privacy.erase_account(session, me.user_id))


@router.get("/privacy/erasures/{erasure_id}", responses=openapi_errors(NotFound))
async def get_erasure(erasure_id: Id, session: Read) -> ErasureOut:
    """Show how far an erasure has come, to whoever knows its id."""
    return await queries.erasure(session, erasure_id)
