"""`GET /market/trending` over a year, uncached, as postings grow: the same work for all of them.

`python -m bench.market [SIZE …]`, by default 15,000 and 150,000; the goal is about 1,000,000. Made
of the real postings of the shared data, each as often as it takes, on days drawn anew; what they
count is written as `market.rollups` writes it, but all at once. What is measured is the function
that the endpoint calls when nothing is kept.
"""

import asyncio
import gzip
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.made_up_jobs import a_server, told
from libs.common.db import open_database
from libs.common.migrations import upgrade
from services.ingestion.market.facts import facts_of
from services.ingestion.market.windows import SPANS
from services.ingestion.queries.market import fresh_trending
from services.ingestion.skills import extract

SERVICE, FOLDER = "ingestion", Path(__file__).parents[1] / "services" / "ingestion"
SHARED = Path(os.environ.get("WAYMARK_SHARED", Path(__file__).parents[2] / "shared"))
SIZES = (15_000, 150_000)
ROUNDS = 60
GOAL = 1.5
_COLUMNS = "skill_ids, technologies, places, roles, words, remote, salary"
_MULTIPLY = f"""
    INSERT INTO market_facts (posting_id, day, {_COLUMNS})
    SELECT gen_random_uuid(), current_date - CAST(floor(random() * 365) AS integer), {_COLUMNS}
    FROM real, generate_series(1, %(times)s) ORDER BY random() LIMIT %(size)s
"""
_ADD = (
    """
    INSERT INTO rollups (kind, span, bucket, key, count)
    SELECT kind, 1, day - DATE '0001-01-01' + 1, key, count(*)
    FROM market_facts, LATERAL (
        SELECT 'posting', '' UNION ALL
        SELECT 'remote', CASE WHEN remote THEN 'yes' ELSE 'no' END WHERE remote IS NOT NULL
        UNION ALL SELECT 'salary', CAST(salary AS text) WHERE salary IS NOT NULL
        UNION ALL SELECT 'skill', CAST(unnest(skill_ids) AS text)
        UNION ALL SELECT 'technology', unnest(technologies)
        UNION ALL SELECT 'place', unnest(places)
        UNION ALL SELECT 'role', unnest(roles)
        UNION ALL SELECT 'told', 'skill' WHERE skill_ids <> '{}'
        UNION ALL SELECT 'told', 'technology' WHERE technologies <> '{}'
        UNION ALL SELECT 'told', 'place' WHERE places <> '{}'
        UNION ALL SELECT 'told', 'role' WHERE roles <> '{}'
    ) AS counted (kind, key) GROUP BY 1, 3, 4
    """,
    f"""
    INSERT INTO rollups (kind, span, bucket, key, count)
    SELECT kind, wider, bucket / wider, key, sum(count)
    FROM rollups, unnest(ARRAY[{", ".join(str(span) for span in SPANS if span > 1)}]) AS wider
    WHERE span = 1 GROUP BY 1, 2, 3, 4
    """,
    "VACUUM ANALYZE",
)


def real_facts() -> Iterator[dict[str, Any]]:
    """Yield what each real posting counts, with some technology slugs, which they have not."""
    by = random.Random(1)
    slugs = [f"technology-{number}" for number in range(2000)]
    nothing = dict.fromkeys(["country_code", "duplicate_of", "salary_min", "salary_max"])
    nothing |= dict.fromkeys(["salary_currency", "salary_period"])
    with gzip.open(SHARED / "data" / "postings" / "postings.jsonl.gz") as lines:
        for line in map(json.loads, lines):
            found = extract(f"{line['title']}\n{line['description']}")
            line["skill_ids"] = [one.skill_id for one in found]
            line["technology_slugs"] = [slugs[int(by.random() ** 3 * 2000)] for _ in range(8)]
            line["date_posted"], line["scraped_at"] = date(2026, 1, 1), datetime.now(UTC)
            facts = facts_of(SimpleNamespace(**nothing | line))
            assert facts is not None
            yield asdict(facts)


def load(server: str, size: int, facts: list[dict[str, Any]]) -> str:
    """Make a database with what so many postings count; return its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE market_{size}")
    url = make_url(server).set(database=f"market_{size}").render_as_string(hide_password=False)
    upgrade(url, SERVICE, FOLDER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO ingestion")
        connection.execute("SET work_mem = '256MB'")
        connection.execute("CREATE TEMP TABLE real (LIKE market_facts)")
        connection.execute("ALTER TABLE real DROP posting_id, DROP day")
        rows = json.dumps([{**one, "day": None} for one in facts])
        connection.execute(
            f"INSERT INTO real SELECT {_COLUMNS}"
            " FROM json_populate_recordset(CAST(NULL AS market_facts), %s)",
            [rows],
        )
        connection.execute(_MULTIPLY, {"times": size // len(facts) + 1, "size": size})
        for statement in _ADD:
            connection.execute(statement)
        [(rollups,)] = connection.execute("SELECT count(*) FROM rollups").fetchall()
        print(f"  {size:>9,} postings: {rollups:,} rollups", file=sys.stderr)
    return url


async def measure(urls: dict[int, str], days: int) -> dict[int, float]:
    """Ask by turns; return the median of each size, in ms."""
    databases = {size: open_database(url, SERVICE) for size, url in urls.items()}
    took: dict[int, list[float]] = {size: [] for size in urls}
    for number in range(-10, ROUNDS):
        for size, db in databases.items():
            begun = time.perf_counter()
            found = await fresh_trending(db.rows, datetime.now(UTC), days, 15, 10)
            if number >= 0:
                took[size].append((time.perf_counter() - begun) * 1000)
            assert found.total_jobs_analyzed
    for db in databases.values():
        await db.close()
    return {size: median(times) for size, times in took.items()}


def main(*sizes: int) -> None:
    """Measure and print medians."""
    with a_server() as server:
        with told("reading real postings"):
            facts = list(real_facts())
        urls = {}
        for size in sizes or SIZES:
            with told(f"making what {size:,} postings count"):
                urls[size] = load(server, size, facts)
        print("GET /market/trending, uncached, p50 in ms")
        for days in (30, 365):
            medians = asyncio.run(measure(urls, days))
            first, *_, last = medians.values()
            shown = "  ".join(f"{size:,} postings {ms:6.2f}" for size, ms in medians.items())
            goal = f"  goal < {GOAL:g}" if days == 365 else ""
            print(f"  {days:>3} days: {shown}  ratio {last / first:5.2f}{goal}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
