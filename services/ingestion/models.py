"""Tables of the ingestion service."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, Text, UniqueConstraint, text
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


class Posting(_Row, table=True):
    """A job advert found elsewhere (seed N's JobPosting)."""

    __tablename__ = "postings"
    __table_args__ = (
        UniqueConstraint("url", name="uq_postings_url"),
        Index("ix_postings_newest", text("date_posted DESC NULLS LAST"), text("id DESC")),
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
    title_folded: str = Field(sa_type=Text)
    """The title as `text.fold` leaves it; so the company's."""
    company_folded: str | None = Field(sa_type=Text)
    content_hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of what the source had; tells a later run what is new."""
    scraped_at: datetime = Field(sa_type=_INSTANT)
    """When it was first found (the name is seed N's)."""
    updated_at: datetime = Field(sa_type=_INSTANT)
    """When its content last changed here."""


class Run(_Row, table=True):
    """One pass over a source; the counts are postings, true as of its last batch."""

    __tablename__ = "runs"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=_INSTANT)
    finished_at: datetime | None = Field(default=None, sa_type=_INSTANT)
    """None while it runs, and for good where it was cut short."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
