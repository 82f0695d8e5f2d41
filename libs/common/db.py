"""The database of one service: its engine, and one transaction a request or event.

PostgreSQL holds one schema and one role per service. Each connection takes on the role of its
service when it opens, so that another's tables are out of reach whatever the code says.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy.event
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from sqlalchemy import MetaData, TextClause, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from libs.common.rows import Rows

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


class _Session(AsyncSession):
    """The asynchronous face of the same."""

    sync_session_class = _SyncSession
    execute = sqlalchemy.ext.asyncio.AsyncSession.execute


class ReadSession(_Session):
    """A session that can read only; each of its statements sees what is committed at its start."""


class WriteSession(_Session):
    """A session whose transaction is committed by whoever opened it, and by nobody else."""


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
    on_enqueued: list[Callable[[], None]] = field(default_factory=list)
    """Called after each commit that put something into the inbox: wakes its worker at once."""
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
            for key, wakes in ((PUBLISHED, self.on_commit), (ENQUEUED, self.on_enqueued)):
                if session.info.pop(key, False):
                    for wake in wakes:
                        wake()

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
"""Keys in `session.info`: this transaction put something into the outbox, or the inbox."""
_LAST = "to be written last"
"""Key in `session.info`: savepoint, statement and row of what `write_last` was given."""


def write_last(session: WriteSession, statement: TextClause, row: dict[str, Any]) -> None:
    """Have `statement` write `row` right before the commit, with all other rows given to it.

    Its one parameter, `rows`, is JSON: an array of them. One statement in text for all is a
    fraction of what an object a row costs; and what it locks is locked for the shortest time.
    """
    savepoint = session.sync_session.get_nested_transaction()
    session.info.setdefault(_LAST, []).append((savepoint, statement, row))


@sqlalchemy.event.listens_for(_SyncSession, "before_commit")
def _write_last(session: _SyncSession) -> None:
    rows: dict[TextClause, list[dict[str, Any]]] = {}
    for _, statement, row in session.info.pop(_LAST, ()):
        rows.setdefault(statement, []).append(row)
    for statement, some in rows.items():
        session.execute(statement, {"rows": orjson.dumps(some).decode()})


@sqlalchemy.event.listens_for(_SyncSession, "after_soft_rollback")
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
