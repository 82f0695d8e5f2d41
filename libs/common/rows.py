"""Reads below the ORM, for what is read most: SQL goes to the driver, rows come back.

A statement takes a tenth of the CPU time that it takes through a session: psycopg connects, turns
values into PostgreSQL's and back, and names errors; what is between is libpq's own calls.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import AsyncConnection, OperationalError, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.rows import TupleRow
from sqlalchemy import make_url, text

from libs.common.lending import Pool

_CANCEL_SECONDS = 5.0
_PREPARED = 100
"""Statements that a connection keeps prepared."""
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_DIALECT = make_url("postgresql+psycopg://").get_dialect()(paramstyle="numeric_dollar")  # type: ignore[call-arg]


class Rows:
    """A pool of connections, each lent for one statement."""

    def __init__(self, url: str, size: int, options: Mapping[str, Any]) -> None:
        async def connect() -> _Connection:
            return _Connection(await AsyncConnection.connect(url, autocommit=True, **options))

        self.pool = Pool(size, connect, _Connection.close, _Connection.is_idle)

    async def read(self, sql: str, /, **values: Any) -> list[TupleRow]:
        """Return the rows that `sql` finds; `:name` in it stands for one of the values.

        Raises:
            psycopg.Error: what the database answered; OperationalError where it is away, or too
                many others are waiting for it.
        """
        connection = await self.pool.borrow()
        try:
            return await connection.read(sql, values)
        finally:
            if connection.is_idle():
                self.pool.give_back(connection)
            else:
                await self.pool.discard(connection)


class _Connection:
    """A connection that reads one prepared statement at a time."""

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection, self._libpq = connection, connection.pgconn
        self._loop, self._socket = asyncio.get_running_loop(), connection.pgconn.socket
        self._prepared: dict[tuple[bytes, Sequence[int]], bytes] = {}
        self._answer: asyncio.Future[pq.abc.PGresult] | None = None
        self._result: pq.abc.PGresult | None = None
        self._loop.add_reader(self._socket, self._receive)

    def is_idle(self) -> bool:
        """Whether the server is there and waits for a statement."""
        return self._libpq.transaction_status == pq.TransactionStatus.IDLE

    async def read(self, sql: str, values: Mapping[str, Any]) -> list[TupleRow]:
        """Return the rows that `sql` finds."""
        statement, in_order = for_driver(sql, values)
        types = Transformer(self._connection)
        given = types.dump_sequence(in_order, [PyFormat.AUTO] * len(in_order))
        key = statement, types.types or ()
        name = self._prepared.get(key) or await self._prepare(*key)
        self._libpq.send_query_prepared(name, given, types.formats)
        result = await self._answered()
        types.set_pgresult(result)
        return types.load_rows(0, result.ntuples, tuple)

    async def close(self) -> None:
        """Close it; what it still reads is given up."""
        self._hear_no_more()
        if self._libpq.transaction_status == pq.TransactionStatus.ACTIVE:
            with suppress(psycopg.Error):
                await self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
        await self._connection.close()

    async def _prepare(self, statement: bytes, types: Sequence[int]) -> bytes:
        if len(self._prepared) == _PREPARED:
            self._prepared.clear()
            self._libpq.send_query(b"DEALLOCATE ALL")
            await self._answered()
        name = b"waymark_%d" % len(self._prepared)
        self._libpq.send_prepare(name, statement, types)
        await self._answered()
        self._prepared[statement, types] = name
        return name

    async def _answered(self) -> pq.abc.PGresult:
        """Return what the server answers to what was sent last."""
        self._result, self._answer = None, self._loop.create_future()
        while self._libpq.flush():
            await self._room()
        result = await self._answer
        if result.status not in _GOOD:
            raise error_from_result(result)
        return result

    async def _room(self) -> None:
        """Wait until the server has read some of a long statement."""
        room = asyncio.Event()
        self._loop.add_writer(self._socket, room.set)
        try:
            await room.wait()
        finally:
            self._loop.remove_writer(self._socket)

    def _receive(self) -> None:
        """Take what the server sends; an answer is whole when nothing follows its result."""
        try:
            self._libpq.consume_input()
            while not self._libpq.is_busy():
                if (result := self._libpq.get_result()) is None:
                    self._answer_with(self._result)
                    return
                self._result = result
        except OperationalError as error:  # it is gone; before, it may have said why
            self._hear_no_more()
            self._answer_with(self._result or error)

    def _answer_with(self, answer: pq.abc.PGresult | OperationalError | None) -> None:
        if answer is None or self._answer is None or self._answer.done():
            return
        if isinstance(answer, OperationalError):
            self._answer.set_exception(answer)
        else:
            self._answer.set_result(answer)

    def _hear_no_more(self) -> None:
        """Let go of the socket, whose number may soon be another's."""
        if self._socket >= 0:
            self._loop.remove_reader(self._socket)
            self._socket = -1


def for_driver(sql: str, values: Mapping[str, Any]) -> tuple[bytes, list[Any]]:
    """Return a statement as PostgreSQL wants it, `$1` for `:name`, and the values in that order."""
    statement, names = _numbered(sql)
    return statement, [values[name] for name in names]


@lru_cache(512)
def _numbered(sql: str) -> tuple[bytes, Sequence[str]]:
    compiled = text(sql).compile(dialect=_DIALECT)
    return str(compiled).encode(), compiled.positiontup or ()
