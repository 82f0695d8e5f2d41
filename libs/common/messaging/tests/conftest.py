"""Two services on two databases, `alpha` who speaks and `beta` who listens, and what joins them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import OperationalError, sql
from sqlalchemy import Connection, make_url, text

from libs.common.db import Database, open_database
from libs.common.events import REGISTRY, Event, event
from libs.common.messaging import (
    Consumer,
    InboxWorker,
    LocalTransport,
    Relay,
    Transport,
    TransportUnavailable,
    publish,
)
from libs.common.messaging.rabbit import RabbitTransport
from libs.common.messaging.tables import create_messaging_tables_v1
from libs.common.sessions import WriteSession

SERVICES = ("alpha", "beta")


class Happened(Event):
    """The one event of these tests."""

    number: int


@pytest.fixture(scope="session", autouse=True)
def _declared() -> Iterator[None]:
    """Only while these tests run: the registry is what the documents are generated from."""
    event("test.happened", subject="number")(Happened)
    yield
    del REGISTRY["test.happened", 1]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on which the databases of both services stand."""

    url: str

    def do(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as superuser, outside of any service's database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement), values)
            return cursor.fetchall() if cursor.description else []

    def url_of(self, service: str) -> str:
        """Return the URL of a service's own database."""
        url = make_url(self.url).set(database=f"messaging_{service}")
        return url.render_as_string(hide_password=False)

    def cut(self, service: str, where: str = "true") -> None:
        """End the connections of a service."""
        self.do(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            f" WHERE datname = %s AND {where}",
            f"messaging_{service}",
        )

    def shut(self, service: str) -> None:
        """Take a service's database away."""
        self.do(f"ALTER DATABASE messaging_{service} ALLOW_CONNECTIONS false")
        self.cut(service)

    def reopen(self, service: str) -> None:
        """Give it back."""
        self.do(f"ALTER DATABASE messaging_{service} ALLOW_CONNECTIONS true")


@pytest.fixture(scope="session")
def server(postgres_url: str) -> Iterator[Server]:
    server = Server(postgres_url)
    for service in SERVICES:
        server.do(f"DROP DATABASE IF EXISTS messaging_{service} WITH (FORCE)")
        server.do(f"CREATE DATABASE messaging_{service}")
        server.do(f"DROP ROLE IF EXISTS waymark_{service}")
        server.do(f"CREATE ROLE waymark_{service}")
        with psycopg.connect(server.url_of(service), autocommit=True) as connection:
            connection.execute(sql.SQL(f"CREATE SCHEMA {service} AUTHORIZATION waymark_{service}"))
    yield server
    for service in SERVICES:
        server.do(f"DROP DATABASE messaging_{service} WITH (FORCE)")
        server.do(f"DROP ROLE waymark_{service}")


@pytest.fixture(scope="session")
async def databases(server: Server) -> AsyncIterator[list[Database]]:
    databases = [open_database(server.url_of(service), service) for service in SERVICES]
    for db in databases:
        async with db.write() as session:
            await (await session.connection()).run_sync(_migrate)
            await session.run("CREATE TABLE effect (number integer)")
            await session.run("CREATE TABLE once (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    yield databases
    for db in databases:
        await db.close()


def _migrate(connection: Connection) -> None:
    create_messaging_tables_v1(Operations(MigrationContext.configure(connection)))


@dataclass
class Rig:
    """Both services and the transport between them."""

    server: Server
    alpha: Database
    beta: Database
    transport: Transport
    listener: str
    """Beta's name with the transport: its own for each test, for brokers remember."""
    relay: Relay
    workers: list[InboxWorker] = field(default_factory=list)

    def worker(self, *consumers: Consumer, **options: Any) -> InboxWorker:
        """Make beta's worker; with `listen` it gets what alpha says."""
        self.workers.append(InboxWorker(self.beta, consumers, **options))
        return self.workers[-1]

    async def listen(self, worker: InboxWorker) -> None:
        """Let the transport deliver to beta, whose worker has looked whether anything waits."""
        await worker.step()
        await self.transport.consume(self.listener, worker.names, worker.accept)

    async def say(self, *numbers: int) -> None:
        """Publish in one transaction of alpha."""
        async with self.alpha.write() as session:
            for number in numbers:
                publish(session, Happened(number=number))

    async def step(self) -> None:
        """One round of everything, retries now, nobody minding an outage."""
        try:
            await self.relay.step()
        except TransportUnavailable:
            await asyncio.sleep(0.05)
        for worker in self.workers:
            await worker.hasten()
            await worker.step()

    async def until(
        self,
        condition: Callable[[], Awaitable[bool]],
        *,
        step: bool = True,
        within: float = 10.0,
    ) -> None:
        """Step until `condition` holds, or just wait where `run` does the stepping."""
        async with asyncio.timeout(within):
            while not await condition():
                if step:
                    await self.step()
                await asyncio.sleep(0.01)

    async def until_done(self, *numbers: int, step: bool = True, within: float = 10.0) -> None:
        """Step until all `numbers` had an effect, then see that each had just one."""

        async def done() -> bool:
            return set(await self.effects()) >= set(numbers)

        await self.until(done, step=step, within=within)
        assert await self.effects() == dict.fromkeys(numbers, 1)

    @asynccontextmanager
    async def running(self, *more: Relay) -> AsyncIterator[None]:
        """Let relays and workers run as in production."""
        loops: list[Relay | InboxWorker] = [self.relay, *more, *self.workers]
        tasks = [asyncio.create_task(one.run()) for one in loops]
        try:
            yield
            assert not any(task.done() for task in tasks), "a loop has ended"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def effects(self) -> dict[int, int]:
        """Return how often each number had its effect in beta."""
        return Counter(row[0] for row in await self.rows("SELECT number FROM effect"))

    async def rows(self, statement: str, db: Database | None = None) -> Sequence[Any]:
        """Run a query in beta's database, or another."""
        rows = (db or self.beta).rows
        try:
            return await rows.read(statement)
        except OperationalError:  # this connection was among those that the test cut
            return await rows.read(statement)

    async def outbox(self) -> int:
        """Return how many messages alpha still has to send."""
        return await self.relay.pending()


async def effect(session: WriteSession, number: int) -> None:
    """Write what can be counted."""
    connection = await session.connection()
    await connection.execute(text("INSERT INTO effect VALUES (:number)"), {"number": number})


@pytest.fixture
def rabbit_transport(request: pytest.FixtureRequest) -> RabbitTransport:
    return RabbitTransport(request.getfixturevalue("rabbitmq_url"))


@pytest.fixture(params=["local", "rabbit"])
def transport(request: pytest.FixtureRequest) -> Transport:
    if request.param == "local":
        return LocalTransport()
    chosen: Transport = request.getfixturevalue("rabbit_transport")
    return chosen


@pytest.fixture
async def rig(
    server: Server, databases: list[Database], transport: Transport
) -> AsyncIterator[Rig]:
    alpha, beta = databases
    for db in databases:
        async with db.write() as session:
            await session.run("TRUNCATE outbox, inbox, effect, once")
    listener = f"beta-{uuid4().hex[:8]}"
    yield Rig(server, alpha, beta, transport, listener, Relay(alpha, transport))
    for db in databases:
        db.on_commit.clear()
        db.on_enqueued.clear()
    if isinstance(transport, RabbitTransport):
        async with asyncio.timeout(10):
            channel = await transport._open_publisher()
            await channel.queue_delete(f"waymark.{listener}")
    await transport.close()
    for db in databases:
        await db.close()  # of connections that a test may have cut
