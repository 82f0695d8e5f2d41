"""New passwords."""

from libs.common.errors import Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.service import Running, Write, service_router
from services.auth.commands import accounts, passwords
from services.auth.errors import InvalidCredentials, InvalidOtp, TooManyAttempts
from services.auth.otp import LIFE, Purpose
from services.auth.schemas.accounts import (
    ChangePasswordIn,
    ResetPasswordIn,
    ResetSentOut,
    WhoseIn,
)

router = service_router("auth")


@router.post("/auth/forgot-password", openapi_extra=rate_limited("code-request", 60, 60))
async def forgot_password(body: WhoseIn, session: Write) -> ResetSentOut:
    """Mail a code for a new password, once a minute; the answer is the same for every address."""
    accounts.request_code(session, body.address, Purpose.RESET)
    return ResetSentOut(email=body.email, timeout=LIFE.seconds)


@router.post(
    "/auth/reset-password",
    openapi_extra=rate_limited("code-check", 60, 60),
    responses=openapi_errors(InvalidOtp, TooManyAttempts),
)
async def reset_password(body: ResetPasswordIn, running: Running) -> bool:
    """Set a new password with the code that came by mail: 5 minutes, 5 tries. All sessions end."""
    # Committed before the refusal, which would undo the counting of a wrong try.
    if not await passwords.reset_password(running.db, body):
        raise InvalidOtp("OTP mismatch")
    return True


@router.post(
    "/auth/change-password",
    openapi_extra=rate_limited("sign-in", 60, 60),
    responses=openapi_errors(Unauthenticated, InvalidCredentials, TooManyAttempts),
)
async def change_password(body: ChangePasswordIn, running: Running, me: SignedIn) -> bool:
    """Replace one's password; one's other sessions end."""
    await passwords.change_password(running.db, me, body)
    return True
