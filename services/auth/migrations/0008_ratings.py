"""How those who were accepted for an employer's jobs have rated them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE employers ADD COLUMN rating_count integer NOT NULL DEFAULT 0,"
        " ADD COLUMN rating_sum integer NOT NULL DEFAULT 0"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE employers DROP COLUMN rating_count, DROP COLUMN rating_sum")
