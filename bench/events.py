"""Events from outbox to handled, over both transports, beside what the same machine can do at most.

`python -m bench.events` starts its own durable PostgreSQL and RabbitMQ and prints one table.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import aio_pika
import psycopg
import sqlalchemy.event
import uvloop
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from deploy.embedded import embedded_postgres
from deploy.rabbitmq_node import find_or_start_rabbitmq
from libs.common.db import Database, open_database
from libs.common.events import Event, Message, event
from libs.common.messaging import (
    InboxWorker,
    LocalTransport,
    Relay,
    Transport,
    consumes,
    publish,
)
from libs.common.messaging.rabbit import RabbitTransport
from libs.common.messaging.tables import create_messaging_tables_v1
from libs.common.sessions import WriteSession

SPEAKER, LISTENER = "speaker", "listener"
ROUNDS = 3


class _Base(DeclarativeBase):
    pass


class Notification(_Base):
    __tablename__ = "notification"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str]


@event("bench.submitted", subject="number")
class Submitted(Event):
    number: int
    words: str = "x" * 200


async def notify(session: WriteSession, submitted: Submitted) -> None:
    session.add(Notification(id=submitted.number, words=submitted.words))
    session.info.setdefault(HANDLED, []).append(submitted.number)


async def notify_now(session: WriteSession, submitted: Submitted) -> None:
    await session.run(_NOTIFY, **submitted.model_dump())


HANDLED = "numbers handled in this transaction"
_NOTIFY = "INSERT INTO notification VALUES (:number, :words)"
batched = consumes(Submitted)(notify)
at_once = consumes(Submitted)(notify_now)
one_by_one = consumes(Submitted, outside=True)(notify_now)


class Finish:
    """Notes when what was handled was committed, by whatever way."""

    def __init__(self, awaited: int) -> None:
        self.awaited, self.at, self.all_done = awaited, dict[int, float](), asyncio.Event()

    def note(self, session: Session) -> None:
        self.at.update(dict.fromkeys(session.info.get(HANDLED, ()), time.perf_counter()))
        if len(self.at) >= self.awaited:
            self.all_done.set()


def _migrate(connection: Connection) -> None:
    create_messaging_tables_v1(Operations(MigrationContext.configure(connection)))


async def open_service(url: str, name: str) -> Database:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE waymark_{name}")
        connection.execute(f"CREATE SCHEMA {name} AUTHORIZATION waymark_{name}")
    db = open_database(url, name)
    async with db.write() as session:
        await (await session.connection()).run_sync(_migrate)
        await session.run("CREATE TABLE notification (id bigint PRIMARY KEY, words text)")
    return db


class Bench:
    def __init__(self, url: str, rabbit_url: str, speaker: Database, listener: Database) -> None:
        self.url, self.rabbit_url, self.speaker, self.listener = url, rabbit_url, speaker, listener
        self.numbers = 0

    def events(self, count: int) -> list[Submitted]:
        self.numbers += count
        return [Submitted(number=n) for n in range(self.numbers - count, self.numbers)]

    async def empty(self) -> None:
        for db in (self.speaker, self.listener):
            async with db.write() as session:
                await session.run("TRUNCATE outbox, inbox, notification")
            db.on_commit.clear()
            db.on_enqueued.clear()

    async def fill_outbox(self, count: int) -> None:
        async with self.speaker.write() as session:
            for one in self.events(count):
                publish(session, one)

    async def floor_insert(self, count: int) -> float:
        """One row, one commit, by plain psycopg."""
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
            await connection.execute("SET search_path TO speaker")
            rows = [(one.number, one.words) for one in self.events(count)]
            started = time.perf_counter()
            for row in rows:
                await connection.execute("INSERT INTO notification VALUES (%s, %s)", row)
            return count / (time.perf_counter() - started)

    async def floor_session(self, count: int) -> float:
        """One row, one commit, through a write session: the least a handler can cost."""
        started = time.perf_counter()
        for one in self.events(count):
            async with self.listener.write() as session:
                await notify_now(session, one)
        return count / (time.perf_counter() - started)

    async def floor_publish(self, count: int, window: int) -> float:
        """Confirmed, persistent, to a quorum queue, by plain aio_pika."""
        async with await aio_pika.connect(self.rabbit_url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(
                "bench.floor", durable=True, arguments={"x-queue-type": "quorum"}
            )
            bodies = [Message.of(one).body for one in self.events(count)]
            started = time.perf_counter()
            for start in range(0, count, window):
                await asyncio.gather(
                    *(
                        channel.default_exchange.publish(
                            aio_pika.Message(body, delivery_mode=2), "bench.floor"
                        )
                        for body in bodies[start : start + window]
                    )
                )
            rate = count / (time.perf_counter() - started)
            await queue.delete(if_unused=False, if_empty=False)
            return rate

    async def relay_alone(self, transport: Transport, count: int) -> float:
        """Out of the outbox into the transport."""
        await self.empty()
        worker = InboxWorker(self.listener, [batched])
        if isinstance(transport, LocalTransport):
            await transport.consume(LISTENER, worker.names, worker.accept)
        else:
            await transport.declare("bench", worker.names)
        await self.fill_outbox(count)
        rate = await self._rate(count, Relay(self.speaker, transport).step)
        async with await aio_pika.connect(self.rabbit_url) as connection:
            await (await connection.channel()).queue_delete("waymark.bench")
        return rate

    async def handling_alone(self, worker: InboxWorker, count: int) -> float:
        """Out of the inbox into effects."""
        await self.empty()
        await worker.accept([Message.of(one) for one in self.events(count)])
        return await self._rate(count, worker.step)

    async def delivered(self, worker: InboxWorker, count: int, batch: int) -> float:
        """From delivered to handled, `batch` at a time; at once after the first."""
        await self.empty()
        messages = [Message.of(one) for one in self.events(count)]

        async def step() -> int:
            await worker.accept([messages.pop() for _ in range(batch)])
            return await worker.step()

        return await self._rate(count, step)

    @staticmethod
    async def _rate(count: int, step: Callable[[], Awaitable[int]]) -> float:
        started, moved = time.perf_counter(), 0
        while moved < count:
            moved += await step()
        return count / (time.perf_counter() - started)

    async def delivered_one_by_one(self, count: int, in_hand: int) -> float:
        """From delivered to handled, each message a delivery and a transaction of its own."""
        await self.empty()
        worker = InboxWorker(self.listener, [at_once])
        await worker.step()
        messages = [Message.of(one) for one in self.events(count)]

        async def deliver() -> None:
            while messages:
                await worker.accept([messages.pop()])

        started = time.perf_counter()
        await asyncio.gather(*(deliver() for _ in range(in_hand)))
        rate = count / (time.perf_counter() - started)
        assert await worker.pending() == 0
        return rate

    @asynccontextmanager
    async def running(
        self, transport: Transport, *, filled: int = 0, awaited: int
    ) -> AsyncIterator[Finish]:
        await self.empty()
        finish = Finish(awaited)
        relay, worker = Relay(self.speaker, transport), InboxWorker(self.listener, [batched])
        await transport.consume(LISTENER, worker.names, worker.accept)
        while not await transport.ready():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await self.fill_outbox(filled)
        sqlalchemy.event.listen(Session, "after_commit", finish.note)
        tasks = [asyncio.create_task(one.run()) for one in (relay, worker)]
        try:
            yield finish
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await transport.close()
            sqlalchemy.event.remove(Session, "after_commit", finish.note)

    async def drained(self, transport: Transport, count: int) -> float:
        """From outbox to handled, both sides in this one process."""
        async with self.running(transport, filled=count, awaited=count) as finish:
            started = time.perf_counter()
            await finish.all_done.wait()
            return count / (time.perf_counter() - started)

    async def latencies(self, transport: Transport, rate: int, seconds: int) -> list[float]:
        """Milliseconds from the publisher's commit to the handler's, at a steady rate."""
        committed: dict[int, float] = {}

        async def say(one: Submitted) -> None:
            async with self.speaker.write() as session:
                publish(session, one)
            committed[one.number] = time.perf_counter()

        async with self.running(transport, awaited=rate * seconds) as finish:
            saying = []
            started = time.perf_counter()
            for n, one in enumerate(self.events(rate * seconds)):
                await asyncio.sleep(max(0.0, started + n / rate - time.perf_counter()))
                saying.append(asyncio.create_task(say(one)))
            await asyncio.gather(*saying)
            await finish.all_done.wait()
            return sorted((finish.at[n] - at) * 1000 for n, at in committed.items())


def line(name: str, ours: str, goal: str = "") -> None:
    print(f"{name:<58} {ours:>22}  {goal}", flush=True)


async def median(measure: Callable[[], Awaitable[float]]) -> float:
    return statistics.median([await measure() for _ in range(ROUNDS)])


async def rates(bench: Bench) -> None:
    inserts = await median(lambda: bench.floor_insert(1000))
    line("floor: INSERT and commit, plain psycopg", f"{inserts:,.0f}/s")
    sessions = await median(lambda: bench.floor_session(1000))
    line("floor: INSERT and commit, in a write session", f"{sessions:,.0f}/s")
    one = await median(lambda: bench.floor_publish(500, 1))
    line("floor: confirmed publish, one at a time", f"{one:,.0f}/s")
    window = await median(lambda: bench.floor_publish(4000, 200))
    line("floor: confirmed publish, 200 at a time", f"{window:,.0f}/s")
    batch = InboxWorker(bench.listener, [batched])
    single = InboxWorker(bench.listener, [one_by_one])
    for count in (1000, 10000):
        rabbit = RabbitTransport(bench.rabbit_url)
        relayed = await median(lambda: bench.relay_alone(rabbit, count))  # noqa: B023
        share = f"≥ 4,000/s; {relayed / window:.2f} of the window"
        line(f"relay alone, {count:,}, RabbitMQ", f"{relayed:,.0f}/s", share)
        await rabbit.close()
        relayed = await median(lambda: bench.relay_alone(LocalTransport(), count))  # noqa: B023
        line(f"relay alone, {count:,}, local (inbox inserts included)", f"{relayed:,.0f}/s")
        rate = await median(lambda: bench.handling_alone(batch, count))  # noqa: B023
        line(f"handling alone, {count:,}, batched", f"{rate:,.0f}/s", "≥ 5,000/s")
    rate = await median(lambda: bench.delivered(batch, 5000, 100))
    line("delivered to handled, 100 at a time", f"{rate:,.0f}/s", "")
    rate = await median(lambda: bench.handling_alone(single, 2000))
    share = f"{rate / sessions:.2f} of write sessions"
    line("handling alone, one by one (outside lane)", f"{rate:,.0f}/s", share)
    for in_hand in (1, 8):
        rate = await median(lambda: bench.delivered_one_by_one(1000, in_hand))  # noqa: B023
        share = f"≥ 1,500/s; {rate / sessions:.2f} of write sessions"
        line(f"delivered to handled, one by one, {in_hand} in hand", f"{rate:,.0f}/s", share)
    for count in (1000, 10000):
        for kind, make in transports(bench).items():
            rate = await median(lambda: bench.drained(make(), count))  # noqa: B023
            line(f"outbox to handled, {count:,}, {kind}", f"{rate:,.0f}/s")


def transports(bench: Bench) -> dict[str, Callable[[], Transport]]:
    return {"local": LocalTransport, "RabbitMQ": lambda: RabbitTransport(bench.rabbit_url)}


async def main(url: str, rabbit_url: str) -> None:
    speaker, listener = await open_service(url, SPEAKER), await open_service(url, LISTENER)
    bench = Bench(url, rabbit_url, speaker, listener)
    await rates(bench)
    for kind, make in transports(bench).items():
        found = await bench.latencies(make(), 200, 5)
        p50, p99 = found[len(found) // 2], found[len(found) * 99 // 100]
        name = f"commit to handled at 200/s, {kind}, p50 / p99"
        line(name, f"{p50:.1f} / {p99:.1f} ms", "≤ 10 / ≤ 50 ms")
    await speaker.close()
    await listener.close()


if __name__ == "__main__":
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-bench-"))
        database = stack.enter_context(embedded_postgres(Path(folder) / "data"))
        broker = stack.enter_context(find_or_start_rabbitmq())
        uvloop.run(main(database, broker.url))
