"""What drives relays and workers: for ever in production, until all is quiet in tests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Protocol

from libs.common.errors import Unavailable
from libs.common.messaging.transport import TransportUnavailable

log = logging.getLogger(__name__)

POLL = 1.0  # seconds; the backstop where nobody woke us
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0  # seconds, after an error


async def forever(
    name: str,
    step: Callable[[], Awaitable[int]],
    *,
    full: int,
    woken: asyncio.Event,
    poll: float = POLL,
    gather: float = 0.0,
) -> None:
    """Call `step` again at once while it moves `full` rows, else when woken or after `poll` s.

    Woken, it waits for `gather` s: what comes meanwhile is moved in the same step.

    Any exception is logged and followed by a pause that doubles; only cancellation ends this.
    """
    failures = 0
    while True:
        pass_on_cancellation()
        woken.clear()
        try:
            moved = await step()
        except Exception as error:  # whatever it is, the next round may work
            failures += 1
            if failures & (failures - 1) == 0:  # the 1st, 2nd, 4th, 8th …: an outage is no flood
                known = isinstance(error, TransportUnavailable | Unavailable)
                log.warning("%s fails (%d): %s", name, failures, error, exc_info=not known)
            await asyncio.sleep(min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE))
            continue
        if failures:
            log.info("%s works again after %d failures", name, failures)
            failures = 0
        if moved < full:
            with suppress(TimeoutError):
                async with asyncio.timeout(poll):
                    await woken.wait()
                    await asyncio.sleep(gather)


def pass_on_cancellation() -> None:
    """Raise CancelledError where this task was cancelled and something else came of it.

    Who tidies up as he is cancelled may fail at that, a rollback over a connection that is lost
    say, and his error takes the cancellation's place. A loop that goes on after errors would then
    go on for ever, and so would the stop that waits for it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Stepped(Protocol):
    """A relay or a worker."""

    async def step(self) -> int:
        """Do one batch; return how many rows it moved."""

    async def pending(self) -> int:
        """Return how many rows are due and not yet dealt with, by anyone."""


class Retrying(Stepped, Protocol):
    """A worker, whose failed rows are due later."""

    async def hasten(self) -> None:
        """Make every retry due now."""


async def settle(
    relays: Iterable[Stepped],
    workers: Iterable[Retrying],
    timeout: float = 10.0,
    *,
    retries_now: bool = False,
    pause: float = 0.0,
) -> None:
    """Step all of them until twice in a row nothing moves and nothing is due; for tests.

    It may run beside their own `run()`. What is under way inside a broker is not seen: give a
    `pause` (seconds) between rounds there. `retries_now` does not wait for back-off.

    Raises:
        TimeoutError: it is not quiet after `timeout` seconds.
        TransportUnavailable: as the relay's step.
    """
    relays, workers = list(relays), list(workers)
    stepped: list[Stepped] = [*relays, *workers]
    quiet = 0
    async with asyncio.timeout(timeout):
        while quiet < 2:
            if retries_now:
                for worker in workers:
                    await worker.hasten()
            busy = 0
            for one in stepped:
                busy += await one.step() + await one.pending()
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(pause)
