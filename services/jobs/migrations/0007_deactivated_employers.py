"""Employers whom an admin has deactivated: their jobs are not shown."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE employer_snapshots ADD COLUMN deactivated boolean NOT NULL DEFAULT false"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE employer_snapshots DROP COLUMN deactivated")
