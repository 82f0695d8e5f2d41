"""Work that takes a core for itself: one thread does it, a few may wait, the others are refused."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from libs.common.errors import ApiError

T = TypeVar("T")


async def in_turn(
    worker: ThreadPoolExecutor, places: BoundedSemaphore, work: Callable[[], T], *, full: ApiError
) -> T:
    """Return what `work` returns, done by `worker` while the event loop goes on.

    Its place is free again when the work has ended, which it does even if nobody waits any more:
    who hangs up and comes again stands in the queue once more.

    Raises:
        ApiError: `full`; every place is taken.
    """
    if not places.acquire(blocking=False):
        raise full
    turn = worker.submit(work)
    turn.add_done_callback(lambda _: places.release())
    return await asyncio.wrap_future(turn)
