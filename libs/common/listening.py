"""Hears what PostgreSQL tells by NOTIFY, over one connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from psycopg import OperationalError
from psycopg.sql import SQL, Identifier

from libs.common.db import Database
from libs.common.errors import ServiceUnavailable
from libs.common.messaging.loop import forever

CHECK_SECONDS = 15.0
"""A connection whose other end has vanished says nothing: so it is asked now and then."""
CHECKED_WITHIN = 5.0


@asynccontextmanager
async def listening(
    db: Database, channel: str, heard: Callable[[str], None], connected: Callable[[], None]
) -> AsyncIterator[None]:
    """Call `heard` with each payload that is notified on `channel`, as long as this lasts.

    What is notified while there is no connection is not heard: `connected` is called whenever there
    is one anew, the first time too. Needs a PostgreSQL without a pooler by transactions before it.
    """

    async def step() -> int:
        try:
            return await _listen(db, channel, heard, connected)
        except (OperationalError, TimeoutError) as error:
            raise ServiceUnavailable({"service": "database"}) from error

    name = f"listening to {channel}"
    task = asyncio.create_task(forever(name, step, full=1, woken=asyncio.Event()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(
    db: Database, channel: str, heard: Callable[[str], None], connected: Callable[[], None]
) -> int:
    """Listen until the connection breaks, which raises."""
    async with db.connection() as connection:
        await connection.execute(SQL("LISTEN {}").format(Identifier(channel)))
        connected()
        while True:
            async for told in connection.notifies(timeout=CHECK_SECONDS):
                heard(told.payload)
            async with asyncio.timeout(CHECKED_WITHIN):
                await connection.execute("SELECT 1")
