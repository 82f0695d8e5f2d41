"""A small pool: connections, each lent to one at a time. Nothing is connected before that.

SQLAlchemy's pool takes ten times the CPU time for it, a fifth of a short transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from psycopg import OperationalError

_PATIENCE = 5.0
"""Seconds that somebody waits for his turn."""

C = TypeVar("C")


class Pool(Generic[C]):
    """At most `size` connections; the last given back is lent first, so that few are warm."""

    def __init__(
        self,
        size: int,
        connect: Callable[[], Awaitable[C]],
        close: Callable[[C], Awaitable[None]],
        is_fit: Callable[[C], bool],
    ) -> None:
        self.size, self.in_use = size, 0
        self._connect, self._close, self._is_fit = connect, close, is_fit
        self._turns = asyncio.Semaphore(size)
        self._idle: list[C] = []

    async def borrow(self) -> C:
        """Return a connection, to be given back or discarded.

        Raises:
            psycopg.OperationalError: too many others are waiting for one, or as `connect` does.
        """
        if self._turns.locked():
            await self._wait_for_turn()
        else:
            await self._turns.acquire()
        self.in_use += 1
        try:
            while self._idle:
                connection = self._idle.pop()
                if self._is_fit(connection):
                    return connection
                await self._close(connection)
            return await self._connect()
        except BaseException:
            self._ended()
            raise

    def give_back(self, connection: C) -> None:
        """Take back a connection that is as it was."""
        self._idle.append(connection)
        self._ended()

    async def discard(self, connection: C) -> None:
        """Close a connection that cannot be lent again."""
        self._ended()
        await self._close(connection)

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            await self._close(self._idle.pop())

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turns.acquire()
        except TimeoutError as error:
            raise OperationalError("all connections are in use") from error

    def _ended(self) -> None:
        self.in_use -= 1
        self._turns.release()
