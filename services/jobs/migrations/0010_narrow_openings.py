"""Narrow rows of openings: what is not filtered on moves out of line.

A search visits the row of each match, most of them on pages of their own: the fewer pages there
are, the more of them are in memory.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UP = (
    # PostgreSQL moves out of line what it can of a row over 2 KB, as `words` make most of them.
    "ALTER TABLE openings SET (toast_tuple_target = 128)",
    "ALTER TABLE openings ALTER heading SET STORAGE EXTERNAL, ALTER facets SET STORAGE PLAIN",
    "CLUSTER openings USING ix_openings_newest",  # writes the rows there are anew
)
_DOWN = (
    "ALTER TABLE openings RESET (toast_tuple_target)",
    "ALTER TABLE openings ALTER heading SET STORAGE EXTENDED, ALTER facets SET STORAGE EXTENDED",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
