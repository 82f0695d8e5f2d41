"""uvicorn's HTTP protocol, but with bounded heads, refusals in the envelope, one write an answer.

uvicorn waits for ever for a head and takes one of any size (slowloris), and answers plain text to
what it cannot read. It also writes head and body one by one, and uvloop makes a system call of
each, which wakes the reader twice: 6 µs of the 26 that a small answer costs. Give the class to
uvicorn as `http=`.
"""

import asyncio
import logging
from fcntl import ioctl
from functools import partial
from sys import byteorder
from termios import TIOCOUTQ
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.app import CATALOGUE, VARY
from gateway.errors import HeadersTooLarge, MalformedRequest, RequestTimeout
from libs.common.context import entered, language
from libs.common.envelope import failure
from libs.common.errors import ApiError, ServiceUnavailable
from libs.common.handlers import request_context
from libs.common.i18n import speaking

log = logging.getLogger("gateway")

MOST_HELD: Final = 64 * 1024  # bytes
HEAD_SECONDS: Final = 10.0  # from the connection, or from the first byte on a kept one
MOST_HEAD: Final = 64 * 1024  # bytes of a head, of chunk framing, or of trailers
MOST_HEADERS: Final = 200
LINGER_SECONDS: Final = 2.0
LAST_CALL_SECONDS: Final = 1.0  # at a stop, for who is just about to ask
STALL_SECONDS: Final = 30.0  # without a byte taken of an answer that fills all buffers


class ClientConnection(HttpToolsProtocol):
    """Serves one connection."""

    timer: asyncio.TimerHandle | None = None  # runs while a head is awaited
    stall: asyncio.TimerHandle | None = None  # runs while nothing more can be written
    unframed = 0  # bytes since a head ended or a body went on
    refused = False
    ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(cast("asyncio.Transport", GatheringTransport(transport, self.loop)))
        self.timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_timer()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends; what comes after a refusal is dropped."""
        self._unset_keepalive_if_required()
        while data and not self.refused:
            room = MOST_HEAD - self.unframed
            if not room:
                self.refuse(HeadersTooLarge({"bytes": MOST_HEAD}))
                return
            part, data = (data, b"") if len(data) <= room else (data[:room], data[room:])
            self._feed(part)

    def _feed(self, data: bytes) -> None:
        self.unframed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.refuse(cause if isinstance(cause, ApiError) else MalformedRequest())
            return
        except httptools.HttpParserUpgrade:  # the parser takes no more; we speak nothing else
            self.cycle.keep_alive = False
        cycle = self.cycle
        if cycle is None or cycle.response_complete or cycle.scope is not self.scope:
            if self.timer is None:  # a head has begun, or something that is none
                self.timer = self.loop.call_later(HEAD_SECONDS, self._late)
        elif self.timer is not None:
            self._stop_timer()

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the head itself is refused (RFC 9112 §3.2 on Host)."""
        if len(self.headers) > MOST_HEADERS:
            raise HeadersTooLarge({"headers": MOST_HEADERS})
        hosts = len([name for name, _ in self.headers if name == b"host"])
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            raise MalformedRequest({"reason": "host"})
        super().on_headers_complete()
        # Else what a stop gives up, when it has waited long enough, would be told in plain text.
        self.cycle.send_500_response = partial(  # type: ignore[method-assign]
            self._give_up, self.headers
        )
        if self.ending:
            self._answer_last()
        self.unframed = 0
        self.headers = []  # trailers go nowhere

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self.unframed = 0
        super().on_body(body)

    def refuse(self, error: ApiError) -> None:
        """Answer what will never be a request, after the answers that are under way, and close."""
        self.refused = True
        self._stop_timer()
        cycle = self.cycle
        busy = cycle is not None and not cycle.response_complete
        if busy and not cycle.more_body:
            cycle.keep_alive = False
        elif self.pipeline or (busy and cycle.response_started):
            self.transport.close()
        else:
            if busy:  # the body broke off: its reader need not go on
                cycle.disconnected = True
                cycle.message_event.set()
            self.transport.write(self._refusal(error, self.headers or []))
            # Closed at once, with bytes of the client still unread, TCP might take the answer
            # back (RFC 9112 §9.6).
            self.transport.write_eof()
            self.timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    async def _give_up(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.transport.write(self._refusal(ServiceUnavailable(), headers))
        self.transport.close()

    def _refusal(self, error: ApiError, asked: list[tuple[bytes, bytes]]) -> bytes:
        """Build the answer; of ids and language what was read so far counts."""
        context = request_context({"headers": asked})
        with entered(context), speaking(CATALOGUE):
            response, spoken = failure(error), language()
            log.info("refused %s: %d %s", self.client, error.status, error.code)
        headers = [
            *self.server_state.default_headers,
            *response.raw_headers,
            (b"x-request-id", context.request_id.encode()),
            (b"traceparent", context.traceparent.encode()),
            (b"content-language", spoken.encode()),
            VARY,
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        return b"%b%b\r\n%b" % (STATUS_LINE[error.status], lines, bytes(response.body))

    def shutdown(self) -> None:
        """Close at a stop: after an answer that says so, or when nobody has asked for a while.

        Closed at once, a kept connection may meet a request that is on its way: it would be lost.
        """
        self.ending = True
        if self._is_idle():
            self.loop.call_later(LAST_CALL_SECONDS, self._close_idle)
        else:
            self._answer_last()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_idle(self) -> None:
        if self._is_idle():
            self.transport.close()

    def _answer_last(self) -> None:
        self.cycle.keep_alive = False
        self.cycle.default_headers = [*self.cycle.default_headers, (b"connection", b"close")]

    def pause_writing(self) -> None:
        """Hold the answer back until the client has read; he need not read fast, but some."""
        super().pause_writing()
        self._await_reader(self._unread())

    def resume_writing(self) -> None:
        """Go on."""
        if self.stall is not None:
            self.stall.cancel()
            self.stall = None
        super().resume_writing()

    def _await_reader(self, unread: int) -> None:
        self.stall = self.loop.call_later(STALL_SECONDS, self._look_again, unread)

    def _look_again(self, before: int) -> None:
        unread = self._unread()
        if unread < before:
            self._await_reader(unread)
        else:
            self.transport.abort()

    def _unread(self) -> int:
        """Return how many bytes the client has not taken; the kernel may hold megabytes of them."""
        unread: int = self.transport.get_write_buffer_size()
        try:
            socket = self.transport.get_extra_info("socket")
            return unread + int.from_bytes(ioctl(socket, TIOCOUTQ, bytes(4)), byteorder)
        except OSError:  # it does not tell
            return unread

    def _late(self) -> None:
        self.refuse(RequestTimeout())

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class GatheringTransport:
    """A transport that holds what is written until the loop's next turn, 64 KiB at most.

    Whatever is more goes out at once, so that back-pressure reaches who writes without waiting.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write `data`, now or soon."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._flush()

    def close(self) -> None:
        """Write what is held, then close."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """Write what is held, then say that no more follows."""
        self._flush()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _flush(self) -> None:
        if self._held:
            data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
            self._held.clear()
            self._size = 0
            if not self._transport.is_closing():
                self._transport.write(data)
