"""Tables of the jobs service, the read models of employers and companies among them.

Seed B's JOB, JOB_DESCRIPTION, REQUIRE (`job_skills`), IN (`job_categories`), SKILL, JOB_CATEGORY.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.kept_answers import add_idempotency_table
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("jobs")
add_messaging_tables(metadata)
add_idempotency_table(metadata)

_INSTANT = DateTime(timezone=True)
_ACTIVE = text("status = 'Active'")


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Job(_Row, table=True):
    """A job as it is found; what is only read stands in its description."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_newest", text("posted_at DESC"), text("id DESC"), postgresql_where=_ACTIVE),
        Index("ix_jobs_document", "document", postgresql_using="gin", postgresql_where=_ACTIVE),
        Index("ix_jobs_company", "company_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID
    company_id: UUID = Field(foreign_key="jobs.company_snapshots.company_id")
    title: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    posted_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    """The instant from which it is no longer open."""
    version: int
    places: list[str] = Field(sa_type=ARRAY(Text))
    """`place_keys` of its location."""
    document: Any = Field(sa_type=TSVECTOR, nullable=False)
    """Folded words: title with weight A, company B, description D."""


class JobDescription(_Row, table=True):
    """What a job offers and asks for."""

    __tablename__ = "job_descriptions"

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    location: str = Field(sa_type=Text)
    salary: str = Field(sa_type=Text)
    """As people read it; the figures beside it are for comparing."""
    salary_min: int | None
    salary_max: int | None
    salary_currency: str | None = Field(sa_type=Text)
    salary_period: str | None = Field(sa_type=Text)
    quantity: int
    exp_year: int
    level: str | None = Field(sa_type=Text)
    contract_type: str | None = Field(sa_type=Text)
    job_type: str | None = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    requirements: str | None = Field(sa_type=Text)
    benefits: str | None = Field(sa_type=Text)


class Skill(_Row, table=True):
    """A skill of the reference data."""

    __tablename__ = "skills"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    keys: list[str] = Field(sa_type=ARRAY(Text))
    """Its name and aliases, folded."""


class Category(_Row, table=True):
    """A field of work of the reference data."""

    __tablename__ = "categories"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name_vi: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    keys: list[str] = Field(sa_type=ARRAY(Text))
    """Its names and aliases, folded."""


class JobSkill(_Row, table=True):
    """A skill that a job asks for; the employer's order is kept."""

    __tablename__ = "job_skills"
    __table_args__ = (Index("ix_job_skills_skill", "skill_id", "job_id"),)

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    skill_id: int = Field(primary_key=True, foreign_key="jobs.skills.id")
    position: int


class JobCategory(_Row, table=True):
    """A field of work that a job is filed under; the employer's order is kept."""

    __tablename__ = "job_categories"
    __table_args__ = (Index("ix_job_categories_category", "category_id", "job_id"),)

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    category_id: int = Field(primary_key=True, foreign_key="jobs.categories.id")
    position: int


class EmployerSnapshot(_Row, table=True):
    """For which company an employer posts; the auth service's to say."""

    __tablename__ = "employer_snapshots"

    employer_id: UUID = Field(primary_key=True)
    company_id: UUID | None
    version: int


class CompanySnapshot(_Row, table=True):
    """What is shown of a company, and whether it may post; the auth service's to say."""

    __tablename__ = "company_snapshots"

    company_id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    logo_url: str | None = Field(sa_type=Text)
    complete: bool
    version: int
