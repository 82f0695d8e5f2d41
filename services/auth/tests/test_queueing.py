"""Places in a queue: taken as long as the work lasts, whoever hangs up."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event

import pytest

from libs.common.errors import ServiceUnavailable
from services.auth.queueing import in_turn

FULL = ServiceUnavailable()


@pytest.fixture
def worker() -> Iterator[ThreadPoolExecutor]:
    """One thread."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


async def test_who_hangs_up_frees_no_place_while_his_work_goes_on(
    worker: ThreadPoolExecutor,
) -> None:
    started, may_end, places = Event(), Event(), BoundedSemaphore(2)

    def work() -> bool:
        started.set()
        return may_end.wait(10)

    caller = asyncio.create_task(in_turn(worker, places, work, full=FULL))
    assert await asyncio.to_thread(started.wait, 10)
    waiting = asyncio.create_task(in_turn(worker, places, work, full=FULL))
    await asyncio.sleep(0)  # it has taken the second place
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    with pytest.raises(ServiceUnavailable):
        await in_turn(worker, places, work, full=FULL)
    may_end.set()
    assert await waiting
    assert await asyncio.gather(*(in_turn(worker, places, work, full=FULL) for _ in range(2)))


async def test_work_not_begun_is_not_done_for_nobody(worker: ThreadPoolExecutor) -> None:
    may_end, done, places = Event(), Event(), BoundedSemaphore(2)
    first = asyncio.create_task(in_turn(worker, places, lambda: may_end.wait(10), full=FULL))
    second = asyncio.create_task(in_turn(worker, places, done.set, full=FULL))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    third = asyncio.create_task(in_turn(worker, places, lambda: True, full=FULL))
    may_end.set()
    assert all(await asyncio.gather(first, third))
    assert not done.is_set()


async def test_what_goes_wrong_is_told_and_leaves_its_place(worker: ThreadPoolExecutor) -> None:
    places = BoundedSemaphore(1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await in_turn(worker, places, lambda: 1 // 0, full=FULL)
