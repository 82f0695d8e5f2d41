"""Signing in, keeping signed in, and signing out."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from libs.common.asgi import client_address
from libs.common.errors import (
    ApiError,
    ContentTooLarge,
    NotFound,
    TokenExpired,
    TokenInvalid,
    Unauthenticated,
)
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.pagination import Page, Paging, page
from libs.common.service import Read, Running, Write, service_router
from services.auth import oauth_form, sessions, views
from services.auth.commands import signing_in
from services.auth.errors import (
    AccountDeactivated,
    AccountNotVerified,
    InvalidCredentials,
    TokenReused,
    TooManyAttempts,
)
from services.auth.schemas.signing_in import (
    LoginIn,
    LogoutIn,
    RefreshedOut,
    RefreshIn,
    SessionOut,
    SignedInOut,
)

router = service_router("auth")


async def _device_of(request: Request) -> sessions.Device:
    return sessions.device(request.headers.get("user-agent"), client_address(request))


Device = Annotated[sessions.Device, Depends(_device_of)]


@router.post(
    "/auth/login",
    openapi_extra=rate_limited("sign-in", 60, 60),
    responses=openapi_errors(
        InvalidCredentials, AccountNotVerified, AccountDeactivated, TooManyAttempts
    ),
)
async def login(body: LoginIn, running: Running, device: Device) -> SignedInOut:
    """Sign in: open a session."""
    opened = await signing_in.log_in(running.db, body.email_or_phone, body.password, device)
    return views.signed_in(running.settings, *opened)


@router.post(
    "/auth/login/form",
    openapi_extra=oauth_form.DESCRIBED | rate_limited("sign-in", 60, 60),
    responses=openapi_errors(ContentTooLarge, TooManyAttempts),
)
async def login_form(request: Request, running: Running, device: Device) -> JSONResponse:
    """Open a session for an OAuth2 client: the password form, answered bare (RFC 6749)."""
    form = await oauth_form.read(request)
    if isinstance(form, JSONResponse):
        return form
    try:
        _, _, pair = await signing_in.log_in(running.db, *form, device)
    except (InvalidCredentials, AccountNotVerified, AccountDeactivated) as error:
        return oauth_form.refused("invalid_grant", error.code)
    return oauth_form.granted(pair)


@router.post(
    "/auth/refresh-token",
    openapi_extra=rate_limited("refresh", 300, 60),
    responses=openapi_errors(TokenExpired, TokenInvalid, TokenReused),
)
async def refresh_token(body: RefreshIn, running: Running, device: Device) -> RefreshedOut:
    """Spend a refresh token on a new pair; one that was spent before ends its session."""
    # Committed before the refusal, which would undo the session's end.
    async with running.db.write() as session:
        pair = await sessions.rotate(session, body.refresh_token, device)
    if isinstance(pair, ApiError):
        raise pair
    return RefreshedOut(access_token=pair.access, refresh_token=pair.refresh)


@router.post("/auth/logout", responses=openapi_errors(Unauthenticated))
async def logout(session: Write, me: SignedIn, body: LogoutIn | None = None) -> None:
    """Sign out here: end the session of the refresh token, else that of the access token."""
    await signing_in.log_out(session, me, body.refresh_token if body else None)


@router.get("/auth/sessions", responses=openapi_errors(Unauthenticated))
async def list_sessions(session: Read, me: SignedIn, paging: Paging) -> Page[SessionOut]:
    """List the devices on which the caller is signed in, the last used first."""
    rows, total = await sessions.live_sessions(
        session, me.user_id, limit=paging.limit, offset=paging.offset
    )
    shown = [views.session_shown(row, current=row.id == me.session_id) for row in rows]
    return page(shown, total, paging)


@router.delete("/auth/sessions/{session_id}", responses=openapi_errors(Unauthenticated, NotFound))
async def end_session(session_id: Id, session: Write, me: SignedIn) -> None:
    """Sign out on another device, or on this one."""
    await signing_in.end_session(session, me, session_id)
