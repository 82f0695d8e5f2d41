"""Signing in, and keeping signed in."""

from fastapi import Request
from fastapi.responses import JSONResponse

from libs.common.errors import ApiError, ContentTooLarge, TokenExpired, TokenInvalid
from libs.common.openapi import openapi_errors
from libs.common.service import Running, service_router
from services.auth import oauth_form, sessions, views
from services.auth.commands import signing_in
from services.auth.errors import (
    AccountNotVerified,
    InvalidCredentials,
    TokenReused,
    TooManyAttempts,
)
from services.auth.schemas.signing_in import LoginIn, RefreshedOut, RefreshIn, SignedInOut

router = service_router("auth")


@router.post(
    "/auth/login",
    responses=openapi_errors(InvalidCredentials, AccountNotVerified, TooManyAttempts),
)
async def login(body: LoginIn, running: Running) -> SignedInOut:
    """Open a session."""
    account = await signing_in.authenticate(running.db, body.email_or_phone, body.password)
    async with running.db.write() as session:
        pair, person = await signing_in.sign_in(session, account)
    return views.signed_in(account, person, pair)


@router.post(
    "/auth/login/form",
    openapi_extra=oauth_form.DESCRIBED,
    responses=openapi_errors(ContentTooLarge, TooManyAttempts),
)
async def login_form(request: Request, running: Running) -> JSONResponse:
    """Open a session for an OAuth2 client: the password form, answered bare (RFC 6749)."""
    form = await oauth_form.read(request)
    if isinstance(form, JSONResponse):
        return form
    try:
        account = await signing_in.authenticate(running.db, *form)
    except (InvalidCredentials, AccountNotVerified) as error:
        return oauth_form.refused("invalid_grant", error.code)
    async with running.db.write() as session:
        return oauth_form.granted((await signing_in.sign_in(session, account))[0])


@router.post(
    "/auth/refresh-token", responses=openapi_errors(TokenExpired, TokenInvalid, TokenReused)
)
async def refresh_token(body: RefreshIn, running: Running) -> RefreshedOut:
    """Spend a refresh token on a new pair; one that was spent before ends its session."""
    # Committed before the refusal, which would undo the session's end.
    async with running.db.write() as session:
        pair = await sessions.rotate(session, body.refresh_token)
    if isinstance(pair, ApiError):
        raise pair
    return RefreshedOut(access_token=pair.access, refresh_token=pair.refresh)
