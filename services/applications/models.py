"""Tables of the applications service, the read models of jobs and candidates among them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.kept_answers import add_idempotency_table
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("applications")
add_messaging_tables(metadata)
add_idempotency_table(metadata)

_INSTANT = DateTime(timezone=True)


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Application(_Row, table=True):
    """One candidate's application for one job (seed B's APPLY).

    A trigger lets none in for a job that is unknown, expired, closed or sealed (migration 0003).
    """

    __tablename__ = "applications"
    __table_args__ = (
        # The rule "once a job" itself; whoever has withdrawn may apply again.
        Index(
            "uq_applications_live",
            "candidate_id",
            "job_id",
            unique=True,
            postgresql_where=text("status <> 'Withdrawn'"),
        ),
        Index("ix_applications_candidate", "candidate_id", "id"),
        Index("ix_applications_job", "job_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID
    candidate_id: UUID
    cv_url: str = Field(sa_type=Text)
    """Fixed when the application is made, the default CV too: the employer sees what was sent."""
    cover_letter: str | None = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    applied_at: datetime = Field(sa_type=_INSTANT)
    updated_at: datetime = Field(sa_type=_INSTANT)


class ApplicationMove(_Row, table=True):
    """One change of an application's status: who made it, when, and why."""

    __tablename__ = "application_moves"
    __table_args__ = (Index("ix_application_moves_application", "application_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="applications.applications.id")
    from_status: str = Field(sa_type=Text)
    to_status: str = Field(sa_type=Text)
    moved_by: UUID
    moved_at: datetime = Field(sa_type=_INSTANT)
    note: str | None = Field(sa_type=Text)


class Feedback(_Row, table=True):
    """What somebody who was accepted for a job says of it (seed B's FEEDBACK)."""

    __tablename__ = "feedbacks"
    __table_args__ = (
        UniqueConstraint("candidate_id", "job_id", name="uq_feedbacks_candidate"),
        CheckConstraint("rank BETWEEN 1 AND 5", name="rank"),
        Index("ix_feedbacks_job", "job_id", "id"),
        Index("ix_feedbacks_employer", "employer_id", "job_id", "rank"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID
    employer_id: UUID
    candidate_id: UUID | None
    """None once he is erased; so is the text, and the rank still counts."""
    rank: int
    content: str | None = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=_INSTANT)


class JobSnapshot(_Row, table=True):
    """What this service knows of a job; its owner is the jobs service."""

    __tablename__ = "job_snapshots"

    job_id: UUID = Field(primary_key=True)
    employer_id: UUID
    title: str = Field(sa_type=Text)
    company_name: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=_INSTANT)
    version: int
    sealed_until: datetime | None = Field(default=None, sa_type=_INSTANT)
    """It is being closed: until then it takes no applications, whatever its status says."""


class CandidateSnapshot(_Row, table=True):
    """What this service knows of a candidate; its owner is the auth service."""

    __tablename__ = "candidate_snapshots"

    candidate_id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    cv_url: str | None = Field(sa_type=Text)
    version: int
