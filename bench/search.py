"""Search over made-up jobs: the service's own, beside the naive and the textbook ways.

`python -m bench.search [SIZE …]`. Over each number of jobs every class of query is asked with
values drawn anew, for its first page and its total: ours by the function that the endpoint calls;
the naive one by ILIKE, over jobs and descriptions and over the names that link tables lead to, of
which only the primary keys are indexed; the textbook one by a tsvector with GIN, indexes on single
columns, those of links included, and an exact count. All show the same 20 jobs' JSON. Ours is asked
alone first, as it will be; then all in turn, where the tables of the others push those of ours out
of memory.
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import text

from bench.cpu import cpu_seconds, postmaster_of
from bench.made_up_jobs import CITIES, SERVICE, a_server, connected, load, told, vocabulary
from libs.common.db import Database, open_database
from libs.common.pagination import Window
from libs.common.sessions import ReadSession
from libs.common.text import fold
from services.jobs.queries.parts import JOB_IN_LIST, WITH_COMPANY
from services.jobs.queries.search import found_jobs
from services.jobs.schemas.search import Sort, Wanted

SIZES = (10_000, 100_000)
ALONE = {"ours": 60}
IN_TURN = {"ours": 12, "textbook": 12, "naive": 3}
WARM = 60
"""Rounds before ours is timed: a server has answered before."""
COMMON, SEARCHED = slice(5, 50), slice(50, 20_000)  # by rank; before 5 stand the likes of "and"
PAGE_500 = 499 * 20
DOLLAR = 26_350.0  # VND

# --------------------------------------------------------------------------- what is searched for


@dataclass(frozen=True)
class Drawn:
    """What one round asks for: it fits one job at least, which was drawn at random."""

    word: str
    other: str
    common: str
    city: str
    skill_id: int
    skill: str
    category_id: int
    category: str
    pay: int


@dataclass(frozen=True)
class Query:
    """A class of queries: which of the drawn values it asks for, and what it is held to."""

    name: str
    asks: tuple[str, ...] = ()
    sort: Sort = "newest"
    facets: bool = False
    page_500: bool = False
    goal: tuple[float, float] | None = None
    """p50 and p95 over a million jobs, in ms."""
    growth: float = 6.0
    """Of p50 from ten thousand to a million jobs, at most."""
    peers: bool = True
    """Whether the other designs are asked too."""


ALL = ("word", "city", "pay", "skill", "category")
BROWSE, PAGE = "browse", "browse, page 500"
QUERIES = (
    Query("word, city, salary, skill, category", ALL, goal=(3, 15)),
    Query("word, city, salary", ALL[:3]),
    Query("two words", ("word", "other")),
    Query("common word, newest", ("common",), goal=(float("inf"), 25)),
    Query("common word, relevance", ("common",), "relevance", goal=(float("inf"), 60)),
    Query("city, salary, skill, category", ALL[1:]),
    Query(BROWSE, goal=(float("inf"), 5), growth=2),
    Query(PAGE, page_500=True, growth=2),
    Query("common word, page 500", ("common",), page_500=True, peers=False),
    Query("all five, with facets", ALL, facets=True, peers=False),
    Query("common word, with facets", ("common",), facets=True, peers=False),
)

_ONE = text(
    """
    SELECT title, description, location, coalesce(pay_max, 1000) AS pay,
        skill.id AS skill_id, skill.name AS skill,
        category.id AS category_id, category.name_vi AS category
    FROM openings JOIN jobs ON jobs.id = openings.job_id
    JOIN job_descriptions AS jd USING (job_id)
    JOIN job_skills AS asked ON asked.job_id = jobs.id AND asked.position = 0
    JOIN skills AS skill ON skill.id = asked.skill_id
    JOIN job_categories AS filed ON filed.job_id = jobs.id AND filed.position = 0
    JOIN categories AS category ON category.id = filed.category_id
    WHERE openings.posted_at <= now() - CAST(:days AS float) * interval '1 day'
        AND location LIKE ANY (CAST(:cities AS text[]))
    ORDER BY openings.posted_at DESC LIMIT 1
    """
)


async def draw(session: ReadSession, by: random.Random) -> Drawn:
    rank = {word: n for n, word in enumerate(vocabulary())}
    values = {"days": by.random() * 89, "cities": [f"%{city}%" for city in CITIES]}
    found = (await session.execute(_ONE, values)).one()
    words = [word.strip(".") for word in found.description.split()]
    searched = [word for word in words if rank[word] >= SEARCHED.start]
    word, other = by.sample(searched, 2)
    return Drawn(
        *(word, other, by.choice(vocabulary()[COMMON])),
        next(city for city in CITIES if city in found.location),
        *(found.skill_id, found.skill, found.category_id, found.category),
        found.pay * by.randrange(5, 10) // 10,
    )


# -------------------------------------------------------------------------------- the two others

_SHOWN = f"""
    SELECT coalesce(json_agg({JOB_IN_LIST} ORDER BY page.place), '[]')::text
    FROM (
        SELECT id, row_number() OVER (ORDER BY {{order}}) AS place
        FROM ({{found}} ORDER BY {{order}} LIMIT 20 OFFSET :offset) AS few
    ) AS page JOIN jobs ON jobs.id = page.id {WITH_COMPANY}
"""
_LIKE = "(title ILIKE :{0} OR description ILIKE :{0})"
_NAIVE = {
    "word": _LIKE.format("word"),
    "other": _LIKE.format("other"),
    "common": _LIKE.format("common"),
    "city": "location ILIKE :city",
    "pay": "(salary_max IS NULL OR salary_currency = 'USD' AND salary_max >= :pay"
    f" OR salary_currency = 'VND' AND salary_max >= {DOLLAR} * :pay)",
    "skill": "EXISTS (SELECT FROM naive_job_skills JOIN skills ON skills.id = skill_id"
    " WHERE job_id = jobs.id AND name ILIKE :skill)",
    "category": "EXISTS (SELECT FROM naive_job_categories JOIN categories"
    " ON categories.id = category_id WHERE job_id = jobs.id AND name_vi ILIKE :category)",
}
_FOUND_NAIVE = """
    SELECT id, posted_at, title FROM jobs JOIN job_descriptions AS jd ON job_id = id
    WHERE status = 'Active' AND expires_at > now()
"""
_FOUND_TEXTBOOK = """
    SELECT id, posted_at, document FROM textbook WHERE status = 'Active' AND expires_at > now()
"""
_TEXTBOOK = {
    "city": "city = :city",
    "pay": "(pay_max IS NULL OR pay_max >= :pay)",
    "skill": "id IN (SELECT job_id FROM job_skills WHERE skill_id = :skill_id)",
    "category": "id IN (SELECT job_id FROM job_categories WHERE category_id = :category_id)",
}
_MAKE_NAIVE = (
    "CREATE TABLE naive_job_skills AS SELECT job_id, skill_id FROM job_skills",
    "ALTER TABLE naive_job_skills ADD PRIMARY KEY (job_id, skill_id)",
    "CREATE TABLE naive_job_categories AS SELECT job_id, category_id FROM job_categories",
    "ALTER TABLE naive_job_categories ADD PRIMARY KEY (job_id, category_id)",
    f"GRANT SELECT ON naive_job_skills, naive_job_categories TO waymark_{SERVICE}",
    "VACUUM ANALYZE naive_job_skills, naive_job_categories",
)
_MAKE_TEXTBOOK = (
    """
    CREATE TABLE textbook AS
    SELECT id, jobs.posted_at, jobs.expires_at, status, pay_max, words AS document, (
        SELECT name FROM terms WHERE terms.id = ANY(facets) AND kind = 'city' LIMIT 1
    ) AS city FROM jobs JOIN openings ON job_id = id ORDER BY posted_at
    """,
    "ALTER TABLE textbook ADD PRIMARY KEY (id)",
    "CREATE INDEX ON textbook USING gin (document)",
    "CREATE INDEX ON textbook (posted_at DESC, id DESC)",
    "CREATE INDEX ON textbook (city)",
    "CREATE INDEX ON textbook (pay_max)",
    f"GRANT SELECT ON textbook TO waymark_{SERVICE}",
    "VACUUM ANALYZE textbook",
)


def make_others(url: str) -> None:
    """Make the tables that the two others search: see `compare`."""
    with connected(url) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for statement in (*_MAKE_NAIVE, *_MAKE_TEXTBOOK):
            connection.execute(statement)


async def _both(db: Database, found: str, order: str, values: dict[str, Any]) -> None:
    async with db.read() as session:
        await session.execute(text(f"SELECT count(*) FROM ({found}) AS found"), values)
        await session.execute(text(_SHOWN.format(found=found, order=order)), values)


async def naive(db: Database, query: Query, drawn: Drawn) -> None:
    found = " AND ".join([_FOUND_NAIVE, *(_NAIVE[name] for name in query.asks)])
    order = "posted_at DESC, id DESC"
    if query.sort == "relevance":
        order = f"(title ILIKE :common) DESC, {order}"
    like = {name: f"%{getattr(drawn, name)}%" for name in ("word", "other", "common", "city")}
    values = asdict(drawn) | like
    await _both(db, found, order, values | {"offset": PAGE_500 if query.page_500 else 0})


async def textbook(db: Database, query: Query, drawn: Drawn) -> None:
    clauses = [_TEXTBOOK[name] for name in query.asks if name in _TEXTBOOK]
    values = asdict(drawn)
    order = "posted_at DESC, id DESC"
    if words := [fold(getattr(drawn, name)) for name in query.asks if name not in _TEXTBOOK]:
        asked = "websearch_to_tsquery('simple', :words)"
        clauses.append(f"document @@ {asked}")
        values["words"] = " ".join(words)
        if query.sort == "relevance":
            order = f"ts_rank(document, {asked}) DESC, {order}"
    found = " AND ".join([_FOUND_TEXTBOOK, *clauses])
    await _both(db, found, order, values | {"offset": PAGE_500 if query.page_500 else 0})


# --------------------------------------------------------------------------------------- and ours

_PLACE = (
    "SELECT posted_at, job_id FROM openings"
    " WHERE CAST(:common AS text) IS NULL OR words @@ websearch_to_tsquery('simple', :common)"
    f" ORDER BY posted_at DESC, job_id DESC LIMIT 1 OFFSET {PAGE_500 - 1}"
)


async def ours(db: Database, query: Query, drawn: Drawn) -> None:
    await found_jobs(db.rows, wanted_of(query, drawn), window_of(None), facets=query.facets)


def window_of(after: tuple[datetime, UUID] | None) -> Window:
    return Window(20, 0, "/api/v1/jobs", (), after)


def wanted_of(query: Query, drawn: Drawn) -> Wanted:
    asks = set(query.asks)
    return Wanted(
        q=" ".join(getattr(drawn, n) for n in ("word", "other", "common") if n in asks) or None,
        loc=drawn.city if "city" in asks else None,
        skills=[str(drawn.skill_id)] if "skill" in asks else (),
        categories=[str(drawn.category_id)] if "category" in asks else (),
        salary_min=drawn.pay if "pay" in asks else None,
        sort=query.sort,
    )


async def timed(
    db: Database, postgres: psutil.Process, query: Query, drawn: Drawn, design: str
) -> tuple[float, float]:
    """Return how long a query took by the clock, and of CPU time, ours and PostgreSQL's; in ms.

    A later page is begun where the cursor says.
    """
    asked: Callable[[Database, Query, Drawn], Awaitable[None]] = DESIGNS[design]
    if design == "ours" and query.page_500:
        common = fold(drawn.common) if query.asks else None
        found = await db.rows.read(_PLACE, common=common)
        place = window_of((found[0][0], found[0][1]) if found else None)

        async def asked(db: Database, query: Query, drawn: Drawn) -> None:
            await found_jobs(db.rows, wanted_of(query, drawn), place)

    worked = cpu_seconds(postgres) + time.process_time()
    begun = time.perf_counter()
    await asked(db, query, drawn)
    took, own = time.perf_counter() - begun, time.process_time()
    return took * 1000, (cpu_seconds(postgres) + own - worked) * 1000


OUR_CPU, OURS_IN_TURN = "ours, CPU", "ours in turn"
DESIGNS = {"ours": ours, "textbook": textbook, "naive": naive}

# --------------------------------------------------------------------------- measuring, and saying


@dataclass
class Times:
    """Times of one class of queries, in ms, by design; `OUR_CPU` are ours of CPU time."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def p50(self, design: str) -> float:
        return median(self.of[design])

    def p95(self, design: str) -> float:
        return quantiles(self.of[design], n=20, method="inclusive")[-1]

    def shown(self, design: str) -> str:
        return f"{self.p50(design):.1f} / {self.p95(design):.1f}" if design in self.of else "-"


async def measure(
    url: str, rounds: dict[str, int], by: random.Random, warm: int = 1
) -> dict[str, Times]:
    """Ask everything in interleaved rounds, the first few of each design to warm up."""
    db, postgres = open_database(url, SERVICE), postmaster_of(url)
    seen = {query.name: Times() for query in QUERIES}
    most = max(rounds.values())
    for number in range(-warm, most):
        print(f"\rround {number + 1} of {most}", end="", file=sys.stderr, flush=True)
        async with db.read() as session:
            await session.execute(text("SET statement_timeout = 0"))  # the naive way takes its time
            drawn = await draw(session, by)
        for query in QUERIES:
            for design, count in rounds.items():
                if number % (most // count) or (design != "ours" and not query.peers):
                    continue
                took, worked = await timed(db, postgres, query, drawn, design)
                if number >= 0:
                    seen[query.name].of.setdefault(design, []).append(took)
                if number >= 0 and design == "ours":
                    seen[query.name].of.setdefault(OUR_CPU, []).append(worked)
    print(file=sys.stderr)
    await db.close()
    return seen


def compare(url: str) -> dict[str, Times]:
    """Ask ours alone, then all in turn."""
    by = random.Random(5)
    seen = asyncio.run(measure(url, ALONE, by, WARM))
    with told("tables of the others"):
        make_others(url)
    for name, times in asyncio.run(measure(url, IN_TURN, by)).items():
        times.of[OURS_IN_TURN] = times.of.pop("ours")
        seen[name].of = times.of | seen[name].of
    return seen


def show(size: int, seen: dict[str, Times]) -> None:
    print(f"\nsearch over {size:,} jobs, first page and total, p50 / p95 in ms")
    columns = f"{'naive':>17}{'textbook':>17}{OURS_IN_TURN:>14}{'ours alone':>14}{OUR_CPU:>14}"
    print(f"{'':<36}{columns}{'naive/ours':>12}  goal")
    for query in QUERIES:
        times = seen[query.name]
        slower = times.p50("naive") / times.p50(OURS_IN_TURN) if "naive" in times.of else None
        goal = "" if query.goal is None else f"{query.goal[0]:g} / {query.goal[1]:g} at 1 M"
        print(
            f"{query.name:<36}{times.shown('naive'):>17}{times.shown('textbook'):>17}"
            f"{times.shown(OURS_IN_TURN):>14}{times.shown('ours'):>14}{times.shown(OUR_CPU):>14}"
            f"{'-' if slower is None else f'{slower:.0f}':>12}"
            f"  {goal.replace('inf', '-')}"
        )
    for first, later in (("browse", PAGE), ("common word, newest", "common word, page 500")):
        ratios = [f"{seen[later].p50(by) / seen[first].p50(by):.2f}" for by in ("ours", OUR_CPU)]
        print(f"{first}: page 500 / page 1 {' / '.join(ratios)} (CPU)  goal <= 2")


def show_growth(seen: dict[int, dict[str, Times]]) -> None:
    sizes = sorted(seen)
    print(f"\ngrowth of p50, from {sizes[0]:,} to {sizes[-1]:,} jobs")
    print(f"{'':<36}{'naive':>9}{'textbook':>10}{'ours':>8}{OUR_CPU:>10}  goal (10 k to 1 M)")
    for query in QUERIES:
        least, most = seen[sizes[0]][query.name], seen[sizes[-1]][query.name]
        grown = {
            design: f"{most.p50(design) / least.p50(design):.1f}" if design in most.of else "-"
            for design in (*DESIGNS, OUR_CPU)
        }
        shown = f"{grown['naive']:>9}{grown['textbook']:>10}{grown['ours']:>8}{grown[OUR_CPU]:>10}"
        print(f"{query.name:<36}{shown}  <= {query.growth:g}")


def main(*sizes: int) -> None:
    """Load, measure and print, size by size."""
    seen = {}
    with a_server() as server:
        for size in sizes or SIZES:
            url = load(server, size)
            seen[size] = compare(url)
            show(size, seen[size])
    if len(seen) > 1:
        show_growth(seen)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
