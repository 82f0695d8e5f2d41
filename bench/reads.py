"""Reads through FastAPI, beside what the same SQL costs without it.

`python -m bench.reads [ROUNDS [SECONDS]]`. The page of 20 jobs: the service over a PostgreSQL with
10,000 jobs, against raw ASGI with the same SQL, and against a SQLModel session with its relations
loaded. Other reads: one after the other over HTTP, against plain psycopg running the same SQL.
"""

import asyncio
import pickle
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg

from bench.cpu import cpu_seconds, postmaster_of
from bench.gateway import free_ports, load, running
from bench.made_up_jobs import SERVICE, a_server, connected
from bench.made_up_jobs import load as load_jobs
from bench.reads_servers import ours
from libs.common.db import connection_options
from libs.common.rows import for_driver

JOBS, CONCURRENT = 10_000, 8
PAGE = "/api/v1/jobs"
FLOOR_GOAL, PEER_GOAL, LATENCY_GOAL = 0.80, 10.0, 2.5
Statement = tuple[bytes, Any]
"""SQL and its values."""


@dataclass
class Seen:
    """What the rounds saw: requests a second of the page by server, times of the other reads."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    """CPU µs of the server's process for each request."""
    in_all: dict[str, list[float]] = field(default_factory=dict)
    """The same, and PostgreSQL's."""
    reads: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """By path: over HTTP, and by plain psycopg."""


async def statements_of(url: str, paths: Sequence[str]) -> dict[str, list[Statement]]:
    """Return what SQL the service runs for each path."""
    app, said = ours(url), list[Statement]()
    runtime = app.state.runtime
    read: Callable[..., Awaitable[list[Any]]] = runtime.db.rows.read

    async def note(sql: str, /, **values: Any) -> list[Any]:
        said.append(for_driver(sql, values))
        return await read(sql, **values)

    runtime.db.rows.read = note
    found = {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://waymark") as client:
        for path in paths:
            (await client.get(path)).raise_for_status()  # the first one asks for more than the next
            said.clear()
            (await client.get(path)).raise_for_status()
            found[path] = said.copy()
    await runtime.db.close()
    return found


def plainly(connection: psycopg.Connection, statements: list[Statement], seconds: float) -> float:
    """Run statements again and again; return the median time of all of them, in ms."""
    took, end = [], time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        for statement, values in statements:
            connection.execute(statement, values).fetchall()
        took.append((time.perf_counter() - begun) * 1000)
    return median(took)


def measure(url: str, rounds: int, seconds: int) -> Seen:
    """Start the servers and load them in interleaved rounds; the first warms up."""
    with connected(url) as connection:
        found = connection.execute("SELECT id FROM jobs ORDER BY id LIMIT 1 OFFSET 5000").fetchone()
    assert found is not None
    others = [f"{PAGE}/{found[0]}", "/api/v1/skills?q=py", "/api/v1/categories"]
    statements = asyncio.run(statements_of(url, [PAGE, *others]))
    seen, postgres = Seen(), postmaster_of(url)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-reads-")))
        [statement] = statements[PAGE]
        (folder / "page").write_bytes(pickle.dumps(statement))
        environ = {"DATABASE_URL": url, "STATEMENT": str(folder / "page")}
        servers = {}
        for name, port in zip(("raw", "ours", "orm"), free_ports(3), strict=True):
            command = [sys.executable, "-m", "bench.reads_servers", name, str(port)]
            process = stack.enter_context(running(command, port, **environ))
            servers[name] = (process, f"http://127.0.0.1:{port}")
        options = connection_options(SERVICE, default_transaction_read_only="on")
        connection = stack.enter_context(
            psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor, **options)
        )
        for number in range(-1, rounds):
            span = seconds if number >= 0 else 1
            for name, (process, address) in servers.items():
                before = cpu_seconds(postgres)
                loaded = load(process, address + PAGE, CONCURRENT, span, "none")
                its = (cpu_seconds(postgres) - before) / (loaded.rate * span) * 1_000_000
                if number >= 0:
                    seen.rates.setdefault(name, []).append(loaded.rate)
                    seen.cpu.setdefault(name, []).append(loaded.cpu)
                    seen.in_all.setdefault(name, []).append(loaded.cpu + its)
            process, address = servers["ours"]
            for path in others:
                times = (
                    load(process, address + path, 1, max(span // 2, 1), "none").p50,
                    plainly(connection, statements[path], max(span // 2, 1)),
                )
                if number >= 0:
                    seen.reads.setdefault(path.replace(str(found[0]), ":id"), []).append(times)
    return seen


def show(seen: Seen) -> None:
    rate = {name: median(rates) for name, rates in seen.rates.items()}
    print(f"GET {PAGE}, a page of 20 of {JOBS:,} jobs, c={CONCURRENT}, requests/s (medians)")
    for name, label, goal in (
        ("raw", "raw ASGI, psycopg, the same SQL", FLOOR_GOAL),
        ("orm", "SQLModel session with relations", PEER_GOAL),
    ):
        ratio = median(
            ours / it for ours, it in zip(seen.rates["ours"], seen.rates[name], strict=True)
        )
        print(
            f"  {label:<34}{rate[name]:8.0f}  ours {rate['ours']:8.0f}  ratio {ratio:6.2f}"
            f"  goal >= {goal:.2f}"
        )
    for what, of in (("PostgreSQL's aside", seen.cpu), ("PostgreSQL's included", seen.in_all)):
        told = ", ".join(f"{name} {median(cpu):.0f}" for name, cpu in of.items())
        raw, orm = (median(of[name]) / median(of["ours"]) for name in ("raw", "orm"))
        print(f"  CPU µs a request, {what}: {told}: {raw:.2f} of raw, {orm:.1f} x orm")
    print("other reads, one at a time, p50 in ms")
    for path, times in seen.reads.items():
        through, plain = (median(one) for one in zip(*times, strict=True))
        ratio = median(a / b for a, b in times)
        print(
            f"  GET {path:<24} psycopg {plain:6.2f}  ours {through:6.2f}"
            f"  ratio {ratio:5.2f}  goal <= {LATENCY_GOAL}"
        )


def main(rounds: int = 5, seconds: int = 4) -> None:
    """Load, measure and print medians."""
    with a_server() as server:
        show(measure(load_jobs(server, JOBS), rounds, seconds))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
