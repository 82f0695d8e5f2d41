"""The tables of the identity service."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Index, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common import clock
from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("auth")
add_messaging_tables(metadata)

_INSTANT = DateTime(timezone=True)
_TEXTS = ARRAY(Text)


class Base(SQLModel, registry=registry(metadata=metadata)):
    """What this service's tables, and no other's, have in common."""


def _of_account() -> Any:
    return Field(primary_key=True, foreign_key="accounts.id", ondelete="CASCADE")


class Account(Base, table=True):
    """Who may sign in: USER of seed B."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("email_key", name="uq_accounts_email"),
        UniqueConstraint("username_key", name="uq_accounts_username"),
        UniqueConstraint("phone", name="uq_accounts_phone"),
        CheckConstraint("role IN ('Candidate', 'Employer', 'Admin')", name="role"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(sa_type=Text)
    email_key: str = Field(sa_type=Text)
    username: str = Field(sa_type=Text)
    username_key: str = Field(sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    """E.164."""
    password_hash: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    is_active: bool = False
    version: int = 1
    """Of the account and its person."""
    created_at: datetime = Field(default_factory=clock.now, sa_type=_INSTANT)


class Person(Base, table=True):
    """The human behind an account: PERSON of seed B, and the profile of seed N."""

    __tablename__ = "persons"

    account_id: UUID = _of_account()
    name: str = Field(sa_type=Text)
    avatar_url: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    dob: date | None = None
    skills: list[str] = Field(default_factory=list, sa_type=_TEXTS)
    target_roles: list[str] = Field(default_factory=list, sa_type=_TEXTS)
    experience_level: str | None = Field(default=None, sa_type=Text)
    location: str | None = Field(default=None, sa_type=Text)


class Candidate(Base, table=True):
    """Somebody who looks for work."""

    __tablename__ = "candidates"

    account_id: UUID = _of_account()
    cv_url: str | None = Field(default=None, sa_type=Text)
    cv_name: str | None = Field(default=None, sa_type=Text)
    cv_updated_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    version: int = 1


class Company(Base, table=True):
    """A firm that employers post jobs for."""

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("tax_number", name="uq_companies_tax_number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tax_number: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    founded_date: date | None = None
    industry: str | None = Field(default=None, sa_type=Text)
    size: str | None = Field(default=None, sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    website: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    logo_url: str | None = Field(default=None, sa_type=Text)
    version: int = 1
    created_at: datetime = Field(default_factory=clock.now, sa_type=_INSTANT)


class Employer(Base, table=True):
    """Somebody who offers work."""

    __tablename__ = "employers"
    __table_args__ = (Index("ix_employers_company_id", "company_id"),)

    account_id: UUID = _of_account()
    company_id: UUID | None = Field(default=None, foreign_key="companies.id")
    version: int = 1


class LoginSession(Base, table=True):
    """One sign-in on one device, and with it the family of its refresh tokens."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_account_id", "account_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", ondelete="CASCADE")
    created_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    revoked_at: datetime | None = Field(default=None, sa_type=_INSTANT)


class RefreshToken(Base, table=True):
    """A refresh token, known by its SHA-256 only."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)

    token_hash: bytes = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", ondelete="CASCADE")
    created_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    spent_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    successors: bytes | None = None
    """The pair that it was exchanged for, sealed; on the newest spent token of a family only."""


class OneTimeCode(Base, table=True):
    """The one code in force for an account and purpose, known by its keyed hash only."""

    __tablename__ = "one_time_codes"

    account_id: UUID = _of_account()
    purpose: str = Field(sa_type=Text, primary_key=True)
    code_hash: bytes
    created_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    tries_left: int
    """0: void, whether used or guessed at too often."""
