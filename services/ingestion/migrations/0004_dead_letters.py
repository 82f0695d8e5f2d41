"""Dead letters are found, and counted, without a look at all that was ever handled."""

from alembic import op

from libs.common.messaging.tables import index_dead_letters

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_dead_letters(op)


def downgrade() -> None:
    op.execute("DROP INDEX ix_inbox_dead")
