"""A deadline answers in time, and takes no cancellation for its own that was somebody else's."""

import asyncio

import pytest

from gateway.deadline import Deadline


async def nothing() -> None:
    """Answer nobody."""


async def test_it_answers_before_the_block_has_unwound() -> None:
    answered, events = asyncio.Event(), []

    async def answer() -> None:
        events.append("answered")
        answered.set()

    with Deadline(0.01, answer) as deadline:
        try:
            await asyncio.Event().wait()
        finally:
            await answered.wait()
            events.append("unwound")
    assert events == ["answered", "unwound"]
    assert deadline.late is not None
    await asyncio.wait_for(deadline.late, 5)
    await asyncio.sleep(0)  # the task is not cancelled any more


async def test_it_can_be_stopped() -> None:
    expired = asyncio.Event()
    with Deadline(0.01, nothing) as deadline:
        deadline.stop()
        asyncio.get_running_loop().call_later(0.05, expired.set)
        await expired.wait()
    assert expired.is_set()
    assert deadline.late is None


@pytest.mark.parametrize("expired", [False, True])
async def test_who_is_cancelled_by_others_stays_cancelled(expired: bool) -> None:
    entered = asyncio.Event()
    deadline = Deadline(60, nothing)

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
    with pytest.raises(LookupError), Deadline(60, nothing):
        raise LookupError


async def test_an_error_while_unwinding_comes_out() -> None:
    async def work() -> None:
        with Deadline(0.01, nothing):
            try:
                await asyncio.Event().wait()
            finally:
                raise LookupError

    with pytest.raises(LookupError):
        await work()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
