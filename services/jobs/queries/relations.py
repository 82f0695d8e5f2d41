"""The jobs beside a job."""

from uuid import UUID

from libs.common.envelope import SqlJson
from libs.common.errors import NotFound
from libs.common.pagination import Window
from libs.common.rows import Rows
from services.jobs.document import words_of
from services.jobs.openings import CATEGORIES_FROM
from services.jobs.queries.lists import page_of
from services.jobs.queries.parts import IS_OPEN, WITHHELD
from services.jobs.schemas.jobs import JobOut

_LOOKED_AT, _MOST = 300, 100

_CHOSEN = f"""
    SELECT jobs.id, row_number() OVER (ORDER BY related_at DESC, jobs.id) AS place
    FROM job_relations JOIN jobs ON jobs.id = related_job_id
    WHERE source_job_id = :job_id AND {IS_OPEN}
"""  # noqa: S608 - put together of constants, as all below
_SOURCE = f"""
    SELECT title, EXISTS ({_CHOSEN}) AS has_chosen,
        ARRAY(SELECT skill_id FROM job_skills WHERE job_id = jobs.id)
        || ARRAY(SELECT {CATEGORIES_FROM} + category_id FROM job_categories
            WHERE job_id = jobs.id) AS facets
    FROM jobs WHERE id = :job_id AND NOT {WITHHELD}
"""  # noqa: S608
# The newest that have anything in common, those first that have most: what the title adds counts
# less than a skill.
_LIKE_IT = f"""
    SELECT job_id AS id, row_number() OVER (
        ORDER BY (SELECT count(*) FROM unnest(facets) AS one WHERE one = ANY(:facets))
            + ts_rank(heading, CAST(replace(CAST(
                plainto_tsquery('simple', {words_of("CAST(:title AS text)")})
            AS text), '&', '|') AS tsquery)) DESC, posted_at DESC, job_id
    ) AS place
    FROM (
        SELECT job_id, posted_at, facets, heading FROM openings
        WHERE facets && CAST(:facets AS integer[]) AND expires_at > now() AND job_id <> :job_id
        ORDER BY posted_at DESC, job_id DESC LIMIT {_LOOKED_AT}
    ) AS openings
    ORDER BY place LIMIT {_MOST}
"""  # noqa: S608


async def related_jobs(rows: Rows, job_id: UUID, paging: Window) -> SqlJson[list[JobOut]]:
    """List the open jobs set beside a job, the last set first; where there are none, similar ones.

    Raises:
        NotFound: there is no such job, or its employer is deactivated.
    """
    source = await rows.read(_SOURCE, job_id=job_id)
    if not source:
        raise NotFound
    [(title, has_chosen, facets)] = source
    if has_chosen:
        return await page_of(rows, _CHOSEN, paging, job_id=job_id)
    # Written into the statement: it is planned for these very ones.
    like_it = _LIKE_IT.replace(":facets", f"'{{{','.join(map(str, facets))}}}'")
    return await page_of(rows, like_it, paging, job_id=job_id, title=title)
