"""The routes of the identity service."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from libs.common.errors import (
    ApiError,
    ContentTooLarge,
    Forbidden,
    NotFound,
    TokenExpired,
    TokenInvalid,
    Unauthenticated,
)
from libs.common.identity import CandidateOnly, EmployerOnly, SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.service import Read, Running, Write, service_router
from services.auth import commands, oauth_form, queries, sessions, views
from services.auth.errors import (
    AccountNotVerified,
    CompanyAlreadyLinked,
    EmailTaken,
    InvalidCredentials,
    InvalidOtp,
    PhoneTaken,
    TaxNumberTaken,
    TokenReused,
    TooManyAttempts,
    UsernameTaken,
)
from services.auth.otp import LIFE
from services.auth.schemas import (
    CompanyCreatedOut,
    CompanyIn,
    CompanyOut,
    CvIn,
    CvOut,
    LoginIn,
    MeOut,
    OtpSentOut,
    RefreshedOut,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    SignedInOut,
    VerifyOtpIn,
    WhoseIn,
)
from services.auth.tokens import jwks

_versioned = service_router("auth")
_well_known = APIRouter(tags=["auth"])

_TOKEN_ERRORS = (Unauthenticated, TokenExpired, TokenInvalid)


@_versioned.post(
    "/auth/register",
    status_code=201,
    responses=openapi_errors(EmailTaken, UsernameTaken, PhoneTaken, TooManyAttempts),
)
async def register(body: RegisterIn, session: Write) -> RegisteredOut:
    """Make an account; a code to activate it comes by mail."""
    account = await commands.register(session, body)
    return RegisteredOut(
        user_id=account.id,
        username=account.username,
        email=account.email,
        is_active=account.is_active,
    )


@_versioned.post("/auth/verify-otp", responses=openapi_errors(InvalidOtp))
async def verify_otp(body: VerifyOtpIn, running: Running) -> bool:
    """Activate an account with the code that came by mail: 5 minutes, 5 tries."""
    # Committed before the refusal, which would undo the counting of a wrong try.
    async with running.db.write() as session:
        right = await commands.verify_otp(session, body.address, body.otp_code)
    if not right:
        raise InvalidOtp("OTP mismatch")
    return True


@_versioned.post("/auth/resend-otp")
async def resend_otp(body: WhoseIn, session: Write) -> OtpSentOut:
    """Mail a new code, once a minute; the answer tells nothing of whether the account exists."""
    commands.request_code(session, body.address)
    return OtpSentOut(timeout=LIFE.seconds)


@_versioned.post(
    "/auth/login",
    responses=openapi_errors(InvalidCredentials, AccountNotVerified, TooManyAttempts),
)
async def login(body: LoginIn, running: Running) -> SignedInOut:
    """Open a session."""
    account = await commands.authenticate(running.db, body.email_or_phone, body.password)
    async with running.db.write() as session:
        pair, person = await commands.sign_in(session, account)
    return views.signed_in(account, person, pair)


@_versioned.post(
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
        account = await commands.authenticate(running.db, *form)
    except (InvalidCredentials, AccountNotVerified) as error:
        return oauth_form.refused("invalid_grant", error.code)
    async with running.db.write() as session:
        return oauth_form.granted((await commands.sign_in(session, account))[0])


@_versioned.post(
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


@_versioned.get("/users/me", responses=openapi_errors(*_TOKEN_ERRORS, NotFound))
async def get_me(session: Read, me: SignedIn) -> MeOut:
    """Show the caller's own account."""
    return views.me(*await queries.profile(session, me.user_id))


@_versioned.put("/candidates/me/cv", responses=openapi_errors(*_TOKEN_ERRORS, Forbidden, NotFound))
async def set_cv(body: CvIn, session: Write, me: CandidateOnly) -> CvOut:
    """Set the default CV, which goes with every application that brings no other."""
    candidate = await commands.set_cv(session, me.user_id, body)
    return CvOut.model_validate(
        {
            "candidate_id": candidate.account_id,
            "cv_url": candidate.cv_url,
            "updated_at": candidate.cv_updated_at,
        }
    )


@_versioned.post(
    "/companies",
    status_code=201,
    responses=openapi_errors(
        *_TOKEN_ERRORS, Forbidden, NotFound, TaxNumberTaken, CompanyAlreadyLinked
    ),
)
async def create_company(body: CompanyIn, session: Write, me: EmployerOnly) -> CompanyCreatedOut:
    """Make the company that the caller posts jobs for."""
    company = await commands.create_company(session, me.user_id, body)
    return CompanyCreatedOut(company_id=company.id, name=company.name)


@_versioned.get("/companies/{company_id}", responses=openapi_errors(NotFound))
async def get_company(company_id: Id, session: Read) -> CompanyOut:
    """Show a company."""
    return CompanyOut.model_validate(await queries.company_of(session, company_id))


@_well_known.get("/.well-known/jwks.json", response_class=JSONResponse)
async def json_web_keys(running: Running) -> JSONResponse:
    """Show the public keys of access tokens, bare (RFC 7517)."""
    return JSONResponse(jwks(running.settings), headers={"Cache-Control": "public, max-age=60"})


router = APIRouter()
router.include_router(_versioned)
router.include_router(_well_known)
