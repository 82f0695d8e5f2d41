"""The table that is searched, kept in step with the jobs: one narrow row for each open one.

What an opening is made of stands in one statement. To fill the table anew, `index_all`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, bindparam, text

from libs.common.ids import NIL
from libs.common.reference.pay import FACTORS
from libs.common.reference.salary import LARGEST
from libs.common.sessions import WriteSession
from services.jobs.document import vector_of
from services.jobs.queries.parts import IS_OPEN
from services.jobs.terms import terms_of
from services.jobs.twos import two_of
from services.jobs.typos import LONGEST, SHORTEST, variants_of

CATEGORIES_FROM = 1_000_000
"""What is added to a category's id in `facets`; skills have ids below."""
SHELVES_FROM, SHELF_SECONDS = 1 << 30, 6 * 60 * 60
"""`facets` also has a job's *shelf*: when it was posted, in so many seconds; see `matches`."""
BATCH = 200
"""Jobs that are indexed at a time: some hundred milliseconds."""
_ONES = "jobs.id = ANY(:job_ids)"
_LOCK = text("SELECT id FROM jobs WHERE id = ANY(:job_ids) ORDER BY id FOR NO KEY UPDATE")
_WRITTEN = """(VALUES
    ('location', jd.location), ('level', jd.level), ('jobType', jd.job_type),
    ('contractType', jd.contract_type), ('company', company.name)
) AS said(field, written)"""
_JOBS = """
    jobs JOIN job_descriptions AS jd ON jd.job_id = jobs.id
    JOIN company_snapshots AS company ON company.company_id = jobs.company_id
"""
_UNKNOWN = f"""
    SELECT DISTINCT said.field, said.written FROM {_JOBS} CROSS JOIN LATERAL {_WRITTEN}
    LEFT JOIN spellings USING (field, written)
    WHERE {{which}} AND {IS_OPEN} AND said.written IS NOT NULL AND spellings.field IS NULL
"""  # noqa: S608 - put together of constants, as all below
_ADD_TERMS = text(
    """
    INSERT INTO terms (kind, key, name)
    SELECT DISTINCT ON (kind, key) kind, key, name
    FROM json_to_recordset(CAST(:meant AS json)) AS meant (kind text, key text, name text)
    WHERE kind IS NOT NULL ORDER BY kind, key
    ON CONFLICT DO NOTHING
    """
)
_ADD_SPELLINGS = text(
    """
    INSERT INTO spellings (field, written, term_ids)
    SELECT field, written, coalesce(array_agg(terms.id) FILTER (WHERE terms.id IS NOT NULL), '{}')
    FROM json_to_recordset(CAST(:meant AS json))
        AS meant (field text, written text, kind text, key text)
    LEFT JOIN terms USING (kind, key)
    GROUP BY field, written ORDER BY field, written
    ON CONFLICT DO NOTHING
    """
)


def _dollars(column: str) -> str:
    factor = (
        "CAST(CAST(:factors AS jsonb) ->> (salary_currency || '/' || salary_period) AS numeric)"
    )
    dollars = f"CAST(least(round({column} * {factor}), {LARGEST}) AS integer)"
    return f"CASE WHEN {column} IS NOT NULL THEN {dollars} END"  # `least` passes over null


_INDEX = f"""
    WITH open AS MATERIALIZED (
        SELECT jobs.id, jobs.company_id, posted_at, expires_at, exp_year,
            {_dollars("salary_min")} AS pay_min, {_dollars("salary_max")} AS pay_max,
            {vector_of("title", "A")}
                || {vector_of("concat_ws(' ', company.name, skill.names)", "B")} AS heading,
            {vector_of("concat_ws(' ', description, requirements)", "D")} AS body,
            skill.ids || category.ids || term.ids || {SHELVES_FROM}
                + CAST(floor(extract(epoch FROM posted_at) / {SHELF_SECONDS}) AS integer) AS facets,
            ARRAY(
                SELECT {two_of("one", "other")}
                FROM unnest(skill.ids) AS one, unnest(category.ids || term.cities) AS other
                UNION ALL SELECT {two_of("one", "other")}
                FROM unnest(category.ids) AS one, unnest(term.cities) AS other
            ) AS twos
        FROM {_JOBS},
        LATERAL (
            SELECT coalesce(array_agg(skills.id), '{{{{}}}}') AS ids,
                string_agg(skill_names.keys, ' ' ORDER BY position) AS names
            FROM job_skills JOIN skills ON skills.id = skill_id, LATERAL (
                SELECT string_agg(key, ' ') AS keys FROM skill_names WHERE skill_id = skills.id
            ) AS skill_names
            WHERE job_id = jobs.id
        ) AS skill,
        LATERAL (
            SELECT coalesce(array_agg({CATEGORIES_FROM} + category_id), '{{{{}}}}') AS ids
            FROM job_categories WHERE job_id = jobs.id
        ) AS category,
        LATERAL (
            SELECT coalesce(array_agg(DISTINCT id), '{{{{}}}}') AS ids,
                coalesce(array_agg(DISTINCT id) FILTER (WHERE kind = 'city'), '{{{{}}}}') AS cities
            FROM {_WRITTEN} JOIN spellings USING (field, written) JOIN terms ON id = ANY(term_ids)
        ) AS term
        WHERE {{which}} AND {IS_OPEN}
    ), shut AS (
        DELETE FROM openings USING jobs
        WHERE jobs.id = openings.job_id AND {{which}} AND NOT ({IS_OPEN})
    ), learnt AS (
        INSERT INTO known_words (word, variants)
        SELECT word, {variants_of("word")} FROM (
            SELECT DISTINCT unnest(tsvector_to_array(heading)) AS word FROM open
        ) AS headings
        WHERE length(word) BETWEEN {SHORTEST} AND {LONGEST} AND word !~ '[0-9]'
            AND NOT EXISTS (SELECT FROM known_words AS known WHERE known.word = headings.word)
        ORDER BY word
        ON CONFLICT DO NOTHING
    )
    INSERT INTO openings (
        job_id, company_id, posted_at, expires_at, exp_year, pay_min, pay_max, pay,
        heading, words, facets, twos
    )
    SELECT id, company_id, posted_at, expires_at, exp_year, pay_min, pay_max,
        coalesce(pay_max, pay_min, -1), heading, heading || body, facets, twos
    FROM open
    ON CONFLICT (job_id) DO UPDATE SET
        company_id = excluded.company_id, posted_at = excluded.posted_at,
        expires_at = excluded.expires_at, exp_year = excluded.exp_year,
        pay_min = excluded.pay_min, pay_max = excluded.pay_max, pay = excluded.pay,
        heading = excluded.heading, words = excluded.words, facets = excluded.facets,
        twos = excluded.twos
"""  # noqa: S608
_LACKING = text(
    f"""
    SELECT id FROM jobs WHERE {IS_OPEN} AND id > :after
        AND NOT EXISTS (SELECT FROM openings WHERE job_id = jobs.id)
    ORDER BY id LIMIT {BATCH}
    """  # noqa: S608
)


async def index_opening(session: WriteSession, job_id: UUID) -> None:
    """Bring what is searched in step with a job: there as long as it is open, as it is now.

    To be called in the transaction that changes it, after its changes.
    """
    await index_openings(session, [job_id])


async def index_openings(session: WriteSession, job_ids: Sequence[UUID]) -> None:
    """Do as `index_opening` for several jobs; some hundred at a time."""
    values = {"job_ids": list(job_ids)}
    await session.flush()
    await session.execute(_LOCK, values)  # what is read next is what others have committed
    await _index(session, _ONES, values)


async def index_all(session: WriteSession) -> None:
    """Fill an empty `openings` from all jobs at once, by the same statement.

    For a million rows drop `ix_openings_found` before, make it again afterwards, and `ANALYZE`.
    """
    await _index(session, "true", {})


async def index_missing(session: WriteSession) -> None:
    """Index the open jobs that have no opening: posted before there was such a thing."""
    job_ids: Sequence[UUID] = [NIL]
    while job_ids:
        job_ids = (await session.scalars(_LACKING, {"after": job_ids[-1]})).all()
        await index_openings(session, job_ids)


async def _index(session: WriteSession, which: str, values: dict[str, Any]) -> None:
    unknown = await session.execute(text(_UNKNOWN.format(which=which)), values)
    await _learn(session, [(field, written) for field, written in unknown])
    await session.execute(_index_statement(which), values)


def _index_statement(which: str) -> TextClause:
    factors = {f"{currency}/{period}": str(f) for (currency, period), f in FACTORS.items()}
    factors_json = orjson.dumps(factors).decode()
    return text(_INDEX.format(which=which)).bindparams(bindparam("factors", factors_json))


async def _learn(session: WriteSession, spellings: Sequence[tuple[str, str]]) -> None:
    """Remember which terms the texts stand for, making those that are new."""
    if not spellings:
        return
    meant: list[dict[str, Any]] = []
    for field, written in spellings:
        spelling = {"field": field, "written": written}
        terms = terms_of(field, written)
        meant += [
            {**spelling, "kind": term.kind, "key": term.key, "name": term.name} for term in terms
        ] or [spelling]
    values = {"meant": orjson.dumps(meant).decode()}
    await session.execute(_ADD_TERMS, values)
    await session.execute(_ADD_SPELLINGS, values)
