"""Keep-alive connections to one upstream: answers parsed by httptools, with back-pressure."""

import asyncio
from collections import deque
from socket import SOCK_STREAM
from typing import Any, Final

import httptools
from starlette.types import Receive

from gateway.errors import ClientGone, UpstreamUnavailable

Headers = list[tuple[bytes, bytes]]

TICK: Final = 0.25  # seconds between sweeps
IDLE_TICKS: Final = 16  # 4 s idle: below uvicorn's own 5 s, so stale connections stay rare
MAX_IDLE: Final = 128
MAX_OVERHEAD: Final = 64 * 1024  # bytes of head, chunk framing or trailers that bring no body
HIGH_WATER: Final = 128 * 1024  # bytes of an answer held for a client who reads slowly

# RFC 9110 §7.6.1, and two that the server in front writes itself.
DROPPED_FROM_ANSWERS: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate te trailer transfer-encoding "
    b"upgrade date server".split()
)


def named_by(connection: bytes) -> frozenset[bytes]:
    """The header names (lower case) that a Connection header declares hop-by-hop."""
    return frozenset(token.strip().lower() for token in connection.split(b","))


class Connection(asyncio.Protocol):
    """One TCP connection to an upstream; carries one exchange at a time.

    `begin` writes a request, `answer` and `read` wait for what comes back, `finish` gives the
    connection back to its pool, or closes it where it cannot be used again.
    """

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.loop = asyncio.get_running_loop()
        self.transport: Any = None  # asyncio.Transport; Any spares a cast in every method
        self.parser = httptools.HttpResponseParser(self)
        self.idle_since = 0
        self.receive: Receive | None = None  # set while an exchange is under way
        self.task: asyncio.Task[None] | None = None  # sends the body, watches for the client
        self.waiter: asyncio.Future[None] | None = None
        self.write_waiter: asyncio.Future[None] | None = None

    def begin(self, data: bytes, receive: Receive, *, head: bool, sent: bool) -> None:
        """Write a request: `head` for HEAD, `sent` when `data` holds the whole of it."""
        self.receive = receive
        self.head = head
        self.sent = sent
        self.headers: Headers | deque[tuple[bytes, bytes]] = []
        self.answer_headers: Headers = []
        self.status = 0
        self.chunks: list[bytes] = []
        self.buffered = 0
        self.overhead = 0
        self.heard = self.done = self.paused = self.until_close = self.reusable = False
        self.failure: Exception | None = None
        self.transport.write(data)

    async def answer(self) -> tuple[int, Headers]:
        """Status and end-to-end headers; raises what broke the exchange."""
        while not self.status and self.failure is None:
            await self._wait()
        if self.failure is not None:
            raise self.failure
        return self.status, self.answer_headers

    async def read(self) -> tuple[bytes, bool]:
        """The next piece of the answer's body, and whether more follows."""
        while not self.chunks and not self.done and self.failure is None:
            await self._wait()
        if self.chunks:
            body = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
            self.chunks.clear()
            self.buffered = 0
            if self.paused:
                self.paused = False
                self.transport.resume_reading()
            return body, not self.done
        if self.failure is not None:
            raise self.failure
        return b"", False

    async def write(self, data: bytes) -> None:
        """More of the request; waits while the upstream reads slowly."""
        if self.failure is None and not self.transport.is_closing():
            self.transport.write(data)
            if self.write_waiter is not None:
                await self.write_waiter

    async def watch(self) -> None:
        """End the exchange when the client leaves.

        At most one message is left of a request without a body; a `receive` that still has
        something to say after it is no server's, and there is no client to wait for.
        """
        for _ in range(2):
            if self.receive is not None and (await self.receive())["type"] == "http.disconnect":
                self.fail(ClientGone())
                return

    def fail(self, failure: Exception) -> None:
        """Break the exchange off: whoever waits for the answer gets `failure`."""
        if self.failure is None:
            self.failure = failure
            self.transport.abort()
            self._wake()

    def end(self) -> None:
        """Take what has come so far for the whole answer."""
        self.done = True
        self.reusable = False
        self._wake()

    def finish(self) -> None:
        """End the exchange, however it went."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self.receive = None
        if self.done and self.sent and self.reusable and self.failure is None:
            self.pool.give_back(self)
        else:
            self.transport.abort()

    async def _wait(self) -> None:
        self.waiter = self.loop.create_future()
        await self.waiter

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.pool.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.receive is None:  # nobody asked: an answer now would be taken for the next one's
            self.transport.abort()
            return
        self.heard = True
        self.overhead += len(data)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.reusable = False
            if not self.done:
                self.fail(UpstreamUnavailable(f"malformed answer: {error.__context__ or error}"))
        if self.overhead > MAX_OVERHEAD and not self.done:
            self.fail(UpstreamUnavailable("malformed answer: head, framing or trailers too large"))
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool.forget(self)
        self.resume_writing()
        if self.receive is None or self.done:
            return
        if self.until_close and exc is None and self.failure is None:
            self.done = True
            self._wake()
        else:
            self.fail(UpstreamUnavailable(f"connection lost: {exc or 'closed by the upstream'}"))

    def pause_writing(self) -> None:
        self.write_waiter = self.loop.create_future()

    def resume_writing(self) -> None:
        if self.write_waiter is not None:
            if not self.write_waiter.done():
                self.write_waiter.set_result(None)
            self.write_waiter = None

    # httptools' callbacks

    def on_message_begin(self) -> None:
        if self.done:
            self.reusable = False  # more than was asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.done:
            return
        status: int = self.parser.get_status_code()
        if status < 200:  # 100 and 103 are for the next hop only
            self.headers = []
            return
        self.answer_headers = self._end_to_end(status)
        self.headers = deque(maxlen=0)  # trailers go nowhere
        self.reusable = self.parser.should_keep_alive()
        self.overhead = 0
        self.status = status
        if self.head:
            self.done = True
            self.parser = httptools.HttpResponseParser(self)  # the old one waits for a body

    def _end_to_end(self, status: int) -> Headers:
        """What the client gets; notes whether the body lasts until the connection closes."""
        empty = status in (204, 304)
        sized = empty or self.head
        kept: Headers = []
        hop: frozenset[bytes] = frozenset()
        codings = 0
        for pair in self.headers:
            name = pair[0]
            if name not in DROPPED_FROM_ANSWERS:
                if name == b"content-length":
                    sized = True
                    if empty:  # legal on 304, but servers take it for the length of a body
                        continue
                kept.append(pair)
            elif name == b"connection":
                hop |= named_by(pair[1])
            elif name == b"transfer-encoding":
                codings += 1
                sized = True
                if pair[1].lower() != b"chunked" or codings > 1:
                    raise ValueError("transfer-encoding other than chunked")
        self.until_close = not sized
        return [pair for pair in kept if pair[0] not in hop] if hop else kept

    def on_body(self, body: bytes) -> None:
        if self.done:
            self.reusable = False
            return
        self.overhead = 0
        self.chunks.append(body)
        self.buffered += len(body)
        if self.buffered > HIGH_WATER and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.status:
            self.done = True


class Pool:
    """Connections to one address: the last one used is the first to be used again."""

    def __init__(self, host: str, port: int, connect_timeout: float) -> None:
        self.host = host
        self.port = port
        self.connect_timeout = connect_timeout
        self.connections: set[Connection] = set()
        self.idle: list[Connection] = []
        self.clock = 0
        self.timer: asyncio.TimerHandle | None = None
        self.closed: asyncio.Future[None] | None = None
        self.lookup: asyncio.Task[list[Any]] | None = None  # of the host's addresses

    def take(self) -> Connection | None:
        """An idle connection that still looks open."""
        while self.idle:
            connection = self.idle.pop()
            if not connection.transport.is_closing():
                return connection
        return None

    async def connect(self) -> Connection:
        """A new connection; UpstreamUnavailable when none is to be had in time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.connect_timeout):
                connection = await self._reach(await self._addresses())
        except OSError as error:
            raise UpstreamUnavailable(f"cannot connect: {error or 'timed out'}") from error
        if self.timer is None:
            self.timer = loop.call_later(TICK, self._sweep)
        return connection

    def _addresses(self) -> asyncio.Future[list[Any]]:
        """Look the host up, once for all who wait for it.

        A lookup that is given up goes on: it holds one of the resolver's two threads, which others
        need, and a stop waits for its end. A name that nobody knows may take it ten seconds.
        """
        if self.lookup is None:
            loop = asyncio.get_running_loop()
            asked = loop.getaddrinfo(self.host, self.port, type=SOCK_STREAM)
            self.lookup = loop.create_task(asked, name=f"lookup of {self.host}")
            self.lookup.add_done_callback(self._looked_up)
        return asyncio.shield(self.lookup)

    def _looked_up(self, lookup: asyncio.Task[list[Any]]) -> None:
        self.lookup = None
        if not lookup.cancelled():
            lookup.exception()  # nobody may be waiting for it any more

    async def _reach(self, addresses: list[Any]) -> Connection:
        loop = asyncio.get_running_loop()
        failure = OSError("no address")
        for *_, (host, port, *_) in addresses:
            try:
                _, connection = await loop.create_connection(lambda: Connection(self), host, port)
            except OSError as error:
                failure = error
            else:
                return connection
        raise failure

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request, or close it where enough are idle."""
        if len(self.idle) < MAX_IDLE and self.closed is None:
            connection.idle_since = self.clock
            self.idle.append(connection)
        else:
            connection.transport.close()

    def forget(self, connection: Connection) -> None:
        """A connection is closed."""
        self.connections.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)
        if self.closed is not None and not self.connections and not self.closed.done():
            self.closed.set_result(None)

    def _sweep(self) -> None:
        """Close what was idle for long; watch the clients of exchanges that take their time.

        A watcher costs a task, so an exchange that is over before the next sweep has none.
        """
        self.clock += 1
        for connection in self.connections:
            if connection.receive is not None and connection.task is None:
                connection.task = connection.loop.create_task(connection.watch())
        while self.idle and self.idle[0].idle_since <= self.clock - IDLE_TICKS:
            self.idle.pop(0).transport.close()
        again = bool(self.connections)
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(TICK, self._sweep) if again else None

    async def close(self) -> None:
        """Close every connection, those in use too, and wait until they are."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.connections:
            self.closed = asyncio.get_running_loop().create_future()
            for connection in self.connections:
                connection.transport.abort()
            await self.closed
