"""Loading a whole O*NET release, and loading it again, against COPY of the same rows alone.

`python -m bench.onet` starts its own durable PostgreSQL. The release is the one of the shared
data, with BLS's files; WAYMARK_SHARED says where that is. COPY gets the finished rows, pages
included, and puts them into tables with the same keys and indexes, in one transaction a table.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

import psycopg
import uvloop

from bench.events import line
from deploy.embedded import embedded_postgres
from libs.common.db import Database, open_database
from libs.common.migrations import upgrade
from services.careers.etl.loader import TABLES
from services.careers.etl.progress import steps
from services.careers.etl.report import Report
from services.careers.etl.runs import Order, run
from services.careers.etl.shape import Mode
from services.careers.service import service

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("WAYMARK_SHARED", ROOT.parent / "shared"))
ROUNDS = 3
FIRST_GOAL, SECOND_GOAL = 20.0, 5.0  # seconds


async def load(db: Database) -> tuple[Report, float, float]:
    """Load the release; return its report, and the seconds it took: all, and this process's."""
    begun, busy = time.perf_counter(), time.process_time()
    report = await run(db, Order(Mode.FILES, SHARED / "data" / "onet"), steps)
    return report, time.perf_counter() - begun, time.process_time() - busy


async def empty(db: Database) -> None:
    async with db.write() as session:
        await session.run(f"TRUNCATE {', '.join(TABLES)}, etl_raw, etl_runs CASCADE")


def copy_alone(url: str) -> float:
    """Return how many seconds COPY takes for the rows that are loaded."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = {}
        for table in TABLES:
            with connection.cursor().copy(f"COPY careers.{table} TO STDOUT (FORMAT binary)") as out:
                rows[table] = b"".join(out)
            connection.execute(f"DROP TABLE IF EXISTS copied_{table}")
            connection.execute(f"CREATE TABLE copied_{table} (LIKE careers.{table} INCLUDING ALL)")
        begun = time.perf_counter()
        for table, data in rows.items():
            statement = f"COPY copied_{table} FROM STDIN (FORMAT binary)"
            with connection.cursor().copy(statement) as into:
                into.write(data)
        return time.perf_counter() - begun


async def main(url: str) -> None:
    db = open_database(url, service.name)
    firsts, seconds, copies = [], [], []
    for _ in range(ROUNDS):
        await empty(db)
        report, *first = await load(db)
        again, *second = await load(db)
        firsts.append(first)
        seconds.append(second)
        written = sum(one.written for one in report.tables.values())
        assert report.failures == 0
        assert sum(one.written for one in again.tables.values()) == 0
        copies.append(await asyncio.to_thread(copy_alone, url))
    await db.close()
    took, busy = sorted(firsts)[ROUNDS // 2]
    took_again, busy_again = sorted(seconds)[ROUNDS // 2]
    copied = sorted(copies)[ROUNDS // 2]
    print(f"an O*NET release, {written:,} rows in {len(TABLES)} tables; median of {ROUNDS}")
    line("floor: COPY of the finished rows alone", f"{copied:.1f} s")
    line("first load: read, staged, mapped, written", f"{took:.1f} s", f"< {FIRST_GOAL:.0f} s")
    line("  of which this process was busy", f"{busy:.1f} s")
    line("  times COPY alone", f"{took / copied:.1f}")
    line("second load, which writes nothing", f"{took_again:.1f} s", f"< {SECOND_GOAL:.0f} s")
    line("  of which this process was busy", f"{busy_again:.1f} s")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="waymark-bench-") as place,
        embedded_postgres(Path(place) / "data") as server,
    ):
        upgrade(server, service.name, service.folder)
        uvloop.run(main(server))
