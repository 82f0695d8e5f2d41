"""The database of one service: its pools of connections, and what they open.

PostgreSQL holds one schema and one role per service. Each connection takes on the role of its
service when it opens, so that another's tables are out of reach whatever the code says.
"""

from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from sqlalchemy import Connection, MetaData, NullPool, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import greenlet_spawn

from libs.common.lending import Pool
from libs.common.rows import Rows
from libs.common.sessions import ENQUEUED, PUBLISHED, ReadSession, WriteSession, is_fit

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata(service: str) -> MetaData:
    """Return the MetaData of a service: its own schema, and names for constraints and indexes."""
    return MetaData(schema=service, naming_convention=NAMING)


def service_role(service: str) -> str:
    """Return the PostgreSQL role that owns a service's schema."""
    return f"waymark_{service}"


@dataclass(frozen=True)
class Database:
    """A service's connection pools: two for the two kinds of session, and one below them."""

    service: str
    """Whose it is."""
    url: str
    """Where it is; as libpq has it."""
    writers: Pool[Connection]
    """For what `write` opens: connections of `writer`."""
    writer: AsyncEngine
    """Makes them, and keeps none; tests listen to it."""
    reader: AsyncEngine
    """Read-only and without transactions: a read costs one round trip, not three."""
    rows: Rows
    """As `reader`, for what is read most: without a session."""
    on_commit: list[Callable[[Set[str]], None]] = field(default_factory=list)
    """Called after each commit that published events, with their names: wakes the relay at once."""
    on_enqueued: list[Callable[[bool], None]] = field(default_factory=list)
    """Called after each commit that put something into the inbox, with whether it is for the
    outside lane: wakes its worker at once."""
    info: dict[str, Any] = field(default_factory=dict)
    """What each session carries in its own `info`; the service's runtime is put here."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction; commit at the end of the block, roll back when it raises."""
        session = WriteSession(self.writers, dict(self.info))
        try:
            yield session
            await session.commit()
        finally:
            await session.close()
        if names := session.info.get(PUBLISHED):
            for wake in self.on_commit:
                wake(names)
        for outside in session.info.get(ENQUEUED, ()):
            for wake_lane in self.on_enqueued:
                wake_lane(outside)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a read-only session for a block."""
        async with ReadSession(self.reader, info=dict(self.info)) as session:
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """Open a connection of its own for a block, without transactions: for what lasts."""
        options = connection_options(self.service)
        async with await AsyncConnection.connect(
            self.url, autocommit=True, **options
        ) as connection:
            yield connection

    @property
    def pools(self) -> dict[str, tuple[int, int]]:
        """Return of each pool how many connections are in use, and how many it has at most."""
        read = self.reader.pool
        assert isinstance(read, QueuePool)
        return {
            "rows": (self.rows.pool.in_use, self.rows.pool.size),
            "write": (self.writers.in_use, self.writers.size),
            "read": (read.checkedout(), read.size()),
        }

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.writers.close()
        await self.reader.dispose()
        await self.rows.pool.close()


def open_database(url: str, service: str, *, pool_size: int = 10) -> Database:
    """Make the pools of `service` on the PostgreSQL at `url` (any libpq URL).

    Each pool holds at most `pool_size` connections; nothing is connected yet. The URL's user must
    be a member of the service's role.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    plain_url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    common: dict[str, Any] = {"hide_parameters": True}  # errors are logged: no personal data
    writer = create_async_engine(
        address, connect_args=connection_options(service), poolclass=NullPool, **common
    )
    writers = Pool(
        pool_size,
        partial(greenlet_spawn, writer.sync_engine.connect),
        lambda connection: greenlet_spawn(connection.close),
        is_fit,
    )
    read_only = connection_options(service, default_transaction_read_only="on")
    reader = create_async_engine(
        address,
        connect_args=read_only,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,  # few are in use, and those have all statements prepared
        **common,
    )
    rows = Rows(plain_url, pool_size // 2 or 1, read_only)
    return Database(service, plain_url, writers, writer, reader, rows)


def connection_options(service: str, **more: str) -> dict[str, Any]:
    """Return psycopg's arguments that put a connection into the service's role and schema.

    `more` are further settings of PostgreSQL.
    """
    settings = {
        "role": service_role(service),
        "search_path": service,
        "timezone": "UTC",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "60s",
        "jit": "off",  # to compile a plan takes longer than any of ours runs
        # PostgreSQL 18 would hand each page to an I/O worker; most are a copy away (benchmarks.md).
        "effective_io_concurrency": "0",
        **more,
    }
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "application_name": f"waymark-{service}",
        "connect_timeout": 5,
    }
