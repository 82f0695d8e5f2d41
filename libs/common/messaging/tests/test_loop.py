"""The loop of relays and workers goes on after whatever error, and ends when it is told to."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from libs.common.messaging import consumes
from libs.common.messaging.loop import forever
from libs.common.messaging.tests.conftest import Happened, Rig, effect
from libs.common.sessions import WriteSession


@consumes(Happened)
async def note(session: WriteSession, event: Happened) -> None:
    await effect(session, event.number)


async def failing() -> int:
    try:
        await asyncio.Event().wait()
    finally:
        raise ConnectionError("lost")


async def succeeding() -> int:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    return 0


@pytest.mark.parametrize("step", [failing, succeeding])
async def test_a_cancellation_ends_it_whatever_the_step_makes_of_it(step: Any) -> None:
    task = asyncio.create_task(forever("a loop", step, full=1, woken=asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


async def test_a_stop_ends_whatever_happens_to_the_connections_meanwhile(rig: Rig) -> None:
    await rig.listen(rig.worker(note))
    for stop in range(10):
        await asyncio.gather(rig.alpha.close(), rig.beta.close())  # of what the last round cut
        await rig.say(*range(stop * 50, stop * 50 + 50))
        async with asyncio.timeout(5), rig.running():
            await asyncio.sleep(0.02)
            cuts = [asyncio.to_thread(rig.server.cut, service) for service in ("alpha", "beta")]
            cutting = asyncio.gather(*cuts)
            await asyncio.sleep(0.002 * stop)
        await cutting
    await asyncio.gather(rig.alpha.close(), rig.beta.close())
    await rig.until_done(*range(500))
