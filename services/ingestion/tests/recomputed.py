"""The market's numbers once more, the plain way: out of the stored postings, one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import Any

from libs.common import clock
from libs.common.reference.lookup import name_of
from libs.common.testing import Bench
from services.ingestion.market.pay import yearly_usd
from services.ingestion.market.places import places_of
from services.ingestion.market.roles import roles_of

Row = Mapping[str, Any]
_COUNTING = """
    SELECT *, least(date_posted, CAST(scraped_at AS date)) AS day FROM postings
    WHERE duplicate_of IS NULL
        AND least(date_posted, CAST(scraped_at AS date)) BETWEEN :first AND :last
"""


async def counting(bench: Bench, days: int) -> Sequence[Row]:
    """Return the postings that count in a window."""
    today = clock.now().date()
    first = today - timedelta(days=days - 1)
    return await bench.rows(_COUNTING, first=first, last=today)


def skill_counts(rows: Sequence[Row]) -> Counter[int]:
    return Counter(skill for row in rows for skill in {*row["skill_ids"]})


def trending(rows: Sequence[Row], skills: int, locations: int) -> dict[str, Any]:
    """Return what `GET /market/trending` should say, but for the window."""
    total = len(rows)
    named = Counter({name_of(id_): n for id_, n in skill_counts(rows).items()})
    places = Counter(place for row in rows for place in _places(row))
    slugs = Counter(slug for row in rows for slug in {*row["technology_slugs"]})
    with_slugs = sum(bool(row["technology_slugs"]) for row in rows)
    paid = salaries(rows)
    said = Counter(row["remote"] for row in rows)
    told = said[True] + said[False]
    return {
        "top_skills": [
            {"skill": name, "count": n, "percentage": round(100 * n / total, 1)}
            for name, n in _most(named, skills)
        ],
        "top_locations": [{"location": key, "count": n} for key, n in _most(places, locations)],
        "total_jobs_analyzed": total,
        "top_technologies": [
            {"technology": key, "count": n, "percentage": round(100 * n / with_slugs, 1)}
            for key, n in _most(slugs, skills)
            if with_slugs >= 10
        ],
        "salaries": pay(total, paid),
        "remote": {
            "remote": said[True],
            "on_site": said[False],
            "unknown": said[None],
            "percentage": round(100 * said[True] / told, 1) if told >= 10 else None,
            "insufficient_data": None if told >= 10 else "TOO_FEW_POSTINGS",
        },
        "samples": {
            "with_skills": sum(bool(row["skill_ids"]) for row in rows),
            "with_location": sum(bool(_places(row)) for row in rows),
            "with_technologies": with_slugs,
            "with_salary": len(paid),
            "with_remote": told,
        },
    }


def salaries(rows: Sequence[Row]) -> list[int]:
    """Return what is paid a year, lowest first."""
    names = ("salary_min", "salary_max", "salary_currency", "salary_period", "salary_string")
    paid = (yearly_usd(*(row[name] for name in names)) for row in rows)
    return sorted(one for one in paid if one is not None)


def pay(postings: int, paid: list[int]) -> dict[str, Any]:
    few = len(paid) < 10
    return {
        "currency": "USD",
        "period": "year",
        "postings": postings,
        "with_salary": len(paid),
        "percentiles": None
        if few
        else {f"p{p}": paid[ceil(p * len(paid) / 100) - 1] for p in (10, 25, 50, 75, 90)},
        "insufficient_data": "TOO_FEW_POSTINGS" if few else None,
    }


def of_role(rows: Sequence[Row], role: str) -> list[Row]:
    return [row for row in rows if role in roles_of(row["title"])]


def role_counts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    counts = Counter(role for row in rows for role in roles_of(row["title"]))
    return [
        {"role": role, "count": n, "percentage": round(100 * n / len(rows), 1)}
        for role, n in _most(counts, len(counts))
    ]


def required(rows: Sequence[Row], threshold: float) -> dict[int, float]:
    """Return skill -> percent of the postings that ask for it."""
    shares = {skill: 100 * n / len(rows) for skill, n in skill_counts(rows).items()}
    return {skill: share for skill, share in shares.items() if share >= 100 * threshold - 1e-9}


def series(rows: Sequence[Row], skill: int, points: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return postings and count of each point."""
    found = []
    for point in points:
        first, last = (date.fromisoformat(point[name]) for name in ("date_from", "date_to"))
        some = [row for row in rows if first <= row["day"] <= last]
        asking = sum(skill in row["skill_ids"] for row in some)
        found.append((len(some), asking if len(some) >= 10 else None))
    return found


def _places(row: Row) -> set[str]:
    return places_of(row["location"], row["country_code"], remote=row["remote"])


def _most(counts: Counter[str], limit: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]
