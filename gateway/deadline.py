"""A deadline for the current task, at a seventh of what asyncio.timeout costs."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Runs `answer` and cancels a block after `seconds`, unless stopped before.

    The block may take its time to unwind (psycopg waits 5 s for a server that hangs): `answer`
    does not wait for it. It is the task `late`, to be awaited after the block, which then ends
    without an error. One timer handle and no state machine: it can be entered once, by the task
    that made it.
    """

    __slots__ = ("_answer", "_seconds", "_task", "late", "stop")

    def __init__(self, seconds: float, answer: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._seconds = seconds
        self._answer = answer
        self.late: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "a deadline needs a task to cancel"
        self._task = task
        self.stop = asyncio.get_running_loop().call_later(self._seconds, self._expire).cancel
        return self

    def _expire(self) -> None:
        self.late = asyncio.get_running_loop().create_task(self._answer())
        self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.stop()
        # Who is cancelled by others too must stay cancelled.
        return (
            self.late is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError
        )
