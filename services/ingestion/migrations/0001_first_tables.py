"""Postings, and the runs that brought them."""

from alembic import op

from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE postings (
        id uuid CONSTRAINT pk_postings PRIMARY KEY,
        url text NOT NULL CONSTRAINT uq_postings_url UNIQUE,
        title text NOT NULL,
        company text,
        location text,
        description text,
        date_posted date,
        salary_string text,
        remote boolean,
        source text NOT NULL,
        title_folded text NOT NULL,
        company_folded text,
        content_hash bytea NOT NULL,
        scraped_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_postings_newest ON postings (date_posted DESC NULLS LAST, id DESC)",
    """
    CREATE TABLE runs (
        id uuid CONSTRAINT pk_runs PRIMARY KEY,
        source text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        new integer NOT NULL,
        updated integer NOT NULL,
        unchanged integer NOT NULL,
        skipped integer NOT NULL,
        failed integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE postings, runs")
    drop_messaging_tables_v1(op)
