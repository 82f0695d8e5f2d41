"""Tables of the ingestion service: postings as they were sent, as they are read, and the runs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("ingestion")
add_messaging_tables(metadata)

_INSTANT = DateTime(timezone=True)


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


def _list_of(type_: Any) -> Any:
    return Field(
        default_factory=list,
        sa_type=ARRAY(type_),
        sa_column_kwargs={"server_default": text("'{}'")},
    )


def _plain_list_of(type_: Any) -> Any:
    return Field(sa_type=ARRAY(type_))


def _document() -> Any:
    return Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": text("'{}'")},
    )


class Posting(_Row, table=True):
    """A job advert found elsewhere (seed N's JobPosting)."""

    __tablename__ = "postings"
    __table_args__ = (
        UniqueConstraint("url", name="uq_postings_url"),
        UniqueConstraint("source", "external_id", name="uq_postings_source_external_id"),
        Index("ix_postings_newest", text("date_posted DESC NULLS LAST"), text("id DESC")),
        Index("ix_postings_fingerprint", "fingerprint"),
        Index("ix_postings_scraped_at", "scraped_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    url: str = Field(sa_type=Text)
    """As `dedupe.canonical_url` leaves it."""
    title: str = Field(sa_type=Text)
    company: str | None = Field(sa_type=Text)
    location: str | None = Field(sa_type=Text)
    description: str | None = Field(sa_type=Text)
    date_posted: date | None
    salary_string: str | None = Field(sa_type=Text)
    remote: bool | None
    source: str = Field(sa_type=Text)
    """Who found it first; so `external_id`, which is that source's own."""
    external_id: str | None = Field(default=None, sa_type=Text)
    country_code: str | None = Field(default=None, sa_type=Text)
    """ISO 3166-1 alpha-2."""
    company_domain: str | None = Field(default=None, sa_type=Text)
    salary_min: int | None = None
    """Whole units of `salary_currency` (ISO 4217) in a `salary_period`; so the most."""
    salary_max: int | None = None
    salary_currency: str | None = Field(default=None, sa_type=Text)
    salary_period: str | None = Field(default=None, sa_type=Text)
    """hour, day, month or year."""
    technology_slugs: list[str] = _list_of(Text)
    """As the source names them."""
    search_keywords: str | None = Field(default=None, sa_type=Text)
    """What was searched for as it was found last, and where; None where all was listed."""
    search_location: str | None = Field(default=None, sa_type=Text)
    skill_ids: list[int] = _list_of(INTEGER)
    """What `skills` found in title and description, ascending."""
    extractor_version: int | None = None
    """Which version found them; None before the first, and since the posting changed."""
    title_folded: str = Field(sa_type=Text)
    """The title as `text.fold` leaves it; so the company's."""
    company_folded: str | None = Field(sa_type=Text)
    content_hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of what the source had; tells a later run what is new."""
    fingerprint: bytes | None = Field(default=None, sa_type=LargeBinary)
    """What near-copies share (`dedupe.fingerprint`): the duplicate group."""
    duplicate_of: UUID | None = None
    """The newest of its group, which counts for all of it; None for that one, or without any."""
    scraped_at: datetime = Field(sa_type=_INSTANT)
    """When it was first found (the name is seed N's)."""
    updated_at: datetime = Field(sa_type=_INSTANT)
    """When its content last changed here."""


class RawPosting(_Row, table=True):
    """What a source last sent of a posting, but for people's names."""

    __tablename__ = "raw_postings"

    posting_id: UUID = Field(
        sa_column=Column(
            Uuid,
            ForeignKey("ingestion.postings.id", ondelete="CASCADE"),
            primary_key=True,
        )
    )
    source: str = Field(sa_type=Text)
    """Who sent it: whose reader understands the body."""
    body: dict[str, Any] = Field(sa_type=JSONB)
    hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of the body."""
    received_at: datetime = Field(sa_type=_INSTANT)


class Run(_Row, table=True):
    """One pass over a source; the counts are postings, true as of its last page."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'stopped', 'failed', 'finished')", name="state"),
        Index("ix_runs_source", "source", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    """When it came to its end, whichever; None while it runs, or where it was killed."""
    state: str = Field(default="running", sa_type=Text)
    """running (or killed), stopped (goes on where it was), failed (does not), finished."""
    attempt: int = 1
    """How often it was begun or resumed: a page of an earlier attempt is not written any more."""
    plan: dict[str, Any] = _document()
    """What it goes through, fixed as it began: the source's own affair."""
    cursor: dict[str, Any] = _document()
    """What it has behind it, the source's own affair; of a finished one the next goes on."""
    error: str | None = Field(default=None, sa_type=Text)
    pages: int = 0
    credits: int = 0
    """Paid for, as far as is known."""
    jobs: int = 0
    """Received; the five below are what became of them."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0


class MarketFacts(_Row, table=True):
    """What the market counts of a posting now (`market.facts`); none of a near-copy.

    It outlives the posting until that is subtracted, so nothing refers to it.
    """

    __tablename__ = "market_facts"
    __table_args__ = (Index("ix_market_facts_day", "day", "posting_id"),)

    posting_id: UUID = Field(primary_key=True)
    day: date
    skill_ids: list[int] = _plain_list_of(INTEGER)
    technologies: list[str] = _plain_list_of(Text)
    places: list[str] = _plain_list_of(Text)
    roles: list[str] = _plain_list_of(Text)
    words: list[str] = _plain_list_of(Text)
    remote: bool | None
    salary: int | None
    """US dollars a year."""


class RolePosting(_Row, table=True):
    """Leads from a role to the postings that count for it, by day."""

    __tablename__ = "role_postings"

    role: str = Field(sa_type=Text, primary_key=True)
    day: date = Field(primary_key=True)
    posting_id: UUID = Field(primary_key=True)


class Rollup(_Row, table=True):
    """How many postings of some days share something (`market.windows`, `market.facts`)."""

    __tablename__ = "rollups"
    __table_args__ = (
        Index("ix_rollups_most", "kind", "span", "bucket", text("count DESC"), "key"),
    )

    kind: str = Field(sa_type=Text, primary_key=True)
    span: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Days."""
    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str = Field(sa_type=Text, primary_key=True)
    count: int


class MarketState(_Row, table=True):
    """When the market's numbers last changed: one row, none before the first posting."""

    __tablename__ = "market_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    refreshed_at: datetime = Field(sa_type=_INSTANT)


class CandidateSnapshot(_Row, table=True):
    """What a candidate can and which roles he aims for, as the auth service told last."""

    __tablename__ = "candidate_snapshots"

    candidate_id: UUID = Field(primary_key=True)
    skill_ids: list[int] = _plain_list_of(INTEGER)
    skills: list[str] = _plain_list_of(Text)
    """In his own words, besides those of the reference data."""
    target_roles: list[str] = _plain_list_of(Text)
    version: int
