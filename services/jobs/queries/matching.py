"""Jobs and a candidate set against each other: one in full, or the best of those that are open."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from libs.common.envelope import SqlJson
from libs.common.errors import NotFound
from libs.common.i18n import say
from libs.common.pagination import Window, page
from libs.common.reference.pay import monthly_usd
from libs.common.reference.salary import Salary
from libs.common.sessions import ReadSession
from services.jobs.matching import NEUTRAL, WEIGHTS, Factor, Offer, Seeker, percent, score, total
from services.jobs.models import CandidateSnapshot
from services.jobs.queries.parts import FIELDS_IN_LIST, WITH_COMPANY, WITHHELD
from services.jobs.schemas.matching import FactorOut, MatchOut, RecommendedJobOut

MOST = 250
"""How many jobs are weighed, of the newest with any of his skills; and of those with a rare one."""

_OFFERS = """
    SELECT jobs.id, jobs.title, jd.level, jd.exp_year, jd.location, jd.job_type,
        jd.salary_min, jd.salary_max, jd.salary_currency, jd.salary_period,
        asked.skills, asked.rarities
    FROM {these} JOIN job_descriptions AS jd ON jd.job_id = jobs.id, LATERAL (
        SELECT coalesce(array_agg(skill_id ORDER BY position), '{{}}') AS skills,
            coalesce(array_agg(coalesce(rarity, :neutral) ORDER BY position), '{{}}') AS rarities
        FROM job_skills LEFT JOIN skill_rarities USING (skill_id)
        WHERE job_skills.job_id = jobs.id
    ) AS asked
"""
_ONE = text(_OFFERS.format(these="jobs") + f"WHERE jobs.id = :job_id AND NOT {WITHHELD}")
_UNTRIED = "job_id NOT IN (SELECT job_id FROM job_applies WHERE candidate_id = :candidate)"
# The limits are fences: whatever the planner thinks of his skills, it reads no more than this.
_PICKED = """(
    (
        SELECT job_id, posted_at FROM (
            SELECT job_id, posted_at, facets FROM openings WHERE expires_at > now()
            ORDER BY posted_at DESC, job_id DESC LIMIT {newest}
        ) AS newest
        WHERE (CAST(:skills AS integer[]) = '{{}}' OR facets && CAST(:skills AS integer[]))
            AND {new}
        ORDER BY posted_at DESC, job_id DESC LIMIT {most}
    ) UNION (
        SELECT job_id, posted_at FROM openings, (
            SELECT coalesce(array_agg(skill_id), '{{}}') AS ids FROM (
                SELECT skill_id FROM skill_rarities
                WHERE skill_id = ANY(CAST(:skills AS integer[])) AND rarity >= {rare_from}
                ORDER BY rarity DESC, skill_id LIMIT {rare}
            ) AS rarest
        ) AS rare
        WHERE facets && rare.ids AND expires_at > now() AND {new}
        ORDER BY posted_at DESC, job_id DESC LIMIT {most}
    )
) AS picked CROSS JOIN LATERAL (
    SELECT * FROM jobs WHERE id = picked.job_id LIMIT 1
) AS jobs"""


def _some(newest: int = 10_000, most: int = MOST, rare: int = 3, rare_from: float = 5.3) -> str:
    """Return the SQL for the offers that are weighed.

    Args:
        newest: how many of the newest openings are looked through for his skills.
        most: how many are weighed of those; and how many of those with one of his rarest skills.
        rare: how many of his skills are looked up among all openings.
        rare_from: the rarity from which they are: by default, of one that one job in 200 asks for.
    """
    picked = _PICKED.format(newest=newest, most=most, rare=rare, rare_from=rare_from, new=_UNTRIED)
    return _OFFERS.format(these=picked) + "ORDER BY picked.posted_at DESC, picked.job_id DESC"


_SOME = text(_some())
_NAMES_OF = """(
    SELECT coalesce(json_agg(skills.name ORDER BY position), '[]')
    FROM job_skills JOIN skills ON skills.id = skill_id
    WHERE job_id = jobs.id AND (skill_id = ANY(CAST(:skills AS integer[]))) = {has}
)"""
_PAGE = text(
    f"""
    SELECT coalesce(json_agg(
        json_build_object({FIELDS_IN_LIST}, 'match', json_build_object(
            'percent', best.percent,
            'matched', {_NAMES_OF.format(has="true")},
            'missing', {_NAMES_OF.format(has="false")}
        )) ORDER BY best.place
    ), '[]')::text
    FROM unnest(CAST(:job_ids AS uuid[]), CAST(:percents AS integer[]))
        WITH ORDINALITY AS best (job_id, percent, place)
    JOIN jobs ON jobs.id = best.job_id {WITH_COMPANY}
    """  # noqa: S608 - put together of constants; what is sent comes in as values
)
_SKILLS = text("SELECT coalesce(merged_into, id) FROM skills WHERE id = ANY(:ids)")
_SKILL_NAMES = text("SELECT id, name FROM skills WHERE id = ANY(:ids)")


async def seeker(session: ReadSession, candidate_id: UUID, pay: int | None) -> Seeker:
    """Return what is known of a candidate; `pay` is what he wants, in US dollars a month."""
    known = await session.get(CandidateSnapshot, candidate_id)
    if known is None:
        return Seeker(pay=pay)
    roles, level = tuple(known.target_roles), known.experience_level
    skills = await session.scalars(_SKILLS, {"ids": known.skill_ids})  # some may be merged by now
    return Seeker(frozenset(skills), roles, level, known.location, pay)


async def match_of(session: ReadSession, who: Seeker, job_id: UUID) -> MatchOut:
    """Return how well a job suits a candidate, and why.

    Raises:
        NotFound: there is none of that id, or its employer is deactivated.
    """
    row = (await session.execute(_ONE, {"job_id": job_id, "neutral": NEUTRAL})).first()
    if row is None:
        raise NotFound
    parts = score(who, offer := _offer(row, who))
    named = await session.execute(_SKILL_NAMES, {"ids": row.skills})
    names = {skill.id: skill.name for skill in named}
    matched = [names[skill] for skill in row.skills if skill in who.skills]
    facts = _facts(who, offer, len(matched))
    return MatchOut(
        job_id=job_id,
        percent=percent(total(parts)),
        matched=matched,
        missing=[names[skill] for skill in row.skills if skill not in who.skills],
        explanation=[_explained(factor, part, facts[factor]) for factor, part in parts.items()],
    )


async def recommended(
    session: ReadSession, candidate_id: UUID, who: Seeker, paging: Window
) -> SqlJson[list[RecommendedJobOut]]:
    """List open jobs by how well they suit a candidate, then newest first.

    Those that he applied for are left out.
    """
    skills = {"skills": sorted(who.skills)}
    asked = skills | {"neutral": NEUTRAL, "candidate": candidate_id}
    rows = await session.execute(_SOME, asked)
    scored = [(row.id, percent(total(score(who, _offer(row, who))))) for row in rows]
    scored.sort(key=itemgetter(1), reverse=True)  # stable: the newest stay first among equals
    best = scored[paging.offset : paging.offset + paging.limit]
    shown = {"job_ids": [job for job, _ in best], "percents": [part for _, part in best]}
    jobs = (await session.scalars(_PAGE, skills | shown)).one()
    headers = dict(page([], len(scored), paging).headers)
    if len(scored) >= MOST:
        headers["X-Total-Capped"] = "true"
    return SqlJson(jobs.encode(), headers, len(scored))


def _offer(row: Row[Any], who: Seeker) -> Offer:
    best = who.pay and (row.salary_max or row.salary_min)  # reckoned only where it is compared
    pay = best and monthly_usd(Salary(None, best, row.salary_currency, row.salary_period))[1]
    asked = dict(zip(row.skills, row.rarities, strict=True))
    return Offer(asked, row.title, row.level, row.exp_year, row.location, row.job_type, pay)


def _facts(who: Seeker, offer: Offer, met: int) -> dict[Factor, dict[str, Any]]:
    """Return what both sides said, by factor."""
    return {
        "skills": {"met": met, "asked": len(offer.skills)},
        "role": {"his": ", ".join(who.roles), "job": offer.title},
        "level": {"his": who.level, "job": offer.level or "–", "years": offer.exp_year},
        "place": {"his": who.location, "job": offer.location},
        "salary": {"his": who.pay, "job": offer.pay},
    }


def _explained(factor: Factor, part: float, facts: dict[str, Any]) -> FactorOut:
    said = say(f"messages.match_{factor}", **facts)
    return FactorOut(factor=factor, percent=percent(part), weight=WEIGHTS[factor], text=said)
