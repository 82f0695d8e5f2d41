"""The list of the newest jobs is counted in the index alone: it also has when each ends."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DROP = "DROP INDEX ix_openings_newest"
_INDEX = "CREATE INDEX ix_openings_newest ON openings (posted_at, job_id)"


def upgrade() -> None:
    op.execute(_DROP)
    op.execute(f"{_INDEX} INCLUDE (expires_at)")


def downgrade() -> None:
    op.execute(_DROP)
    op.execute(_INDEX)
