"""Registering, and proving an address."""

from libs.common.openapi import openapi_errors, rate_limited
from libs.common.service import Running, Write, service_router
from services.auth.commands import accounts
from services.auth.errors import EmailTaken, InvalidOtp, PhoneTaken, TooManyAttempts, UsernameTaken
from services.auth.otp import LIFE, Purpose
from services.auth.schemas.accounts import (
    OtpSentOut,
    RegisteredOut,
    RegisterIn,
    VerifyOtpIn,
    WhoseIn,
)

router = service_router("auth")


@router.post(
    "/auth/register",
    status_code=201,
    openapi_extra=rate_limited("register", 60, 60),
    responses=openapi_errors(EmailTaken, UsernameTaken, PhoneTaken, TooManyAttempts),
)
async def register(body: RegisterIn, session: Write) -> RegisteredOut:
    """Make an account; a code to activate it comes by mail."""
    account = await accounts.register(session, body)
    return RegisteredOut(
        user_id=account.id,
        username=account.username,
        email=account.email,
        is_active=account.is_active,
    )


@router.post(
    "/auth/verify-otp",
    openapi_extra=rate_limited("code-check", 60, 60),
    responses=openapi_errors(InvalidOtp),
)
async def verify_otp(body: VerifyOtpIn, running: Running) -> bool:
    """Activate an account with the code that came by mail: 5 minutes, 5 tries."""
    # Committed before the refusal, which would undo the counting of a wrong try.
    if not await accounts.verify_otp(running.db, body.address, body.otp_code):
        raise InvalidOtp("OTP mismatch")
    return True


@router.post("/auth/resend-otp", openapi_extra=rate_limited("code-request", 60, 60))
async def resend_otp(body: WhoseIn, session: Write) -> OtpSentOut:
    """Mail a new code, once a minute; the answer tells nothing of whether the account exists."""
    accounts.request_code(session, body.address, Purpose.ACTIVATION)
    return OtpSentOut(timeout=LIFE.seconds)
