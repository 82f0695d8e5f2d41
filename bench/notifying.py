"""From an application to the employer's notification: the real processes, at a steady rate.

`python -m bench.notifying [RATE [SECONDS [mailed]]]`. The gateway and the six services over a
PostgreSQL and a RabbitMQ of their own; each application is for the job of another employer. Timed
is from `applied_at`, which is set before the application's own writes, until somebody hears by
LISTEN that the notification is committed. Employers are mailed too where that is asked for: else
they are known to be inactive, and a mail is considered but not written.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import psutil
import psycopg
import uvloop

from bench.streams import SECRET, bearer
from deploy.embedded import embedded_postgres
from deploy.tests.ledger import quiet
from deploy.tests.systems import System, seven_processes
from libs.common.identity import SECRET_ALGORITHM
from libs.common.ids import new_id
from services.messaging.commands.stream import CHANNEL

CONNECTIONS, WARM, WITHIN = 32, 200, 60.0
P50_GOAL, P99_GOAL = 10.0, 50.0  # ms
_MAKE = (
    """
    INSERT INTO applications.job_snapshots
        (job_id, employer_id, title, company_name, status, expires_at, version)
    SELECT one, one, 'Tester', 'Công ty', 'Active', now() + interval '30 days', 1
    FROM unnest(%(employers)s::uuid[]) AS one
    """,
    """
    INSERT INTO applications.candidate_snapshots (candidate_id, name, email, version)
    SELECT one, 'Lê Văn An', one || '@example.org', 2 FROM unnest(%(candidates)s::uuid[]) AS one
    """,
    """
    INSERT INTO messaging.person_snapshots
        (user_id, role, name, email, is_active, language, version)
    SELECT one, 'Candidate', 'Lê Văn An', one || '@example.org', true, 'vi', 2
    FROM unnest(%(candidates)s::uuid[]) AS one
    UNION ALL
    SELECT one, 'Employer', 'Trần Thị Bình', one || '@example.org', %(mailed)s, 'vi', 2
    FROM unnest(%(employers)s::uuid[]) AS one
    """,
)
_FOUND = """
    SELECT job_id, extract(epoch FROM applied_at)::float8, extract(epoch FROM created_at)::float8
    FROM applications.applications
    JOIN messaging.notifications ON origin = 'application.submitted ' || applications.id
    WHERE user_id = job_id AND job_id = ANY(%s)
"""


class Observer:
    """Hears of every notification once it is committed; knows whose it is, and when that was."""

    def __init__(self) -> None:
        self.heard: dict[UUID, float] = {}

    async def listen(self, url: str, ready: asyncio.Event) -> None:
        """Hear for ever."""
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
            await database.execute(f"LISTEN {CHANNEL}")
            ready.set()
            async for told in database.notifies():
                now = time.time()
                self.heard |= dict.fromkeys(map(UUID, told.payload.split(",")), now)

    async def until(self, people: list[UUID]) -> None:
        """Wait until each of them has been notified."""
        async with asyncio.timeout(WITHIN):
            while not self.heard.keys() >= set(people):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def apply_all(url: str, rate: float, pairs: list[tuple[UUID, UUID]]) -> list[float]:
    """Let each candidate apply to his employer, `rate` a second; return how long each call took."""
    at = urlsplit(url)
    requests = [request(employer, candidate) for employer, candidate in pairs]
    idle = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection(at.hostname, at.port))

    async def call(sent: bytes) -> float:
        began = time.perf_counter()
        reader, writer = await idle.get()
        if reader.at_eof():  # the service has closed what was idle for long
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(sent)
        answer = await reader.readuntil(b"\r\n\r\n")
        size = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(size))
        assert answer.startswith(b"HTTP/1.1 201"), answer + body
        idle.put_nowait((reader, writer))
        return time.perf_counter() - began

    calls = []
    started = time.perf_counter()
    for n, sent in enumerate(requests):
        await asyncio.sleep(max(0.0, started + n / rate - time.perf_counter()))
        calls.append(asyncio.create_task(call(sent)))
    took = await asyncio.gather(*calls)
    while not idle.empty():
        idle.get_nowait()[1].close()
    return took


def request(employer: UUID, candidate: UUID) -> bytes:
    """Return the bytes of an application; the job bears its employer's id."""
    body = orjson.dumps({"coverLetter": "Kính gửi, " * 20, "cvUrl": "https://example.org/cv.pdf"})
    head = (b"POST /api/v1/jobs/%s/apply HTTP/1.1" % str(employer).encode(), b"Host: bench",
            bearer(candidate, "Candidate"), b"Content-Type: application/json",
            b"Content-Length: %d" % len(body))  # fmt: skip
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def row(what: str, seconds: list[float], goal: str = "") -> None:
    """Print p50 and p99."""
    cuts = quantiles([one * 1000 for one in seconds], n=100)
    print(f"{what:<58}{cuts[49]:>9.1f}{cuts[98]:>9.1f}  {goal}", flush=True)


def cpu_times(system: System, database: psycopg.Connection) -> dict[str, float]:
    """Return how many seconds of CPU each part has had, this client among them."""
    postgres = psutil.Process(database.info.backend_pid).parents()[0]
    assert system.broker is not None
    parts = {name: [psutil.Process(one.pid)] for name, one in system.running.items()}
    parts |= {
        "PostgreSQL": [postgres, *postgres.children()],
        "RabbitMQ": [psutil.Process(pid) for pid in system.broker.pids],
        "this client": [psutil.Process()],
    }
    return {name: sum(sum(one.cpu_times()[:2]) for one in some) for name, some in parts.items()}


async def measure(system: System, rate: float, count: int, mailed: bool) -> None:
    """Measure, count, and print."""
    pairs = [(new_id(), new_id()) for _ in range(WARM + count)]
    employers, candidates = [one for one, _ in pairs], [one for _, one in pairs]
    values = {"employers": employers, "candidates": candidates, "mailed": mailed}
    url = system.environment["APPLICATIONS_URL"]
    with psycopg.connect(system.database_url, autocommit=True) as database:
        for statement in _MAKE:
            database.execute(statement, values)
        observer, ready = Observer(), asyncio.Event()
        listening = asyncio.create_task(observer.listen(system.database_url, ready))
        await ready.wait()
        await apply_all(url, rate / 4, pairs[:WARM])  # what is made but once is made now
        await observer.until(employers[:WARM])
        before = cpu_times(system, database)
        took = await apply_all(url, rate, pairs[WARM:])
        await observer.until(employers[WARM:])
        listening.cancel()
        await asyncio.to_thread(quiet, system.database_url, 600.0)
        after = cpu_times(system, database)
        found = database.execute(_FOUND, [employers]).fetchall()
        told = database.execute("SELECT count(*) FROM messaging.notifications").fetchone()
    assert len(found) == len({one[0] for one in found}) == WARM + count, "lost or doubled"
    assert told == (WARM + count,), told
    timed = [one for one in found if one[0] in set(employers[WARM:])]
    print(f"{count:,} applications at {rate:,.0f}/s: as many notifications, one each")
    print(f"{'':<58}{'p50 ms':>9}{'p99 ms':>9}  goal")
    row("the call of the candidate", took)
    goal = f"<= {P50_GOAL:.0f} / <= {P99_GOAL:.0f} ms"
    row("applied_at to heard of", [observer.heard[job] - at for job, at, _ in timed], goal)
    row("applied_at to the notification's created_at", [made - at for _, at, made in timed])
    spent = {name: (had - before[name]) * 1000 / count for name, had in after.items()}
    print(f"CPU ms an application: {sum(spent.values()):.1f};",
          ", ".join(f"{name} {ms:.2f}" for name, ms in spent.items()))  # fmt: skip


def main(rate: str = "200", seconds: str = "15", *options: str) -> None:
    """Start the processes and measure."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-notifying-"))
        url = stack.enter_context(embedded_postgres(Path(folder) / "data"))
        settings = {"JWT_ALGORITHM": SECRET_ALGORITHM, "JWT_SECRET_KEY": SECRET}
        system = stack.enter_context(seven_processes(url, "bench_notifying", **settings))
        count = int(float(rate) * float(seconds))
        uvloop.run(measure(system, float(rate), count, "mailed" in options))


if __name__ == "__main__":
    main(*sys.argv[1:])
