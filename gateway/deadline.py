"""A deadline for the current task, at a seventh of what asyncio.timeout costs."""

import asyncio
from types import TracebackType
from typing import Self

from gateway.errors import DeadlineExpired


class Deadline:
    """Cancels a block after `seconds` unless stopped before; the block then ends DeadlineExpired.

    One timer handle and no state machine: it can be entered once, by the task that made it.
    """

    __slots__ = ("_expired", "_seconds", "_task", "stop")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "a deadline needs a task to cancel"
        self._task = task
        self.stop = asyncio.get_running_loop().call_later(self._seconds, self._expire).cancel
        return self

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        # Who is cancelled by others too must stay cancelled.
        if self._expired and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise DeadlineExpired from exception
