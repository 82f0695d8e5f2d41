"""The two tables of every service: its outbox of events to send, its inbox of work to do.

Statements name them without a schema: the search_path of the connection finds the service's own.
"""

from typing import Protocol

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)


def add_messaging_tables(metadata: MetaData) -> None:
    """Add `outbox` and `inbox` to a service's MetaData, to compare with what migrations made.

    The body is text, not jsonb: quicker to write, as readable, and it may contain "\\u0000".
    """
    Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False),
        Column("name", Text, nullable=False),
        Column("body", Text, nullable=False),
        _instant("created_at"),
        UniqueConstraint("id", name="uq_outbox_id"),
    )
    inbox = Table(
        "inbox",
        metadata,
        Column("message_id", Uuid, primary_key=True),
        Column("handler", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("body", Text),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        _instant("due_at"),
        Column("state", Text, nullable=False, server_default=text("'waiting'")),
        Column("error", Text),
        _instant("received_at"),
        Column("done_at", DateTime(timezone=True)),
        CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state"),
    )
    Index("ix_inbox_due_at", inbox.c.due_at, postgresql_where=text("state = 'waiting'"))
    Index("ix_inbox_dead", inbox.c.received_at, postgresql_where=text("state = 'dead'"))


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


class Operations(Protocol):
    """The one operation of Alembic's `op` that is used here."""

    def execute(self, sqltext: str, /) -> None:
        """Run one statement."""


_V1 = (
    """
    CREATE TABLE outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
        id uuid NOT NULL CONSTRAINT uq_outbox_id UNIQUE,
        name text NOT NULL,
        body text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE inbox (
        message_id uuid NOT NULL,
        handler text NOT NULL,
        name text NOT NULL,
        body text,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        state text NOT NULL DEFAULT 'waiting'
            CONSTRAINT ck_inbox_state CHECK (state IN ('waiting', 'done', 'dead')),
        error text,
        received_at timestamptz NOT NULL DEFAULT now(),
        done_at timestamptz,
        CONSTRAINT pk_inbox PRIMARY KEY (message_id, handler)
    )
    """,
    "CREATE INDEX ix_inbox_due_at ON inbox (due_at) WHERE state = 'waiting'",
    # A function, because its settings hold for it alone: statistics of a queue are always stale,
    # and by them the planner would sort the whole backlog for each batch. Done as they are taken:
    # rolling back is what keeps rows waiting when a handler raises. What is done forgets its body,
    # for personal data and one-time codes must not linger.
    """
    CREATE FUNCTION take_from_inbox(handlers text[], batch integer)
    RETURNS TABLE (due_at timestamptz, message_id uuid, handler text, body text, attempts integer)
    LANGUAGE sql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
    AS $$
        WITH due AS (
            SELECT * FROM inbox
            WHERE inbox.state = 'waiting' AND inbox.due_at <= now()
                AND inbox.handler = ANY (handlers)
            ORDER BY inbox.due_at LIMIT batch FOR UPDATE SKIP LOCKED
        )
        UPDATE inbox SET state = 'done', body = NULL, error = NULL, done_at = now() FROM due
        WHERE inbox.message_id = due.message_id AND inbox.handler = due.handler
        RETURNING due.due_at, due.message_id, due.handler, due.body, due.attempts
    $$
    """,
)


def create_messaging_tables_v1(op: Operations) -> None:
    """Create what messaging needs, in a service's first migration; never edited, only added to."""
    for statement in _V1:
        op.execute(statement)


def index_dead_letters(op: Operations) -> None:
    """Create what finds dead letters, in a later migration of each service."""
    op.execute("CREATE INDEX ix_inbox_dead ON inbox (received_at) WHERE state = 'dead'")


def drop_messaging_tables_v1(op: Operations) -> None:
    """Undo `create_messaging_tables_v1`."""
    op.execute("DROP FUNCTION take_from_inbox")
    op.execute("DROP TABLE inbox")
    op.execute("DROP TABLE outbox")
