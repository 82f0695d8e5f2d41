"""What a service does by the clock: purges, expiries, collections."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from libs.common import clock
from libs.common.db import Database
from libs.common.messaging.loop import forever


@dataclass(frozen=True, slots=True)
class Task:
    """Work done in batches; any number of replicas may be at it at once."""

    name: str
    run: Callable[[Database], Awaitable[int]]
    """Does one batch in a transaction of its own; returns how many rows that were."""
    every: float
    """Seconds between rounds."""
    batch: int = 1000
    """A round ends with the first batch that is smaller."""
    last: bool = False
    """Whether it is run once more as the service stops: it stores what is in memory only."""


def purge_of(table: str, instant: str, keep: timedelta, *, every: float, batch: int = 1000) -> Task:
    """Return the task that deletes rows of `table` whose column `instant`, indexed, is so far back.

    What somebody else is at is passed over: nobody waits for anybody.
    """
    delete = f"""
        DELETE FROM {table} WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM {table} WHERE {instant} < :before
            ORDER BY {instant} LIMIT :batch FOR UPDATE SKIP LOCKED
        ))
        RETURNING true
        """  # noqa: S608 - names of our own

    async def run(db: Database) -> int:
        async with db.write() as session:
            return len(await session.run(delete, before=clock.now() - keep, batch=batch))

    return Task(f"purge of {table}", run, every=every, batch=batch)


async def repeat(task: Task, db: Database) -> None:
    """Run `task` round after round, whatever happens; ends by cancellation."""
    try:
        await forever(
            f"{task.name} of {db.service}",
            lambda: task.run(db),
            full=task.batch,
            woken=asyncio.Event(),
            poll=task.every,
        )
    finally:
        if task.last:
            await task.run(db)
