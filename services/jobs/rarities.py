"""How rare each skill is among open jobs, counted anew by the clock."""

from sqlalchemy import text

from libs.common.db import Database
from libs.common.tasks import Task

SAMPLE = 100_000
"""How many of the newest openings are counted: a market's rarities need no more."""
# Each skill counts as one more job's, so that none is rare beyond measure, or not at all.
_REFRESH = text(
    """
    WITH sample AS MATERIALIZED (
        SELECT facets FROM openings WHERE expires_at > now()
        ORDER BY posted_at DESC, job_id DESC LIMIT :sample
    ), asked AS (
        SELECT facet AS skill_id, count(*) AS jobs FROM sample, unnest(facets) AS facet GROUP BY 1
    )
    INSERT INTO skill_rarities AS known (skill_id, rarity)
    SELECT id, ln(1 + ((SELECT count(*) FROM sample) + 1.0) / (coalesce(jobs, 0) + 1))
    FROM skills LEFT JOIN asked ON asked.skill_id = skills.id
    ORDER BY id
    ON CONFLICT (skill_id) DO UPDATE SET rarity = excluded.rarity
    WHERE known.rarity <> excluded.rarity
    """
)


async def refresh(db: Database) -> int:
    """Count anew; return 0, for there is never more to do."""
    async with db.write() as session:
        await session.execute(_REFRESH, {"sample": SAMPLE})
    return 0


rarities = Task("rarities", refresh, every=600.0)
