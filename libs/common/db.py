"""The database of one service: its engine, and one transaction a request or event.

PostgreSQL holds one schema and one role per service. Each connection takes on the role of its
service when it opens, so that another's tables are out of reach whatever the code says.

What is written most goes below the ORM, to the driver (`WriteSession.run`): a transaction takes
half the CPU time there.
"""

from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import orjson
import sqlalchemy.event
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow
from sqlalchemy import Connection, MetaData, NullPool, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import await_only, greenlet_spawn
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from libs.common.lending import Pool
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


class _SyncWriteSession(_SyncSession):
    """Borrows one connection, from its first use to its end, for the ORM and for the driver."""

    pool: Pool[Connection]
    held: Connection | None = None
    in_orm = False
    """Whether the ORM has used it."""

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """Let the ORM have it; borrow it, where that was not done."""
        self.in_orm = True
        if self.held is None:
            self.held = await_only(self.pool.borrow())
        return self.held


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
        cursor = AsyncRawCursor(await self._driver())
        await cursor.execute(*for_driver(sql, values))
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
                    await AsyncRawCursor(driver).execute(*for_driver(statement, values))
                await driver.execute(b"COMMIT", prepare=False)
        elif self.sync_session.held is not None and not in_orm:
            await (await self._driver()).commit()
        if in_orm:
            await super().commit()

    async def rollback(self) -> None:
        """Undo all."""
        self.info.pop(_LAST, None)
        await super().rollback()
        if self.sync_session.held is not None:
            await (await self._driver()).rollback()

    async def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        session, held = self.sync_session, self.sync_session.held
        try:
            if session.in_orm:
                await super().close()
            if held is not None and not held.invalidated:
                await greenlet_spawn(held.rollback)  # else it would remember a commit that failed
                await _driver_of(held).rollback()
        finally:
            session.held = None
            if held is not None and _is_fit(held):
                session.pool.give_back(held)
            elif held is not None:
                await session.pool.discard(held)

    async def __aexit__(self, *raised: Any) -> None:
        """Close, which takes a task of its own only where there is something to wait for."""
        session, held = self.sync_session, self.sync_session.held
        if session.in_orm or (held is not None and not _is_fit(held)):
            await super().__aexit__(*raised)
        elif held is not None:
            session.held = None
            session.pool.give_back(held)

    async def _driver(self) -> AsyncConnection[TupleRow]:
        session = self.sync_session
        if session.in_nested_transaction():
            await self.connection()  # which writes the SAVEPOINT, where that was not done
        if session.held is None:
            session.held = await session.pool.borrow()
        return _driver_of(session.held)


def _driver_of(connection: Connection) -> AsyncConnection[TupleRow]:
    return cast("AsyncConnection[TupleRow]", connection.connection.driver_connection)


def _is_fit(connection: Connection) -> bool:
    """Tell whether a connection can be used again: it is whole, and in no transaction."""
    if connection.invalidated or connection.get_transaction() is not None:
        return False
    return _driver_of(connection).pgconn.transaction_status == TransactionStatus.IDLE


@dataclass(frozen=True)
class Database:
    """A service's connection pools: two for the two kinds of session, and one below them."""

    engine: AsyncEngine
    """Without a pool: for what is done now and then."""
    writers: Pool[Connection]
    """Connections of `engine`, for what `write` opens."""
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
    service: str = ""
    """Whose it is; for logs."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction; commit at the end of the block, roll back when it raises."""
        session = WriteSession(expire_on_commit=False, info=dict(self.info))
        session.sync_session.pool = self.writers
        async with session:
            yield session
            await session.commit()
            if names := session.info.pop(PUBLISHED, None):
                for wake in self.on_commit:
                    wake(names)
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


PUBLISHED, ENQUEUED = "published", "enqueued"
"""Keys in `session.info`: the names of events that this transaction put into the outbox; the lanes
of the inbox that it put something into, True for the outside one."""
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
    common: dict[str, Any] = {"hide_parameters": True}  # errors are logged: no personal data
    engine = create_async_engine(
        address, connect_args=connection_options(service), poolclass=NullPool, **common
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
    writers = Pool(
        pool_size,
        partial(greenlet_spawn, engine.sync_engine.connect),
        lambda connection: greenlet_spawn(connection.close),
        _is_fit,
    )
    plain_url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    rows = Rows(plain_url, pool_size // 2 or 1, read_only)
    return Database(engine, writers, reader, rows, service=service)


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
