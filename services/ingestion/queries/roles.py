"""The postings of a role: a bounded sample of them, the newest, and what it tells."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from libs.common.rows import Rows
from services.ingestion.market.roles import roles_of, telling_words
from services.ingestion.queries.kept import kept
from services.ingestion.queries.rollups import Window, last_days
from services.ingestion.skills import extract

MOST_OF_A_ROLE = 10_000
"""Postings of a known role that are looked at."""
MOST_BY_TITLE = 20_000
"""Postings whose titles are looked at for another one."""

_BY_ROLE = """
    SELECT day, skill_ids, salary FROM (
        SELECT posting_id FROM role_postings WHERE role = :role AND day BETWEEN :first AND :last
        ORDER BY day DESC, posting_id DESC LIMIT :most
    ) AS newest JOIN market_facts USING (posting_id)
"""
_BY_TITLE = """
    SELECT day, skill_ids, salary, words @> CAST(:words AS text[]) AS fits FROM (
        SELECT * FROM market_facts WHERE day BETWEEN :first AND :last
        ORDER BY day DESC, posting_id DESC LIMIT :most
    ) AS newest
"""
_TOLD = """
    WITH looked_at AS MATERIALIZED ({looked_at}),
    sample AS (SELECT * FROM looked_at WHERE {fits}),
    asked AS (SELECT unnest(skill_ids) AS skill, count(*) AS n FROM sample GROUP BY 1),
    paid AS (SELECT salary, count(*) AS n FROM sample WHERE salary IS NOT NULL GROUP BY 1)
    SELECT (SELECT count(*) FROM sample),
        (SELECT CASE WHEN count(*) < :most THEN :first ELSE min(day) END FROM looked_at),
        (SELECT json_object_agg(skill, n) FROM asked),
        (SELECT json_object_agg(salary, n) FROM paid)
"""
_SAMPLE_OF_ROLE = _TOLD.format(looked_at=_BY_ROLE, fits="true")
_SAMPLE_BY_TITLE = _TOLD.format(looked_at=_BY_TITLE, fits="fits")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the postings of a role tell."""

    role: str | None
    """The known role that was looked for; None: the words of titles were."""
    words: list[str]
    posted_from: date
    posted_to: date
    postings: int
    skills: dict[int, int]
    """How many ask for each; but for the trade that the role is named by, say DevOps."""
    salaries: dict[int, int]
    """How many pay so many US dollars a year."""
    instant: datetime
    """Since when the numbers are these."""


async def sample_of(rows: Rows, asked: str, days: int) -> Sample:
    """Return what the last days' postings of a role tell, however the role is written.

    A role that nobody counts by is looked for by the words of titles. Of very many postings the
    newest are looked at; `posted_from` then says since when.
    """

    async def make(instant: datetime) -> Sample:
        known = next(iter(roles_of(asked)), None)
        words = [] if known else telling_words(asked)
        sample = await _sample(rows, known, words, last_days(days), instant)
        for trade in await asyncio.to_thread(trades_in, known or asked):
            sample.skills.pop(trade, None)
        return sample

    return await kept(rows, make, "role", asked.casefold(), days)


def trades_in(role: str) -> set[int]:
    """Return the skills that a role's name is made of, but for named technologies.

    That a DevOps engineer needs DevOps tells nobody anything; a Python developer needs Python.
    """
    return {found.skill_id for found in extract(role) if not found.is_technology}


async def _sample(
    rows: Rows, role: str | None, words: list[str], days: Window, instant: datetime
) -> Sample:
    asked: dict[str, Any] = {"first": days.first, "last": days.last}
    if role is not None:
        found = await rows.read(_SAMPLE_OF_ROLE, role=role, most=MOST_OF_A_ROLE, **asked)
    elif words:
        found = await rows.read(_SAMPLE_BY_TITLE, words=words, most=MOST_BY_TITLE, **asked)
    else:
        found = [(0, days.first, None, None)]
    [(postings, since, skills, salaries)] = found
    return Sample(
        *(role, words, since, days.last, postings),
        skills=_counts(skills),
        salaries=_counts(salaries),
        instant=instant,
    )


def _counts(told: dict[str, int] | None) -> dict[int, int]:
    return {int(key): count for key, count in (told or {}).items()}
