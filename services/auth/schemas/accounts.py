"""Registering, proving an address, and passwords."""

from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator

from libs.common.ids import Id
from libs.common.schemas import In, Label, Line, Out
from services.auth.schemas.fields import (
    MAX_SKILLS,
    Email,
    Name,
    NewPassword,
    Password,
    Phone,
)


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
    skills: list[Label] = Field([], max_length=MAX_SKILLS, examples=[["Python", "FastAPI"]])
    target_roles: list[Label] = Field([], alias="target_roles", max_length=20)
    experience_level: Label | None = Field(None, alias="experience_level", examples=["Mid"])
    location: Line | None = None


class RegisteredOut(Out):
    """An account that waits for its code."""

    user_id: Id
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


class ResetPasswordIn(VerifyOtpIn):
    """A new password, and the code that came by mail."""

    new_password: NewPassword = Field(examples=["NewPassword123!"])


class ChangePasswordIn(In):
    """A new password, and the one before it."""

    current_password: Password = Field(examples=["Password123!"])
    new_password: NewPassword = Field(examples=["NewPassword123!"])


class ActiveIn(In):
    """Whether an account's owner may sign in."""

    is_active: bool = Field(strict=True)


class ActiveOut(Out):
    """Whether an account's owner may sign in."""

    user_id: Id
    is_active: bool


class ResetSentOut(Out):
    """What is said whether or not there is such an account."""

    email: str | None = Field(description="As given; null where a phone number was.")
    timeout: int = Field(description="Seconds until a code sent now is too old.", examples=[300])


class OtpSentOut(Out):
    """What is said whether or not there is such an account."""

    timeout: int = Field(description="Seconds until a code sent now is too old.", examples=[300])
