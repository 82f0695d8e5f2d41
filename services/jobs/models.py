"""Tables of the jobs service, the read models of employers and companies among them.

Seed B's JOB, JOB_DESCRIPTION, REQUIRE (`job_skills`), IN (`job_categories`), SKILL, JOB_CATEGORY.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
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
# Ids that the reference data never uses, below those that `facets` has for other things.
_ADDED = Identity(start=100_000, maxvalue=999_999)
_BYTEWISE = Text(collation="C")  # the order in which an index finds what begins alike


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Job(_Row, table=True):
    """A job as it is found; what is only read stands in its description."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_company", "company_id"),
        Index("ix_jobs_employer", "employer_id", text("posted_at DESC"), text("id DESC")),
        Index("ix_jobs_due", "expires_at", postgresql_where=_ACTIVE),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    employer_id: UUID
    company_id: UUID = Field(foreign_key="jobs.company_snapshots.company_id")
    title: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    posted_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    """The instant from which it is no longer open."""
    updated_at: datetime = Field(sa_type=_INSTANT)
    version: int
    rating_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many have rated it, as last heard."""
    rating_sum: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Of their ranks, 1 to 5."""


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
    """A skill: of the reference data, or added by an admin."""

    __tablename__ = "skills"

    id: int = Field(default=None, primary_key=True, sa_column_args=[_ADDED])
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    merged_into: int | None = Field(default=None, foreign_key="jobs.skills.id")
    """Which skill it turned out to be; never one that was merged itself."""
    tended: bool = False
    """Whether an admin had a hand in it: then the reference data has no more say."""
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Of what was published of it; 0 for nothing."""


class SkillName(_Row, table=True):
    """What a skill is called: the one name that is shown, and its aliases."""

    __tablename__ = "skill_names"
    __table_args__ = (Index("ix_skill_names_skill", "skill_id"),)

    key: str = Field(sa_type=_BYTEWISE, primary_key=True)
    """The name, folded: it leads to one skill."""
    skill_id: int = Field(foreign_key="jobs.skills.id")
    name: str = Field(sa_type=Text)


class SkillWord(_Row, table=True):
    """A word of some skill's name: what a mistyped one may have been meant to be."""

    __tablename__ = "skill_words"
    __table_args__ = (
        Index(
            *("ix_skill_words_variants", "variants"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": False},
        ),
    )

    word: str = Field(sa_type=_BYTEWISE, primary_key=True)
    variants: list[str] = Field(sa_type=ARRAY(Text))
    """Of its beginning; see `typos.py`."""


class Category(_Row, table=True):
    """A field of work: of the reference data, or added by an admin."""

    __tablename__ = "categories"

    id: int = Field(default=None, primary_key=True, sa_column_args=[_ADDED])
    name_vi: str = Field(sa_type=Text)
    name_en: str = Field(sa_type=Text)
    merged_into: int | None = Field(default=None, foreign_key="jobs.categories.id")
    """As of a skill."""
    tended: bool = False
    """As of a skill."""


class CategoryName(_Row, table=True):
    """What a field of work is called: in both languages, and its aliases."""

    __tablename__ = "category_names"
    __table_args__ = (Index("ix_category_names_category", "category_id"),)

    key: str = Field(sa_type=_BYTEWISE, primary_key=True)
    """The name, folded: it leads to one field."""
    category_id: int = Field(foreign_key="jobs.categories.id")
    name: str = Field(sa_type=Text)


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


class JobRelation(_Row, table=True):
    """A job that its employer has set beside another (seed B's RELATE)."""

    __tablename__ = "job_relations"
    __table_args__ = (Index("ix_job_relations_related", "related_job_id"),)

    source_job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    related_job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    related_at: datetime = Field(sa_type=_INSTANT)


class JobViews(_Row, table=True):
    """How often a job was read: apart from the job, which is read more often than written."""

    __tablename__ = "job_views"

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    views: int = Field(sa_type=BigInteger)


class JobApply(_Row, table=True):
    """An application that was heard of: jobs count theirs, candidates are done with theirs."""

    __tablename__ = "job_applies"
    __table_args__ = (
        Index("ix_job_applies_job", "job_id"),
        Index("ix_job_applies_candidate", "candidate_id", "job_id"),
    )

    application_id: UUID = Field(primary_key=True)
    job_id: UUID
    candidate_id: UUID | None = None
    """None if he is erased."""


class Opening(_Row, table=True):
    """A job that is open, as it is searched: written by `index_opening` and by nothing else.

    The words lie out of line (migration 0010): a search visits many rows, and ranks few.
    """

    __tablename__ = "openings"
    __table_args__ = (
        Index(
            *("ix_openings_found", "words", "facets", "twos"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": False},
        ),
        Index("ix_openings_newest", "posted_at", "job_id", postgresql_include=["expires_at"]),
        Index("ix_openings_pay", "pay", "posted_at", "job_id"),
        Index("ix_openings_company", "company_id", "posted_at", "job_id"),
    )

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    company_id: UUID
    posted_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    pay_min: int | None
    """US dollars a month, as `pay_max`; see `pay.py`."""
    pay_max: int | None
    pay: int
    """What it is sorted by: the highest known figure, -1 where there is none."""
    exp_year: int
    words: Any = Field(sa_type=TSVECTOR, nullable=False)
    """Title with weight A, company and skills B, description and requirements D."""
    heading: Any = Field(sa_type=TSVECTOR, nullable=False)
    """The words of weight A and B, small enough to rank many."""
    facets: list[int] = Field(sa_type=ARRAY(Integer))
    """Ids of its skills, of its categories (from 1,000,000) and of its terms (from 2,000,000)."""
    twos: list[int] = Field(sa_type=ARRAY(Integer))
    """See `twos.py`; out of line too, for none but the index reads them."""


class Term(_Row, table=True):
    """What jobs have in common besides skills and categories: a place, a level, a kind of job."""

    __tablename__ = "terms"
    __table_args__ = (UniqueConstraint("kind", "key", name="uq_terms_key"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_column_args=[Identity(start=2_000_000)]
    )
    kind: str = Field(sa_type=Text)
    """See `terms.py`."""
    key: str = Field(sa_type=_BYTEWISE)
    """What all its spellings share."""
    name: str = Field(sa_type=Text)


class Spelling(_Row, table=True):
    """Which terms a text stands for, as it is written in jobs."""

    __tablename__ = "spellings"

    field: str = Field(sa_type=Text, primary_key=True)
    written: str = Field(sa_type=Text, primary_key=True)
    term_ids: list[int] = Field(sa_type=ARRAY(Integer))


class KnownWord(_Row, table=True):
    """A word of some heading: what a mistyped one may have been meant to be."""

    __tablename__ = "known_words"
    __table_args__ = (Index("ix_known_words_variants", "variants", postgresql_using="gin"),)

    word: str = Field(sa_type=Text, primary_key=True)
    variants: list[str] = Field(sa_type=ARRAY(Text))
    """See `typos.py`."""


class SkillRarity(_Row, table=True):
    """How rare a skill is among open jobs; see `rarities.py`."""

    __tablename__ = "skill_rarities"

    skill_id: int = Field(primary_key=True, foreign_key="jobs.skills.id", ondelete="CASCADE")
    rarity: float


class CandidateSnapshot(_Row, table=True):
    """What a candidate is matched by, as he tells it; the auth service's to say."""

    __tablename__ = "candidate_snapshots"

    candidate_id: UUID = Field(primary_key=True)
    skill_ids: list[int] = Field(sa_type=ARRAY(Integer))
    """Those of the reference data that he has or names."""
    target_roles: list[str] = Field(sa_type=ARRAY(Text))
    experience_level: str | None = Field(sa_type=Text)
    location: str | None = Field(sa_type=Text)
    version: int


class EmployerSnapshot(_Row, table=True):
    """For which company an employer posts, and whether he may; the auth service's to say."""

    __tablename__ = "employer_snapshots"

    employer_id: UUID = Field(primary_key=True)
    company_id: UUID | None
    deactivated: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """By an admin: then none of his jobs is shown."""
    version: int


class CompanySnapshot(_Row, table=True):
    """What is shown of a company, and whether it may post; the auth service's to say."""

    __tablename__ = "company_snapshots"

    company_id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    logo_url: str | None = Field(sa_type=Text)
    complete: bool
    missing: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})
    """What it lacks to be complete, as the API names it; nothing where that was not heard."""
    version: int
