"""What clients send to the identity service, and what they see of it."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    StringConstraints,
    model_validator,
)

from libs.common import clock
from libs.common.schemas import Day, In, Out
from libs.common.urls import HttpsUrl, WebUrl
from services.auth.contacts import email_of, phone_of
from services.auth.rules import check_password


def _not_in_future(day: date) -> date:
    if day > clock.local_date(clock.now()):
        raise ValueError("must not be later than today (in Vietnam)")
    return day


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(email_of)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(phone_of)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128, strip_whitespace=False)]
NewPassword = Annotated[Password, AfterValidator(check_password)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PastDay = Annotated[Day, Field(ge=date(1700, 1, 1)), AfterValidator(_not_in_future)]


class RegisterIn(In):
    """A new account. Seed N's body fits too: `full_name`, and no username, phone or userType."""

    username: str | None = Field(
        None,
        pattern=r"^[\w.-]{3,50}$",
        description="Letters, digits and . _ - only; derived from the e-mail where absent.",
        examples=["hoangnguyen"],
    )
    password: NewPassword = Field(
        description="8-128 characters, with an upper-case and a lower-case letter and a digit.",
        examples=["Password123!"],
    )
    email: Email = Field(examples=["hoang@email.com"])
    phone: Phone | None = Field(
        None, description="Vietnamese unless it begins with +.", examples=["0909123456"]
    )
    name: Name = Field(
        validation_alias=AliasChoices("name", "full_name"), examples=["Nguyễn Văn Hoàng"]
    )
    user_type: Literal["Candidate", "Employer"] = "Candidate"
    skills: list[Label] = Field([], max_length=100, examples=[["Python", "FastAPI"]])
    target_roles: list[Label] = Field([], alias="target_roles", max_length=20)
    experience_level: Label | None = Field(None, alias="experience_level", examples=["Mid"])
    location: Line | None = None


class RegisteredOut(Out):
    """An account that waits for its code."""

    user_id: UUID
    username: str
    email: str
    is_active: bool


class WhoseIn(In):
    """Names an account: by its address, or by its number."""

    email: Email | None = Field(None, examples=["hoang@email.com"])
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.email is None) == (self.phone is None):
            raise ValueError("give email or phone, and not both")
        return self

    @property
    def address(self) -> str:
        """Return whichever was given."""
        return self.email or self.phone or ""


class VerifyOtpIn(WhoseIn):
    """The code that came by mail."""

    otp_code: str = Field(pattern=r"^[0-9]{6}$", examples=["123456"])


class OtpSentOut(Out):
    """What is said whether or not there is such an account."""

    timeout: int = Field(description="Seconds until a code sent now is too old.", examples=[300])


class LoginIn(In):
    """Credentials; seed N's `email` is accepted for `emailOrPhone`."""

    email_or_phone: str = Field(
        validation_alias=AliasChoices("emailOrPhone", "email"),
        min_length=1,
        max_length=254,
        examples=["hoang@email.com"],
    )
    password: Password = Field(examples=["Password123!"])


class UserOut(Out):
    """Who signed in."""

    id: UUID
    name: str
    user_type: str
    avatar: str | None


class SignedInOut(Out):
    """A new session."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - no secret
    expires_in: int = Field(description="Life of the access token, in seconds.")
    user: UserOut


class RefreshIn(In):
    """The refresh token, which this call spends."""

    refresh_token: str = Field(min_length=1, max_length=512)


class RefreshedOut(Out):
    """The pair that takes the old one's place."""

    access_token: str
    refresh_token: str


class CompanyBriefOut(Out):
    """The company that an employer is linked with."""

    id: UUID
    name: str


class MeOut(Out):
    """The caller himself; `ssn` is null until he tells it, `company` for all but employers."""

    id: UUID
    username: str
    email: str
    phone: str | None = Field(examples=["0909123456"])
    name: str
    address: str | None
    user_type: str
    ssn: str | None = None
    dob: date | None
    avatar: str | None
    company: CompanyBriefOut | None


class CvIn(In):
    """The default CV, by its address."""

    cv_url: HttpsUrl = Field(examples=["https://storage.mysite.com/uploads/my-new-cv-2025.pdf"])
    cv_name: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        None, examples=["CV_Fullstack_Senior.pdf"]
    )


class CvOut(Out):
    """The default CV now."""

    candidate_id: UUID
    cv_url: str
    updated_at: datetime


class CompanyIn(In):
    """A company, complete enough to post jobs."""

    tax_number: str = Field(
        pattern=r"^[0-9]{10}(-[0-9]{3})?$",
        description="A Vietnamese tax code: 10 digits, for a branch followed by - and 3 more.",
        examples=["0101234567"],
    )
    name: Line = Field(examples=["Tech Solutions Inc."])
    founded_date: PastDay | None = Field(
        None, description="From 1700-01-01 on, not in the future.", examples=["2010-10-10"]
    )
    industry: Line | None = Field(None, examples=["Software Outsourcing"])
    size: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = Field(
        None, examples=["100-500"]
    )
    country: Label = Field(examples=["Vietnam"])
    website: WebUrl = Field(examples=["https://techsolutions.com"])


class CompanyCreatedOut(Out):
    """A company just made, and linked with the employer who made it."""

    company_id: UUID
    name: str


class CompanyOut(Out):
    """A company as everybody sees it."""

    id: UUID
    name: str
    tax_number: str
    founded_date: date | None
    industry: str | None
    size: str | None
    country: str | None
    website: str | None
    address: str | None
    logo_url: str | None
