"""What admins made of the reference data's skills."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE skill_snapshots (
            skill_id integer CONSTRAINT pk_skill_snapshots PRIMARY KEY,
            name text NOT NULL,
            merged_into integer,
            version integer NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE skill_snapshots")
