"""Which CVs are stored, and what they are called."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE cvs (
        key text CONSTRAINT pk_cvs PRIMARY KEY,
        account_id uuid NOT NULL
            CONSTRAINT fk_cvs_account_id REFERENCES accounts ON DELETE CASCADE,
        name text NOT NULL,
        stored_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_cvs_account_id ON cvs (account_id)",
    # Those that were replaced before were noted nowhere: they stay until their owner is erased.
    """
    INSERT INTO cvs (key, account_id, name, stored_at)
    SELECT substr(cv_url, 7), account_id, coalesce(cv_name, 'cv'), coalesce(cv_updated_at, now())
    FROM candidates WHERE cv_url LIKE 'store:%'
    """,
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE cvs")
