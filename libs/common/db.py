"""The database of one service: its engine, and one transaction a request or event.

PostgreSQL holds one schema and one role per service. Each connection takes on the role of its
service when it opens, so that another's tables are out of reach whatever the code says.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from sqlalchemy import MetaData, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

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
    """A service's two connection pools and the two kinds of session on them."""

    engine: AsyncEngine
    reader: AsyncEngine
    """Read-only and without transactions: a read costs one round trip, not three."""
    on_commit: list[Callable[[], None]] = field(default_factory=list)
    """Called after each commit that published an event: wakes the relay at once."""
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

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a read-only session for a block."""
        async with ReadSession(self.reader, info=dict(self.info)) as session:
            yield session

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()
        await self.reader.dispose()


PUBLISHED = "published"
"""Key in `session.info`: this transaction put something into an outbox or inbox."""


def open_database(url: str, service: str, *, pool_size: int = 10) -> Database:
    """Make the pools of `service` on the PostgreSQL at `url` (any libpq URL).

    Each pool holds at most `pool_size` connections; nothing is connected yet. The URL's user must
    be a member of the service's role.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 5}
    pool["hide_parameters"] = True  # errors are logged and kept: no personal data in them
    engine = create_async_engine(address, connect_args=connection_options(service), **pool)
    reader = create_async_engine(
        address,
        connect_args=connection_options(service, default_transaction_read_only="on"),
        isolation_level="AUTOCOMMIT",
        **pool,
    )
    return Database(engine, reader, service=service)


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
        **more,
    }
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "application_name": f"waymark-{service}",
        "connect_timeout": 5,
    }
