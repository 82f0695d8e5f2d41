"""The seal on a job that is about to be closed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE job_snapshots ADD COLUMN sealed_until timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE job_snapshots DROP COLUMN sealed_until")
