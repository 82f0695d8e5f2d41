"""What jobs are matched by: candidates as they tell of themselves, and how rare skills are."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE candidate_snapshots (
            candidate_id uuid CONSTRAINT pk_candidate_snapshots PRIMARY KEY,
            skill_ids integer[] NOT NULL,
            target_roles text[] NOT NULL,
            experience_level text,
            location text,
            version integer NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE skill_rarities (
            skill_id integer CONSTRAINT pk_skill_rarities PRIMARY KEY
                CONSTRAINT fk_skill_rarities_skill_id REFERENCES skills (id) ON DELETE CASCADE,
            rarity double precision NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE skill_rarities, candidate_snapshots")
