"""Work that only one process does at a time, over all replicas."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from libs.common.db import Database


class UnderWay(Exception):
    """Another process is at this work; the text says so."""


@asynccontextmanager
async def alone(db: Database, work: str, *, patience: float = 0.0) -> AsyncIterator[None]:
    """Hold the lock of `work` on a connection of its own: who dies lets go of it.

    Args:
        db: the service's database.
        work: its name, among all services.
        patience: seconds to wait; PostgreSQL learns a moment late that a holder was killed.

    Raises:
        UnderWay: another holds it.
    """
    lock = [f"waymark {db.service} {work}"]
    async with db.connection() as connection:
        deadline = monotonic() + patience
        while not await _is_ours(connection, lock):
            if monotonic() >= deadline:
                raise UnderWay(f"another {work} of {db.service} is under way: wait for its end")
            await asyncio.sleep(0.05)
        try:
            yield
        finally:
            # Said, and not left to the connection's end: the next one may ask at once.
            with suppress(psycopg.Error):
                await connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


async def _is_ours(connection: AsyncConnection[TupleRow], lock: list[str]) -> bool:
    asked = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", lock)
    return await asked.fetchone() == (True,)
