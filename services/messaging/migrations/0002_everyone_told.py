"""Conversations, blocks, follows, mail to people, and what open streams have to tell."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE messages ADD COLUMN is_read boolean NOT NULL DEFAULT true",
    "ALTER TABLE messages ALTER COLUMN is_read DROP DEFAULT",
    "CREATE INDEX ix_messages_unread ON messages (receiver_id, sender_id) WHERE NOT is_read",
    """
    CREATE TABLE conversations (
        user_id uuid NOT NULL,
        other_id uuid NOT NULL,
        last_message_id uuid NOT NULL,
        has_written boolean NOT NULL,
        CONSTRAINT pk_conversations PRIMARY KEY (user_id, other_id)
    )
    """,
    "CREATE INDEX ix_conversations_newest ON conversations (user_id, last_message_id)",
    # There is no max(uuid) before PostgreSQL 18.
    """
    INSERT INTO conversations (user_id, other_id, last_message_id, has_written)
    SELECT DISTINCT ON (user_id, other_id)
        user_id, other_id, id, bool_or(wrote) OVER (PARTITION BY user_id, other_id)
    FROM (
        SELECT sender_id AS user_id, receiver_id AS other_id, id, true AS wrote FROM messages
        UNION ALL SELECT receiver_id, sender_id, id, false FROM messages
    ) AS sides ORDER BY user_id, other_id, id DESC
    """,
    """
    CREATE TABLE blocks (
        user_id uuid NOT NULL,
        blocked_id uuid NOT NULL,
        since timestamptz NOT NULL,
        CONSTRAINT pk_blocks PRIMARY KEY (user_id, blocked_id)
    )
    """,
    """
    CREATE TABLE follows (
        candidate_id uuid NOT NULL,
        employer_id uuid NOT NULL,
        since timestamptz NOT NULL,
        CONSTRAINT pk_follows PRIMARY KEY (candidate_id, employer_id)
    )
    """,
    "CREATE INDEX ix_follows_employer ON follows (employer_id, since, candidate_id)",
    "DROP INDEX ix_notifications_unread",
    "CREATE INDEX ix_notifications_unread ON notifications (user_id, id) WHERE NOT is_read",
    "ALTER TABLE notifications DROP CONSTRAINT uq_notifications_origin",
    "ALTER TABLE notifications ADD CONSTRAINT uq_notifications_origin UNIQUE (user_id, origin)",
    "ALTER TABLE person_snapshots ADD COLUMN email text",
    "ALTER TABLE person_snapshots ADD COLUMN language text NOT NULL DEFAULT 'vi'",
    "ALTER TABLE person_snapshots ALTER COLUMN language DROP DEFAULT",
    """
    CREATE TABLE candidate_snapshots (
        candidate_id uuid CONSTRAINT pk_candidate_snapshots PRIMARY KEY,
        headline text,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE stream_items (
        user_id uuid NOT NULL,
        item_id uuid NOT NULL,
        kind text NOT NULL,
        xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_stream_items PRIMARY KEY (user_id, item_id)
    )
    """,
    "CREATE INDEX ix_stream_items_user ON stream_items (user_id, xact)",
    "CREATE INDEX ix_stream_items_age ON stream_items (created_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE conversations, blocks, follows, candidate_snapshots, stream_items")
    op.execute("ALTER TABLE messages DROP COLUMN is_read")
    op.execute("ALTER TABLE person_snapshots DROP COLUMN email, DROP COLUMN language")
    op.execute("DROP INDEX ix_notifications_unread")
    op.execute("CREATE INDEX ix_notifications_unread ON notifications (user_id) WHERE NOT is_read")
    op.execute("ALTER TABLE notifications DROP CONSTRAINT uq_notifications_origin")
    op.execute("ALTER TABLE notifications ADD CONSTRAINT uq_notifications_origin UNIQUE (origin)")
