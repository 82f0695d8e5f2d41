"""Messages, notifications, and what is known of people."""

from alembic import op

from libs.common.kept_answers import create_idempotency_table_v1
from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE messages (
        id uuid CONSTRAINT pk_messages PRIMARY KEY,
        sender_id uuid NOT NULL,
        receiver_id uuid NOT NULL,
        content text NOT NULL,
        sent_at timestamptz NOT NULL
    )
    """,
    """
    CREATE INDEX ix_messages_conversation ON messages
    (LEAST(sender_id, receiver_id), GREATEST(sender_id, receiver_id), id)
    """,
    """
    CREATE TABLE notifications (
        id uuid CONSTRAINT pk_notifications PRIMARY KEY,
        user_id uuid NOT NULL,
        type text NOT NULL,
        actor_id uuid NOT NULL,
        params jsonb NOT NULL,
        origin text NOT NULL CONSTRAINT uq_notifications_origin UNIQUE,
        is_read boolean NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_notifications_user ON notifications (user_id, id)",
    "CREATE INDEX ix_notifications_unread ON notifications (user_id) WHERE NOT is_read",
    """
    CREATE TABLE person_snapshots (
        user_id uuid CONSTRAINT pk_person_snapshots PRIMARY KEY,
        role text NOT NULL,
        name text NOT NULL,
        avatar_url text,
        is_active boolean NOT NULL,
        version integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    create_idempotency_table_v1(op)
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE messages, notifications, person_snapshots, idempotency")
    drop_messaging_tables_v1(op)
