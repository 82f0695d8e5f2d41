"""How many codes were mailed and guessed at of late; accounts that nobody activated."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE one_time_codes
            ADD COLUMN issued integer NOT NULL DEFAULT 1,
            ADD COLUMN voided integer NOT NULL DEFAULT 0,
            ADD COLUMN counted_since timestamptz NOT NULL DEFAULT now()
        """
    )
    op.execute(
        """
        ALTER TABLE one_time_codes
            ALTER COLUMN issued DROP DEFAULT,
            ALTER COLUMN voided DROP DEFAULT,
            ALTER COLUMN counted_since DROP DEFAULT
        """
    )
    op.execute(
        "CREATE INDEX ix_accounts_unproven ON accounts (created_at)"
        " WHERE NOT is_active AND deactivated_at IS NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_accounts_unproven")
    op.execute(
        "ALTER TABLE one_time_codes"
        " DROP COLUMN issued, DROP COLUMN voided, DROP COLUMN counted_since"
    )
