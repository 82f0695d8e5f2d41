"""Tables of the messaging service, the read model of people among them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import registry
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.kept_answers import add_idempotency_table
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("messaging")
add_messaging_tables(metadata)
add_idempotency_table(metadata)

_INSTANT = DateTime(timezone=True)


class XID8(UserDefinedType[str]):
    """The number of a transaction, 64 bits wide: it never comes again."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name the type as PostgreSQL does."""
        return "xid8"


ischema_names["xid8"] = XID8  # so that a comparison with the migrations knows it


class _Row(SQLModel, registry=registry(metadata=metadata)):
    """Keeps the tables of this service in a MetaData of their own."""


class Message(_Row, table=True):
    """What one person wrote to another (seed B's MESSAGE and SENDMSG)."""

    __tablename__ = "messages"
    __table_args__ = (
        # One range of one index is one conversation, oldest first, whoever wrote.
        Index(
            "ix_messages_conversation",
            text("LEAST(sender_id, receiver_id)"),
            text("GREATEST(sender_id, receiver_id)"),
            "id",
        ),
        Index(
            "ix_messages_unread", "receiver_id", "sender_id", postgresql_where=text("NOT is_read")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sender_id: UUID
    receiver_id: UUID
    content: str = Field(sa_type=Text)
    sent_at: datetime = Field(sa_type=_INSTANT)
    is_read: bool = False
    """What is unread is counted from this, never kept beside it: two counts would drift apart."""


class Conversation(_Row, table=True):
    """One person's side of what he and another write to each other."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_newest", "user_id", "last_message_id"),)

    user_id: UUID = Field(primary_key=True)
    other_id: UUID = Field(primary_key=True)
    last_message_id: UUID
    has_written: bool
    """Whether `user_id` ever has, and not only the other."""


class Block(_Row, table=True):
    """Somebody wants no messages from another."""

    __tablename__ = "blocks"

    user_id: UUID = Field(primary_key=True)
    blocked_id: UUID = Field(primary_key=True)
    since: datetime = Field(sa_type=_INSTANT)


class Follow(_Row, table=True):
    """A candidate wants to hear of an employer's new jobs (seed B's FOLLOW)."""

    __tablename__ = "follows"
    __table_args__ = (Index("ix_follows_employer", "employer_id", "since", "candidate_id"),)

    candidate_id: UUID = Field(primary_key=True)
    employer_id: UUID = Field(primary_key=True)
    since: datetime = Field(sa_type=_INSTANT)


class Notification(_Row, table=True):
    """Something that a person should know (seed B's NOTIFY); put into words when it is read."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "origin", name="uq_notifications_origin"),
        Index("ix_notifications_user", "user_id", "id"),
        Index("ix_notifications_unread", "user_id", "id", postgresql_where=text("NOT is_read")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID
    type: str = Field(sa_type=Text)
    actor_id: UUID
    """Who did what it tells of; his name is looked up when it is read."""
    params: dict[str, str] = Field(sa_type=JSONB)
    """What its words need, and the ids of what it is about."""
    origin: str = Field(sa_type=Text)
    """Names the fact that it tells of: one fact makes one notification for one person."""
    is_read: bool
    created_at: datetime = Field(sa_type=_INSTANT)


class PersonSnapshot(_Row, table=True):
    """What this service knows of a person; its owner is the auth service."""

    __tablename__ = "person_snapshots"

    user_id: UUID = Field(primary_key=True)
    role: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    avatar_url: str | None = Field(sa_type=Text)
    is_active: bool
    email: str | None = Field(default=None, sa_type=Text)
    language: str = Field(default="vi", sa_type=Text)
    """In which mails are written to him."""
    version: int


class CandidateSnapshot(_Row, table=True):
    """What this service knows of a candidate, beside the person; its owner is the auth service."""

    __tablename__ = "candidate_snapshots"

    candidate_id: UUID = Field(primary_key=True)
    headline: str | None = Field(sa_type=Text)
    version: int


class StreamItem(_Row, table=True):
    """That somebody has something new, for his open streams: kept for a day."""

    __tablename__ = "stream_items"
    __table_args__ = (
        Index("ix_stream_items_user", "user_id", "xact"),
        Index("ix_stream_items_age", "created_at"),
    )

    user_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    """Of a message or a notification, as `kind` says."""
    kind: str = Field(sa_type=Text)
    xact: str = Field(
        sa_column=Column(XID8, nullable=False, server_default=func.pg_current_xact_id())
    )
    """Who wrote it: ids and times are not in the order of commits, but a snapshot of running
    transactions tells exactly what was to be seen and what was not."""
    created_at: datetime = Field(sa_type=_INSTANT)
