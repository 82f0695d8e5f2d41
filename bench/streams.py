"""Open streams: how soon a message is there, and what a stream costs the server.

`python -m bench.streams [STREAMS [one|many]]`. Real processes, one or many (`many` needs a
RabbitMQ to be installed), with a PostgreSQL of their own; everybody has one stream through the
gateway. Each gets a message by `POST /messages`, and once more one at the same instant, from one
transaction. The readers are bare protocols in this process.
"""

import asyncio
import gc
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

import jwt
import orjson
import psutil
import psycopg
import uvloop

from deploy.embedded import embedded_postgres
from deploy.tests.systems import System, one_process, seven_processes
from libs.common.identity import SECRET_ALGORITHM
from libs.common.ids import new_id
from services.messaging.commands.stream import AT_ONCE, CHANNEL

SECRET = "vG7xk2mZp9QwT4sLr8NbY3cHd6JfUaEo"  # noqa: S105 - of a system that is gone when this ends
WRITERS = 8
WARM = 50
P99_GOAL, KB_GOAL = 1000.0, 40.0  # ms, KB
WITHIN = 60.0


class Reader(asyncio.Protocol):
    """One open stream: notes when it is ready, and when its messages come."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.ready = asyncio.get_running_loop().create_future()
        self.came: list[float] = []
        self.told = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        if b"event: ready" in data and not self.ready.done():
            self.ready.set_result(None)
        self.came += [time.perf_counter()] * data.count(b"event: message")
        if self.came:
            self.told.set()


@contextmanager
def running(kind: str) -> Iterator[System]:
    """Start a system that takes tokens of ours."""
    settings = {"JWT_ALGORITHM": SECRET_ALGORITHM, "JWT_SECRET_KEY": SECRET}
    with ExitStack() as stack:
        if kind == "one":
            yield stack.enter_context(one_process(**settings))
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-streams-"))
        url = stack.enter_context(embedded_postgres(Path(folder) / "data"))
        yield stack.enter_context(seven_processes(url, "bench_streams", **settings))


def bearer(user_id: UUID, role: str) -> bytes:
    """Return the header of a person, who is signed in for an hour."""
    now = int(time.time())
    claims = {"iss": "waymark", "aud": "waymark-api", "sub": str(user_id), "sid": str(new_id()),
              "role": role, "iat": now, "exp": now + 3600, "jti": str(new_id())}  # fmt: skip
    return b"Authorization: Bearer " + jwt.encode(claims, SECRET, SECRET_ALGORITHM).encode()


def make_people(url: str, sender: UUID, people: list[UUID]) -> None:
    """Let the sender and all the others be known, and have written before: nothing is mailed."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("SET search_path TO messaging")
        database.execute(
            "INSERT INTO person_snapshots (user_id, role, name, is_active, language, version)"
            " SELECT unnest(%s::uuid[]), 'Candidate', 'Somebody', true, 'vi', 1",
            [[sender, *people]],
        )
        database.execute(
            "INSERT INTO conversations (user_id, other_id, last_message_id, has_written)"
            " SELECT %s, other, %s, true FROM unnest(%s::uuid[]) AS other",
            [sender, UUID(int=0), people],
        )


async def open_streams(url: str, people: list[UUID]) -> list[Reader]:
    """Open a stream for each, a hundred at once; return when all are ready."""
    readers: list[Reader] = []
    for first in range(0, len(people), 100):
        some = await asyncio.gather(
            *(open_stream(url, person) for person in people[first : first + 100])
        )
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(*(reader.ready for reader in some))
        readers += some
    return readers


async def open_stream(url: str, person: UUID) -> Reader:
    """Ask for somebody's stream."""
    head = (b"GET /api/v1/stream HTTP/1.1", b"Host: bench", bearer(person, "Candidate"), b"", b"")
    at = urlsplit(url)
    _, reader = await asyncio.get_running_loop().create_connection(
        lambda: Reader(b"\r\n".join(head)), at.hostname or "", at.port or 80
    )
    return reader


async def write_all(url: str, sender: UUID, people: list[UUID]) -> dict[UUID, tuple[float, float]]:
    """Write to each, over a few connections; return when it was asked for and answered."""
    at = urlsplit(url)
    waiting, done = list(people), {}
    auth = bearer(sender, "Employer")

    async def writer() -> None:
        reader, out = await asyncio.open_connection(at.hostname, at.port)
        while waiting:
            person = waiting.pop()
            body = orjson.dumps({"receiverId": str(person), "content": "Chào bạn, " * 10})
            head = (b"POST /api/v1/messages HTTP/1.1", b"Host: bench", auth,
                    b"Content-Type: application/json",
                    b"Content-Length: %d" % len(body))  # fmt: skip
            asked = time.perf_counter()
            out.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 201"), answer
            size = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(size))
            done[person] = asked, time.perf_counter()
        out.close()

    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return done


def write_at_once(url: str, sender: UUID, people: list[UUID]) -> float:
    """Write to everybody in one transaction; return when it was committed."""
    ids = [new_id() for _ in people]
    with psycopg.connect(url) as database:
        database.execute("SET search_path TO messaging")
        database.execute(
            "INSERT INTO messages (id, sender_id, receiver_id, content, sent_at, is_read)"
            " SELECT id, %s, receiver, 'Chào bạn', now(), false"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS new (id, receiver)",
            [sender, ids, people],
        )
        database.execute(
            "INSERT INTO stream_items (user_id, item_id, kind, created_at)"
            " SELECT receiver, id, 'message', now()"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS new (id, receiver)",
            [ids, people],
        )
        for first in range(0, len(people), AT_ONCE):
            told = ",".join(person.hex for person in people[first : first + AT_ONCE])
            database.execute("SELECT pg_notify(%s, %s)", [CHANNEL, told])
        database.commit()
        return time.perf_counter()


async def all_came(readers: list[Reader], count: int) -> None:
    """Wait until each has had `count` messages."""
    async with asyncio.timeout(WITHIN):
        for reader in readers:
            while len(reader.came) < count:
                reader.told.clear()
                await reader.told.wait()


def sizes(system: System) -> dict[str, int]:
    """Return the memory that the system's processes hold, in bytes."""
    return {
        name: psutil.Process(process.pid).memory_info().rss
        for name, process in system.running.items()
    }


def row(what: str, seconds: list[float]) -> None:
    """Print p50 and p99."""
    cuts = quantiles([max(one, 0) * 1000 for one in seconds], n=100)
    print(f"{what:<44}{cuts[49]:>9.1f}{cuts[98]:>9.1f}  p99 <= {P99_GOAL:.0f} ms")


async def measure(system: System, streams: int) -> None:
    """Measure, and print."""
    sender, people = new_id(), [new_id() for _ in range(streams)]
    warm = people[:WARM]
    make_people(system.database_url, sender, people)
    for reader in await open_streams(system.url, warm):  # what is made but once is made now
        reader.transport.close()
    await write_all(system.url, sender, warm)
    before = sizes(system)
    began = time.perf_counter()
    readers = await open_streams(system.url, people)
    opened = time.perf_counter() - began
    open_sizes = sizes(system)
    began = time.perf_counter()
    done = await write_all(system.url, sender, people)
    took = time.perf_counter() - began
    await all_came(readers, 1)
    came = [(done[person], reader.came[0]) for person, reader in zip(people, readers, strict=True)]
    committed = write_at_once(system.database_url, sender, people)
    await all_came(readers, 2)
    print(f"{streams} streams opened in {opened:.1f} s; a message each in {took:.1f} s")
    print(f"{'':<44}{'p50 ms':>9}{'p99 ms':>9}  goal")
    row("a message, from its answer to its receipt", [at - answer for (_, answer), at in came])
    row("  from the sender's call", [at - asked for (asked, _), at in came])
    row("to all at once, from the commit", [reader.came[1] - committed for reader in readers])
    for name, size in sizes(system).items():
        grown = [(one - before[name]) / streams / 1024 for one in (open_sizes[name], size)]
        if name in {"waymark", "gateway", "messaging"}:
            label = f"{name}, KB a stream: open, and after messages"
            print(f"{label:<44}{grown[0]:>9.1f}{grown[1]:>9.1f}  <= {KB_GOAL:.0f} KB")
    for reader in readers:
        reader.transport.close()


def main(streams: int, kind: str = "one") -> None:
    """Start a system and measure it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.freeze()
    with running(kind) as system:
        uvloop.run(measure(system, streams))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000, *sys.argv[2:])
