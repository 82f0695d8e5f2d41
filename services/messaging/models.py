"""Tables of the messaging service, the read model of people among them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from libs.common.db import service_metadata
from libs.common.ids import new_id
from libs.common.kept_answers import add_idempotency_table
from libs.common.messaging.tables import add_messaging_tables

metadata = service_metadata("messaging")
add_messaging_tables(metadata)
add_idempotency_table(metadata)

_INSTANT = DateTime(timezone=True)


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
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sender_id: UUID
    receiver_id: UUID
    content: str = Field(sa_type=Text)
    sent_at: datetime = Field(sa_type=_INSTANT)


class Notification(_Row, table=True):
    """Something that a person should know (seed B's NOTIFY); put into words when it is read."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("origin", name="uq_notifications_origin"),
        Index("ix_notifications_user", "user_id", "id"),
        Index("ix_notifications_unread", "user_id", postgresql_where=text("NOT is_read")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID
    type: str = Field(sa_type=Text)
    actor_id: UUID
    """Who did what it tells of; his name is looked up when it is read."""
    params: dict[str, str] = Field(sa_type=JSONB)
    origin: str = Field(sa_type=Text)
    """Names the fact that it tells of: one fact makes one notification."""
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
    version: int
