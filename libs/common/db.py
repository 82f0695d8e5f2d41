"""The database of one service: its engine, and one transaction a request or event.

PostgreSQL holds one schema and one role per service. Each connection takes on the role of its
service when it opens, so that another's tables are out of reach whatever the code says.

What is written most goes below the ORM, to the driver (`WriteSession.run`): a transaction takes
half the CPU time there.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import sqlalchemy.event
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from psycopg import AsyncConnection
from psycopg.pq import ExecStatus
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine, MetaData, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import greenlet_spawn
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from libs.common.rows import Rows, for_driver

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


class _SyncSession(Session):
    """SQLModel's session, minus its warning against `execute`: Core statements have no `exec`."""

    execute = sqlalchemy.orm.Session.execute


def _driver_of(connection: Connection) -> AsyncConnection[TupleRow]:
    return cast("AsyncConnection[TupleRow]", connection.connection.driver_connection)


class _SyncWriteSession(_SyncSession):
    """Holds one connection from its first use to its end, for the ORM and for the driver."""

    held: Connection | None = None

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """Take it, where that was not done."""
        if self.held is None:
            assert isinstance(self.bind, Engine)
            self.held = self.bind.connect()
        return self.held

    def driver(self) -> AsyncConnection[TupleRow]:
        """Return what it is to psycopg."""
        return _driver_of(self.get_bind())

    def close(self) -> None:
        """Give it back; what broke it, say a restart of the server, broke all that are idle."""
        try:
            super().close()
        finally:
            held, self.held = self.held, None
            if held is not None:
                if not held.invalidated and _driver_of(held).closed:
                    held.invalidate()
                    held.engine.dispose()
                held.close()


class _Session(AsyncSession):
    """The asynchronous face of the same."""

    sync_session_class: type[Session] = _SyncSession
    execute = sqlalchemy.ext.asyncio.AsyncSession.execute


class ReadSession(_Session):
    """A session that can read only; each of its statements sees what is committed at its start."""


class WriteSession(_Session):
    """A session whose transaction is committed by whoever opened it, and by nobody else."""

    sync_session_class = _SyncWriteSession
    sync_session: _SyncWriteSession

    async def run(self, sql: str, /, **values: Any) -> list[TupleRow]:
        """Run a statement of this transaction below the ORM; return its rows, where it has any.

        `:name` in it stands for one of the values. What the ORM has not flushed it does not see.

        Raises:
            psycopg.Error: what the database answered.
        """
        cursor = await (await self._driver()).execute(for_driver(sql), values)
        result = cursor.pgresult
        return await cursor.fetchall() if result and result.status == _ROWS else []

    async def commit(self) -> None:
        """Write what was to be written last, and commit, in one round trip."""
        in_orm = self.in_transaction()
        if in_orm:
            await self.flush()
        last: dict[str, list[dict[str, Any]]] = {}
        for _, statement, row in self.info.pop(_LAST, ()):
            last.setdefault(statement, []).append(row)
        if last:
            driver = await self._driver()
            async with driver.pipeline():
                for statement, rows in last.items():
                    values = {"rows": orjson.dumps(rows).decode()}
                    await driver.execute(for_driver(statement), values)
                await driver.commit()
        elif self.sync_session.held is not None and not in_orm:
            await self.sync_session.driver().commit()
        if in_orm:
            await super().commit()

    async def rollback(self) -> None:
        """Undo all."""
        self.info.pop(_LAST, None)
        await super().rollback()
        if self.sync_session.held is not None:
            await self.sync_session.driver().rollback()

    async def _driver(self) -> AsyncConnection[TupleRow]:
        if self.sync_session.held is None:
            return await greenlet_spawn(self.sync_session.driver)
        return self.sync_session.driver()


@dataclass(frozen=True)
class Database:
    """A service's connection pools: two for the two kinds of session, and one below them."""

    engine: AsyncEngine
    reader: AsyncEngine
    """Read-only and without transactions: a read costs one round trip, not three."""
    rows: Rows
    """As `reader`, for what is read most: without a session."""
    on_commit: list[Callable[[], None]] = field(default_factory=list)
    """Called after each commit that published an event: wakes the relay at once."""
    on_enqueued: list[Callable[[bool], None]] = field(default_factory=list)
    """Called after each commit that put something into the inbox, with whether it is for the
    outside lane: wakes its worker at once."""
    info: dict[str, Any] = field(default_factory=dict)
    """What each session carries in its own `info`; the service's runtime is put here."""
    service: str = ""
    """Whose it is; for logs."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction; commit at the end of the block, roll back when it raises."""
        async with WriteSession(
            self.engine, expire_on_commit=False, info=dict(self.info)
        ) as session:
            yield session
            await session.commit()
            if session.info.pop(PUBLISHED, False):
                for wake in self.on_commit:
                    wake()
            for outside in session.info.pop(ENQUEUED, ()):
                for wake_lane in self.on_enqueued:
                    wake_lane(outside)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a read-only session for a block."""
        async with ReadSession(self.reader, info=dict(self.info)) as session:
            yield session

    @property
    def pools(self) -> dict[str, tuple[int, int]]:
        """Return of each pool how many connections are in use, and how many it has at most."""
        pools = {"rows": (self.rows.in_use, self.rows.size)}
        for name, engine in (("write", self.engine), ("read", self.reader)):
            assert isinstance(engine.pool, QueuePool)
            pools[name] = (engine.pool.checkedout(), engine.pool.size())
        return pools

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()
        await self.reader.dispose()
        await self.rows.close()


PUBLISHED, ENQUEUED = "published", "enqueued"
"""Keys in `session.info`: this transaction put something into the outbox; and into the inbox, for
which lanes: True for the outside one."""
_LAST = "to be written last"
"""Key in `session.info`: savepoint, statement and row of what `write_last` was given."""
_ROWS = ExecStatus.TUPLES_OK


def write_last(session: WriteSession, statement: str, row: dict[str, Any]) -> None:
    """Have `statement` write `row` right before the commit, with all other rows given to it.

    Its one parameter, `rows`, is JSON: an array of them. One statement for all is a fraction of
    what an object a row costs; and what it locks is locked for the shortest time.
    """
    savepoint = session.sync_session.get_nested_transaction()
    session.info.setdefault(_LAST, []).append((savepoint, statement, row))


@sqlalchemy.event.listens_for(_SyncWriteSession, "after_soft_rollback")
def _forget_last(session: _SyncSession, ended: sqlalchemy.orm.SessionTransaction) -> None:
    """With a savepoint goes what was to be written within it; with the whole, all."""
    left = [one for one in session.info.pop(_LAST, ()) if ended.nested and one[0] is not ended]
    session.info[_LAST] = left


def open_database(url: str, service: str, *, pool_size: int = 10) -> Database:
    """Make the pools of `service` on the PostgreSQL at `url` (any libpq URL).

    Each pool holds at most `pool_size` connections; nothing is connected yet. The URL's user must
    be a member of the service's role.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 5}
    pool["hide_parameters"] = True  # errors are logged and kept: no personal data in them
    engine = create_async_engine(address, connect_args=connection_options(service), **pool)
    read_only = connection_options(service, default_transaction_read_only="on")
    reader = create_async_engine(
        address, connect_args=read_only, isolation_level="AUTOCOMMIT", **pool
    )
    plain_url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    rows = Rows(plain_url, pool_size // 2 or 1, read_only)
    return Database(engine, reader, rows, service=service)


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
