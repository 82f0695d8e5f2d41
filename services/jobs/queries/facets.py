"""What the jobs that a search finds have in common, counted."""

from services.jobs.openings import CATEGORIES_FROM
from services.jobs.queries.matches import COUNTED, newest
from services.jobs.search import Condition

_LONGEST = 20
_LISTS = ("skills", "categories", "locations", "levels", "jobTypes")


def facets_of(where: Condition) -> str:
    """Return the statement for the facets, as JSON, of the newest openings that meet `where`.

    It names the value `language`.
    """
    lists = ", ".join(
        f"""'{name}', coalesce(json_agg(
            json_strip_nulls(json_build_object('id', id, 'name', name, 'count', count))
            ORDER BY place
        ) FILTER (WHERE list = '{name}'), '[]')"""
        for name in _LISTS
    )
    return f"""
        WITH {newest("nearest", "posted_at, job_id, facets", where, limit=str(COUNTED))},
        shared AS (
            SELECT facet, count(*) AS count FROM nearest, unnest(facets) AS facet GROUP BY facet
        ), named AS (
            SELECT 'skills' AS list, skills.id, name, count
            FROM shared JOIN skills ON skills.id = facet
            UNION ALL
            SELECT 'categories', categories.id,
                CASE :language WHEN 'en' THEN name_en ELSE name_vi END, count
            FROM shared JOIN categories ON {CATEGORIES_FROM} + categories.id = facet
            UNION ALL
            SELECT CASE kind
                    WHEN 'city' THEN 'locations' WHEN 'level' THEN 'levels' ELSE 'jobTypes'
                END, NULL, name, count
            FROM shared JOIN terms ON terms.id = facet WHERE kind IN ('city', 'level', 'jobType')
        ), placed AS (
            SELECT *, row_number() OVER (PARTITION BY list ORDER BY count DESC, name) AS place
            FROM named
        )
        SELECT json_build_object({lists})::text FROM placed WHERE place <= {_LONGEST}
    """  # noqa: S608 - put together of constants; what is sent comes in as values
