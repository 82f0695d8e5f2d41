"""One open stream, and the answer that it is: text/event-stream (WHATWG HTML §9.2)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from random import uniform
from time import monotonic

from fastapi import Response
from starlette.types import Receive, Scope, Send

from libs.common.asgi import ended_at_stop
from libs.common.context import Language
from libs.common.identity import Identity
from services.messaging.stream.cursor import Cursor

BEAT_SECONDS = 15.0
"""No reader, and no proxy between, hears nothing for longer."""
_OPENING, _BEAT = b"retry: 3000\n\n", b":\n\n"


class Stream:
    """What one reader is told. It holds one piece at a time: what more there is waits in rows."""

    def __init__(self, reader: Identity, language: Language, cursor: Cursor | None) -> None:
        self.reader = reader
        self.language = language
        self.cursor = cursor
        """Up to where he was told; None before the first look."""
        self.ready = False
        """Whether he was told all that there was before he came."""
        self._chunk = _OPENING
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None
        self._on_taken: Callable[[], None] | None = None
        self._quiet_since = monotonic() - uniform(0, BEAT_SECONDS)  # noqa: S311 - beats spread out

    def put(self, chunk: bytes) -> None:
        """Tell something more."""
        if not self._ended:
            self._chunk += chunk
            self._quiet_since = monotonic()
            self._wake()

    def beat(self, now: float) -> None:
        """Tell that nothing happens, if nothing does."""
        if not self._chunk and now - self._quiet_since >= BEAT_SECONDS:
            self.put(_BEAT)

    def end(self, last: bytes = b"") -> None:
        """End with `last`; what was not sent yet is told when he resumes."""
        if not self._ended:
            self._chunk = last
            self._ended = True
            self._wake()

    def busy(self, then: Callable[[], None]) -> bool:
        """Tell whether he has not taken the last piece; `then` is called once he has."""
        if self._chunk:
            self._on_taken = then
        return bool(self._chunk)

    async def take(self) -> bytes:
        """Wait for the next piece; there is none, b"", after the last."""
        while not self._chunk and not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        chunk, self._chunk = self._chunk, b""
        then, self._on_taken = self._on_taken, None
        if then is not None:
            then()
        return chunk

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class EventStream(Response):
    """Answers with all that a stream is told, until it ends or the reader leaves."""

    media_type = "text/event-stream"

    def __init__(
        self, stream: Stream, opened: Callable[[Stream], AbstractContextManager[None]]
    ) -> None:
        """Make the answer; the stream is `opened` while it is sent."""
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._stream = stream
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if (b"x-asked-head", b"1") not in scope["headers"]:
            with self._opened(self._stream), ended_at_stop(scope, self._stream.end):
                await _send_all(self._stream, receive, send)
        await send({"type": "http.response.body", "body": b""})


async def _send_all(stream: Stream, receive: Receive, send: Send) -> None:
    leaving = asyncio.create_task(_end_when_left(stream, receive))
    try:
        while chunk := await stream.take():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        leaving.cancel()


async def _end_when_left(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
