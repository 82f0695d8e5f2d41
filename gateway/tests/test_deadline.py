"""A deadline takes no cancellation for its own that was somebody else's."""

import asyncio

import pytest

from gateway.deadline import Deadline
from gateway.errors import DeadlineExpired


async def test_it_expires() -> None:
    with pytest.raises(DeadlineExpired), Deadline(0.01):
        await asyncio.Event().wait()
    await asyncio.sleep(0)  # the task is not cancelled any more


async def test_it_can_be_stopped() -> None:
    expired = asyncio.Event()
    with Deadline(0.01) as deadline:
        deadline.stop()
        asyncio.get_running_loop().call_later(0.05, expired.set)
        await expired.wait()
    assert expired.is_set()


@pytest.mark.parametrize("expired", [False, True])
async def test_who_is_cancelled_by_others_stays_cancelled(expired: bool) -> None:
    entered = asyncio.Event()
    deadline = Deadline(60)

    async def work() -> None:
        with deadline:
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await entered.wait()
    if expired:
        deadline._expire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_inside_comes_out() -> None:
    with pytest.raises(LookupError), Deadline(60):
        raise LookupError
