"""Candidates, as advice is given to them."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE candidate_snapshots (
            candidate_id uuid CONSTRAINT pk_candidate_snapshots PRIMARY KEY,
            skill_ids integer[] NOT NULL,
            skills text[] NOT NULL,
            target_roles text[] NOT NULL,
            experience_level text,
            version integer NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE candidate_snapshots")
