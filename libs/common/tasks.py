"""What a service does by the clock: purges, expiries, collections."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

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
