"""What postings count, the rollups of it, and candidates, to tell them what they lack."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE market_facts (
        posting_id uuid CONSTRAINT pk_market_facts PRIMARY KEY,
        day date NOT NULL,
        skill_ids integer[] NOT NULL,
        technologies text[] NOT NULL,
        places text[] NOT NULL,
        roles text[] NOT NULL,
        words text[] NOT NULL,
        remote boolean,
        salary integer
    )
    """,
    "CREATE INDEX ix_market_facts_day ON market_facts (day, posting_id)",
    """
    CREATE TABLE role_postings (
        role text NOT NULL,
        day date NOT NULL,
        posting_id uuid NOT NULL,
        CONSTRAINT pk_role_postings PRIMARY KEY (role, day, posting_id)
    )
    """,
    """
    CREATE TABLE rollups (
        kind text NOT NULL,
        span integer NOT NULL,
        bucket integer NOT NULL,
        key text NOT NULL,
        count integer NOT NULL,
        CONSTRAINT pk_rollups PRIMARY KEY (kind, span, bucket, key)
    )
    """,
    "CREATE INDEX ix_rollups_most ON rollups (kind, span, bucket, count DESC, key)",
    """
    CREATE TABLE market_state (
        id integer CONSTRAINT pk_market_state PRIMARY KEY
            CONSTRAINT ck_market_state_single CHECK (id = 1),
        refreshed_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE candidate_snapshots (
        candidate_id uuid CONSTRAINT pk_candidate_snapshots PRIMARY KEY,
        skill_ids integer[] NOT NULL,
        skills text[] NOT NULL,
        target_roles text[] NOT NULL,
        version integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE market_facts, role_postings, rollups, market_state, candidate_snapshots")
