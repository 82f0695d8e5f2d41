"""Signing in and out, and tokens."""

from datetime import datetime
from typing import Literal

from pydantic import AliasChoices, Field

from libs.common.identity import Role
from libs.common.ids import Id
from libs.common.schemas import In, Out
from services.auth.schemas.fields import Password


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

    id: Id
    name: str
    user_type: Role
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


class LogoutIn(In):
    """Which session to end, where it is not the access token's own."""

    refresh_token: str | None = Field(None, min_length=1, max_length=512)


class SessionOut(Out):
    """A device on which the caller is signed in."""

    id: Id
    created_at: datetime
    last_used_at: datetime = Field(description="When it signed in, or last got new tokens.")
    user_agent: str | None
    ip: str | None
    current: bool = Field(description="It is the one that asks.")


class RefreshedOut(Out):
    """The pair that takes the old one's place."""

    access_token: str
    refresh_token: str
