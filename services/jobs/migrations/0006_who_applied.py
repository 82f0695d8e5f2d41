"""Who applied: no job is recommended to him again."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE job_applies ADD COLUMN candidate_id uuid")
    op.execute("CREATE INDEX ix_job_applies_candidate ON job_applies (candidate_id, job_id)")


def downgrade() -> None:
    op.execute("ALTER TABLE job_applies DROP COLUMN candidate_id")
