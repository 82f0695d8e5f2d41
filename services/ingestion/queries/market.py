"""The market's numbers out of its rollups: what is asked for, where, how much it changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from libs.common.reference import ReferenceSkill
from libs.common.reference.lookup import name_of, skill_named
from libs.common.rows import Rows
from services.ingestion.errors import SkillNotKnown
from services.ingestion.market.enough import percentage, reason
from services.ingestion.market.pay import percentiles
from services.ingestion.queries.kept import kept
from services.ingestion.queries.rollups import all_shared, by_day, last_days, most_shared
from services.ingestion.schemas.market import (
    LocationCountOut,
    PayOut,
    PercentilesOut,
    PointOut,
    RemoteOut,
    RoleCountOut,
    RolesOut,
    SalaryRangeOut,
    SamplesOut,
    SeriesOut,
    SkillCountOut,
    TechnologyCountOut,
    TrendingOut,
)

PERCENTILES = (10, 25, 50, 75, 90)
_RANGE, _LAST_RANGE = 25_000, 250_000
"""Dollars a year: how wide a range is, and where the last begins."""
_FEW_POINTS = ((31, 1), (182, 7), (365, 30))
"""Windows up to so many days are drawn by points of so many."""


async def trending(rows: Rows, days: int, skills: int, locations: int) -> TrendingOut:
    """Return what postings of the last days ask for, and where; so many skills and locations."""

    async def make(instant: datetime) -> TrendingOut:
        return await fresh_trending(rows, instant, days, skills, locations)

    return await kept(rows, make, "trending", days, skills, locations)


async def fresh_trending(
    rows: Rows, instant: datetime, days: int, skills: int, locations: int
) -> TrendingOut:
    """Return the same, reckoned anew; `instant` is since when the numbers are these."""
    span = last_days(days)
    few = await all_shared(rows, span, ("posting", "told", "remote", "salary"))
    postings, told = few["posting"].get("", 0), few["told"]
    why = reason(postings)
    limits = {"skill": skills, "place": locations, "technology": skills}
    most = {} if why else await most_shared(rows, span, limits)
    named = sorted(
        ((-count, name_of(int(key)), count) for key, count in most.get("skill", ())),
    )
    salaries = {int(amount): count for amount, count in few["salary"].items()}
    return TrendingOut(
        top_skills=[
            SkillCountOut(skill=name, count=count, percentage=percentage(count, postings))
            for _, name, count in named[:skills]
        ],
        top_locations=[
            LocationCountOut(location=key, count=count)
            for key, count in most.get("place", ())[:locations]
        ],
        total_jobs_analyzed=postings,
        generated_at=instant,
        window_days=days,
        posted_from=span.first,
        posted_to=span.last,
        top_technologies=[
            TechnologyCountOut(
                technology=key, count=count, percentage=percentage(count, told["technology"])
            )
            for key, count in most.get("technology", ())[:skills]
            if reason(told["technology"]) is None
        ],
        salaries=PayOut.model_validate(pay(postings, salaries)),
        salary_ranges=[] if reason(sum(salaries.values())) else _ranges(salaries),
        remote=_remote(postings, few["remote"]),
        samples=SamplesOut(
            with_skills=told.get("skill", 0),
            with_location=told.get("place", 0),
            with_technologies=told.get("technology", 0),
            with_salary=sum(salaries.values()),
            with_remote=sum(few["remote"].values()),
        ),
        insufficient_data=why,
    )


def known_skill(name: str) -> ReferenceSkill:
    """Return the skill that goes by `name`.

    Raises:
        SkillNotKnown: there is none.
    """
    known = skill_named(name)
    if known is None:
        raise SkillNotKnown
    return known


async def series(rows: Rows, skill: ReferenceSkill, days: int) -> SeriesOut:
    """Return how many postings of the last days ask for a skill, over time."""

    async def make(instant: datetime) -> SeriesOut:
        span = last_days(days)
        postings = await by_day(rows, span, "posting", "")
        asking = await by_day(rows, span, "skill", str(skill.id))
        step = next(step for most, step in _FEW_POINTS if days <= most)
        points: list[PointOut] = []
        last = span.last
        while last >= span.first:
            first = max(span.first, last - timedelta(days=step - 1))
            some = [first + timedelta(days=day) for day in range((last - first).days + 1)]
            points.append(
                _point(
                    (first, last),
                    sum(postings.get(day, 0) for day in some),
                    sum(asking.get(day, 0) for day in some),
                )
            )
            last = first - timedelta(days=1)
        return SeriesOut(
            skill=skill.name,
            skill_id=skill.id,
            window_days=days,
            step_days=step,
            total_jobs_analyzed=sum(postings.values()),
            generated_at=instant,
            points=points[::-1],
        )

    return await kept(rows, make, "series", skill.id, days)


async def roles(rows: Rows, days: int) -> RolesOut:
    """Return how many postings of the last days name which role, most first."""

    async def make(instant: datetime) -> RolesOut:
        found = await all_shared(rows, last_days(days), ("posting", "role"))
        postings = found["posting"].get("", 0)
        counts = sorted(found["role"].items(), key=lambda one: (-one[1], one[0]))
        why = reason(postings)
        return RolesOut(
            roles=[
                RoleCountOut(role=role, count=count, percentage=percentage(count, postings))
                for role, count in counts
                if not why
            ],
            total_jobs_analyzed=postings,
            generated_at=instant,
            window_days=days,
            insufficient_data=why,
        )

    return await kept(rows, make, "roles", days)


async def whole_pay(rows: Rows, days: int) -> tuple[int, dict[int, int]]:
    """Return how many postings the last days have, and how many pay which salary."""
    few = await all_shared(rows, last_days(days), ("posting", "salary"))
    return few["posting"].get("", 0), {int(key): count for key, count in few["salary"].items()}


def pay(postings: int, salaries: Mapping[int, int]) -> dict[str, object]:
    """Return the fields of `PayOut`: percentiles of salaries, each counted so often."""
    told = sum(salaries.values())
    why = reason(told)
    found = None if why else PercentilesOut(**percentiles(salaries, PERCENTILES))
    return {
        "postings": postings,
        "with_salary": told,
        "percentiles": found,
        "insufficient_data": why,
    }


def _ranges(salaries: Mapping[int, int]) -> list[SalaryRangeOut]:
    """Return the ranges from the first to the last that anybody is paid in."""
    counts: dict[int, int] = {}
    for amount, count in salaries.items():
        least = min(amount // _RANGE * _RANGE, _LAST_RANGE)
        counts[least] = counts.get(least, 0) + count
    return [
        SalaryRangeOut(
            least=least,
            below=None if least == _LAST_RANGE else least + _RANGE,
            count=counts.get(least, 0),
        )
        for least in range(min(counts), max(counts) + 1, _RANGE)
    ]


def _remote(postings: int, told: Mapping[str, int]) -> RemoteOut:
    remote, on_site = told.get("yes", 0), told.get("no", 0)
    why = reason(remote + on_site)
    return RemoteOut(
        remote=remote,
        on_site=on_site,
        unknown=postings - remote - on_site,
        percentage=None if why else percentage(remote, remote + on_site),
        insufficient_data=why,
    )


def _point(days: tuple[object, object], postings: int, count: int) -> PointOut:
    why = reason(postings)
    return PointOut(
        date_from=days[0],
        date_to=days[1],
        postings=postings,
        count=None if why else count,
        percentage=None if why else percentage(count, postings),
        insufficient_data=why,
    )
