"""A company whose employer was erased gives its tax number back."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE companies ALTER COLUMN tax_number DROP NOT NULL")
    op.execute(
        "UPDATE companies SET tax_number = NULL"
        " WHERE NOT EXISTS (SELECT FROM employers WHERE company_id = companies.id)"
    )


def downgrade() -> None:
    op.execute("UPDATE companies SET tax_number = id::text WHERE tax_number IS NULL")
    op.execute("ALTER TABLE companies ALTER COLUMN tax_number SET NOT NULL")
