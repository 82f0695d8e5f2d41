"""The page "See more" of an occupation through FastAPI, beside the bare SELECT of its row.

`python -m bench.careers [ROUNDS [SECONDS]]`. Over a PostgreSQL with 1,016 made-up occupations, one
caller at a time: the service over HTTP, against plain psycopg reading the same row by its key. The
service keeps a page in memory after the first read.
"""

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

import psycopg
from sqlalchemy import make_url

from bench.gateway import free_ports, load, running
from bench.made_up_jobs import a_server
from libs.common.db import connection_options
from libs.common.migrations import upgrade

SERVICE, FOLDER = "careers", Path(__file__).parents[1] / "services" / "careers"
PAGES = {"least": "11-0035.00", "usual": "11-0350.00", "most": "11-1016.00"}
PATH = "/api/v1/bff/catalog/career/"
P99_GOAL = 3.0
SELECT = "SELECT page, etag FROM career_pages WHERE onet_code = %s"
# The n-th page has 75 n bytes: those of release 30.1 have 2,600 to 76,000, the median 26,000.
FILL = (
    """
    INSERT INTO careers (onet_code, title_en, short_desc_en, title_folded, source, source_version,
                         content_hash, loaded_at, part_hashes)
    SELECT '11-' || lpad(n::text, 4, '0') || '.00', 'Maker ' || n, 'Makes.', 'maker ' || n,
        'made up', '1', '', now(), '{}'
    FROM generate_series(1, 1016) AS n
    """,
    """
    INSERT INTO career_pages (onet_code, page, etag)
    SELECT onet_code, json_agg(json_build_object('name', md5((word % 997)::text), 'rating', word)),
        md5(onet_code)
    FROM careers, generate_series(0, substr(onet_code, 4, 4)::int * 6 / 5) AS word
    GROUP BY onet_code
    """,
    "ANALYZE",
)
Times = tuple[float, float]
"""Median and 99th percentile, in ms."""


def fill(server: str) -> str:
    """Make the service's tables and made-up occupations; return the URL of their database."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {SERVICE}")
    url = make_url(server).set(database=SERVICE).render_as_string(hide_password=False)
    upgrade(url, SERVICE, FOLDER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET search_path TO {SERVICE}")
        for statement in FILL:
            connection.execute(statement)
    return url


def plainly(connection: psycopg.Connection, code: str, seconds: float) -> Times:
    """Read a row again and again."""
    took, end = [], time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        connection.execute(SELECT, (code,)).fetchall()
        took.append((time.perf_counter() - begun) * 1000)
    return median(took), quantiles(took, n=100)[-1]


def measure(url: str, rounds: int, seconds: int) -> dict[str, list[tuple[Times, Times]]]:
    """Read by turns, plainly and over HTTP; the first round warms up."""
    seen: dict[str, list[tuple[Times, Times]]] = {name: [] for name in PAGES}
    with ExitStack() as stack:
        [port] = free_ports(1)
        command = [sys.executable, "-m", "bench.reads_servers", SERVICE, str(port)]
        process = stack.enter_context(running(command, port, DATABASE_URL=url))
        options = connection_options(SERVICE, default_transaction_read_only="on")
        connection = stack.enter_context(psycopg.connect(url, autocommit=True, **options))
        for number in range(-1, rounds):
            for name, code in PAGES.items():
                plain = plainly(connection, code, seconds)
                through = load(process, f"http://127.0.0.1:{port}{PATH}{code}", 1, seconds, "none")
                if number >= 0:
                    seen[name].append((plain, (through.p50, through.p99)))
    return seen


def main(rounds: int = 5, seconds: int = 3) -> None:
    """Measure and print medians."""
    with a_server() as server:
        url = fill(server)
        seen = measure(url, rounds, seconds)
    print(f"GET {PATH}:code, one at a time, p50 / p99 in ms")
    for name, times in seen.items():
        plain, through = zip(*times, strict=True)
        shown = [
            " / ".join(f"{median(column):.2f}" for column in zip(*of, strict=True))
            for of in (plain, through)
        ]
        ratio = median(b[1] / a[1] for a, b in times)
        print(
            f"  {name:<9} psycopg {shown[0]:>13}  ours {shown[1]:>13}"
            f"  ratio of p99 {ratio:5.2f}  goal < {P99_GOAL:g}"
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
