"""Tables of the careers service."""

from datetime import datetime

from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("careers")
add_messaging_tables(metadata)


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Career(_Row, table=True):
    """One occupation of the O*NET-SOC taxonomy (seed C's `core.careers`)."""

    __tablename__ = "careers"

    onet_code: str = Field(primary_key=True, sa_type=Text)
    title_en: str = Field(sa_type=Text)
    short_desc_en: str = Field(sa_type=Text)
    title_folded: str = Field(sa_type=Text)
    """The title as `text.fold` leaves it."""
    source: str = Field(sa_type=Text)
    source_version: str = Field(sa_type=Text)
    """The release, such as `30.1`: codes and texts change from one to the next."""
    content_hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of what was loaded, source and version included; tells the loader what is new."""
    loaded_at: datetime = Field(sa_type=DateTime(timezone=True))
    """When this content was written; a load that changes nothing leaves it."""
