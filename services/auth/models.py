"""The tables of the identity service."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Index, Text, UniqueConstraint, text
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
_UNPROVEN = text("NOT is_active AND deactivated_at IS NULL")


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
        Index("ix_accounts_unproven", "created_at", postgresql_where=_UNPROVEN),
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
    """Its address was proven, and no admin has deactivated it."""
    deactivated_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    """By an admin; until one reactivates it."""
    language: str = Field(default="vi", sa_type=Text)
    """Which he last asked for, when he registered or signed in; mails are written in it."""
    version: int = 1
    """Of the account and its person."""
    created_at: datetime = Field(default_factory=clock.now, sa_type=_INSTANT)


class Person(Base, table=True):
    """The human behind an account: PERSON of seed B, and the profile of seed N."""

    __tablename__ = "persons"

    account_id: UUID = _of_account()
    name: str = Field(sa_type=Text)
    avatar_url: str | None = Field(default=None, sa_type=Text)
    """Where it is stored: see `libs.common.files`."""
    address: str | None = Field(default=None, sa_type=Text)
    dob: date | None = None
    ssn_sealed: bytes | None = None
    """The number of his identity document, under the key `ssn_key_id`."""
    ssn_key_id: str | None = Field(default=None, sa_type=Text)
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


class StoredCv(Base, table=True):
    """A CV as a file: the default one, or one that was it before."""

    __tablename__ = "cvs"
    __table_args__ = (Index("ix_cvs_account_id", "account_id"),)

    key: str = Field(sa_type=Text, primary_key=True)
    """In the object store: see `libs.common.files`."""
    account_id: UUID = Field(foreign_key="accounts.id", ondelete="CASCADE")
    name: str = Field(sa_type=Text)
    stored_at: datetime = Field(default_factory=clock.now, sa_type=_INSTANT)


class CandidateSkill(Base, table=True):
    """A skill that a candidate has (OWN of seed B); his order is kept."""

    __tablename__ = "candidate_skills"

    account_id: UUID = _of_account()
    skill_id: int = Field(primary_key=True)
    """Of the reference data."""
    position: int


class JobHistory(Base, table=True):
    """Where a candidate worked (JOB_HISTORY of seed B)."""

    __tablename__ = "job_history"
    __table_args__ = (Index("ix_job_history_account_id", "account_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", ondelete="CASCADE")
    com_name: str = Field(sa_type=Text)
    position: str = Field(sa_type=Text)
    start_time: date
    end_time: date | None = None
    """None: he works there still."""
    duration: str | None = Field(default=None, sa_type=Text)
    """In his own words."""


class Company(Base, table=True):
    """A firm that employers post jobs for."""

    __tablename__ = "companies"
    __table_args__ = (UniqueConstraint("tax_number", name="uq_companies_tax_number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tax_number: str | None = Field(sa_type=Text)
    """None where its employer was erased."""
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
    rating_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often his jobs were rated, as last heard."""
    rating_sum: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Of the ranks, 1 to 5."""


class LoginSession(Base, table=True):
    """One sign-in on one device, and with it the family of its refresh tokens."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_account_id", "account_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", ondelete="CASCADE")
    created_at: datetime = Field(sa_type=_INSTANT)
    last_used_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    revoked_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    user_agent: str | None = Field(default=None, sa_type=Text)
    ip: str | None = Field(default=None, sa_type=Text)


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
    __table_args__ = (Index("ix_one_time_codes_expires_at", "expires_at"),)

    account_id: UUID = _of_account()
    purpose: str = Field(sa_type=Text, primary_key=True)
    code_hash: bytes
    created_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    tries_left: int
    """0: void, whether used or guessed at too often."""
    issued: int
    """Codes since `counted_since`."""
    voided: int
    """Of those, guessed at too often since the last that was right."""
    counted_since: datetime = Field(sa_type=_INSTANT)


class Revocation(Base, table=True):
    """A session that ended before its access tokens did; outlives the session's own row."""

    __tablename__ = "revocations"
    __table_args__ = (Index("ix_revocations_revoked_at", "revoked_at"),)

    session_id: UUID = Field(primary_key=True)
    revoked_at: datetime = Field(sa_type=_INSTANT)


class SignInFailures(Base, table=True):
    """How often a password was wrong of late, by address or number, whether or not it is known."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_last_failed_at", "last_failed_at"),)

    login_hash: bytes = Field(primary_key=True)
    """Keyed hash: this table names nobody."""
    failures: int
    last_failed_at: datetime = Field(sa_type=_INSTANT)
    locked_until: datetime | None = Field(default=None, sa_type=_INSTANT)


class JobSnapshot(Base, table=True):
    """What this service knows of a job, for counting an employer's open ones; jobs owns it."""

    __tablename__ = "job_snapshots"
    __table_args__ = (Index("ix_job_snapshots_employer_id", "employer_id"),)

    job_id: UUID = Field(primary_key=True)
    employer_id: UUID
    status: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=_INSTANT)
    version: int


class SkillSnapshot(Base, table=True):
    """A skill that admins had a hand in: others are as the reference data has them."""

    __tablename__ = "skill_snapshots"

    skill_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(sa_type=Text)
    merged_into: int | None
    """Which skill it turned out to be."""
    version: int


class ErasureReceipt(Base, table=True):
    """One service's part of an erasure; nothing here says whose it was."""

    __tablename__ = "erasure_receipts"

    erasure_id: UUID = Field(primary_key=True)
    service: str = Field(sa_type=Text, primary_key=True)
    requested_at: datetime = Field(sa_type=_INSTANT)
    erased_at: datetime | None = Field(default=None, sa_type=_INSTANT)
