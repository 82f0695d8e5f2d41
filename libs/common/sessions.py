"""Sessions: one transaction a request or event, over a connection that is borrowed for it.

What is written most goes below the ORM, to the driver (`WriteSession.run`): a transaction takes
half the CPU time there.
"""

import asyncio
from contextlib import suppress
from typing import Any, cast

import orjson
import psycopg
import sqlalchemy.event
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.util import await_only, greenlet_spawn
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from libs.common.lending import Pool
from libs.common.rows import for_driver

PUBLISHED, ENQUEUED = "published", "enqueued"
"""Keys in `session.info`: the names of events that this transaction put into the outbox; the lanes
of the inbox that it put something into, True for the outside one."""
_LAST = "to be written last"
"""Key in `session.info`: savepoint, statement and row of what `write_last` was given."""


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

    def __init__(self, pool: Pool[Connection], info: dict[str, Any]) -> None:
        super().__init__(expire_on_commit=False, info=info)
        self.sync_session.pool = pool

    async def run(self, sql: str, /, **values: Any) -> list[TupleRow]:
        """Run a statement of this transaction below the ORM; return its rows, where it has any.

        `:name` in it stands for one of the values. What the ORM has not flushed it does not see.

        Raises:
            psycopg.Error: what the database answered.
        """
        cursor = AsyncRawCursor(await self._driver())
        await cursor.execute(*for_driver(sql, values))
        result = cursor.pgresult
        return await cursor.fetchall() if result and result.status == ExecStatus.TUPLES_OK else []

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
        """Undo what was not committed, and give the connection back; cancelled, go on with it."""
        session, held = self.sync_session, self.sync_session.held
        if session.in_orm or (held is not None and not is_fit(held)):
            await asyncio.shield(asyncio.create_task(self._undo()))
        elif held is not None:
            session.held = None
            session.pool.give_back(held)

    async def _undo(self) -> None:
        """Roll back and part with the connection; where that fails, the connection is lost anyway.

        What the caller is to hear of is what ended his transaction: an error of this would take its
        place, that of a cancellation too.
        """
        session, held = self.sync_session, self.sync_session.held
        try:
            with suppress(SQLAlchemyError, psycopg.Error):
                await super().close()
                if held is not None and not held.invalidated:
                    await greenlet_spawn(held.rollback)  # else it remembers a commit that failed
                    await _driver_of(held).rollback()
        finally:
            session.held = None
            if held is not None and is_fit(held):
                session.pool.give_back(held)
            elif held is not None:
                await session.pool.discard(held)
                await session.pool.close()  # what broke it broke those that are idle too

    async def _driver(self) -> AsyncConnection[TupleRow]:
        session = self.sync_session
        if session.in_nested_transaction():
            await self.connection()  # which writes the SAVEPOINT, where that was not done
        if session.held is None:
            session.held = await session.pool.borrow()
        return _driver_of(session.held)


def is_fit(connection: Connection) -> bool:
    """Tell whether a connection can be used again: it is whole, and in no transaction."""
    if connection.invalidated or connection.get_transaction() is not None:
        return False
    return _driver_of(connection).pgconn.transaction_status == TransactionStatus.IDLE


def _driver_of(connection: Connection) -> AsyncConnection[TupleRow]:
    return cast("AsyncConnection[TupleRow]", connection.connection.driver_connection)


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
