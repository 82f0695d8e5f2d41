"""What two facets of an opening are together, and an index in which a search meets fewer lists."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INDEX = "CREATE INDEX ix_openings_found ON openings USING gin ({}) WITH (fastupdate = off)"
_KINDS = """
    SELECT facet, CASE WHEN facet < 1000000 THEN 1 WHEN facet < 2000000 THEN 2 ELSE 3 END AS kind
    FROM unnest(facets) AS facet
    WHERE facet < 2000000 OR facet = ANY(ARRAY(SELECT id FROM terms WHERE kind = 'city'))
"""
_UP = (
    "DROP INDEX ix_openings_found",
    "ALTER TABLE openings ADD COLUMN twos integer[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE openings ALTER twos DROP DEFAULT",
    f"""
    CREATE FUNCTION twos_of(facets integer[]) RETURNS integer[] STABLE LANGUAGE sql AS $$
        SELECT ARRAY(
            SELECT CAST(
                (CAST(one.facet AS bigint) * 2654435761 + other.facet) % 2147483648 AS integer
            )
            FROM ({_KINDS}) AS one, ({_KINDS}) AS other WHERE one.kind < other.kind
        )
    $$
    """,  # noqa: S608 - put together of constants
    # Not by UPDATE: the rows as they were would stay beside the new ones, in each index too.
    "ALTER TABLE openings ALTER twos TYPE integer[] USING twos_of(facets)",
    "DROP FUNCTION twos_of",
    _INDEX.format("words, facets, twos"),
)
_DOWN = (
    "DROP INDEX ix_openings_found",
    "ALTER TABLE openings DROP COLUMN twos",
    _INDEX.format("words, facets"),
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
