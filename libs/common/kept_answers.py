"""The table of answers kept under an Idempotency-Key: its models, migration and purge."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from libs.common.messaging.tables import Operations
from libs.common.sessions import WriteSession
from libs.common.tasks import Task, purge_of

TABLE = sa.Table(
    "idempotency",
    sa.MetaData(),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", sa.LargeBinary),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
)

_V1 = """
    CREATE TABLE idempotency (
        user_id uuid NOT NULL,
        key text NOT NULL,
        request_hash bytea NOT NULL,
        status integer,
        body bytea,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_idempotency PRIMARY KEY (user_id, key)
    )
"""
PURGE = purge_of("idempotency", "created_at", timedelta(hours=24), every=3600.0)


def add_idempotency_table(metadata: sa.MetaData) -> None:
    """Add the table to the models of a service that has endpoints which take `once: Once`."""
    TABLE.to_metadata(metadata)


def create_idempotency_table_v1(op: Operations) -> None:
    """Create the table, from a migration; never edited, later ones add to it."""
    op.execute(_V1)
    op.execute("CREATE INDEX ix_idempotency_created_at ON idempotency (created_at)")


async def forget(session: WriteSession, metadata: sa.MetaData, user_id: UUID) -> None:
    """Delete what a person was answered, in a service that has the table."""
    if _is_in(metadata):
        await session.execute(sa.delete(TABLE).where(TABLE.c.user_id == user_id))


def _is_in(metadata: sa.MetaData) -> bool:
    return any(table.name == TABLE.name for table in metadata.tables.values())


def tasks(metadata: sa.MetaData) -> list[Task]:
    """Return the purge, for a service that has the table."""
    return [PURGE] if _is_in(metadata) else []
