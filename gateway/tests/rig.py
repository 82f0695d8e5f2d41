"""Real sockets for the gateway's tests: a scripted upstream, a server, a raw client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import uvicorn
from starlette.types import Message

from gateway.connection import ClientConnection
from gateway.proxy import ReverseProxy

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def upstream(script: Script) -> AsyncIterator[str]:
    """Run `script` for each connection; gives the URL."""
    open_writers: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.add(writer)
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            open_writers.discard(writer)  # asyncio cannot abort what closed with bytes to write

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        for writer in open_writers:
            writer.transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def proxied(script: Script) -> AsyncIterator[ReverseProxy]:
    """A proxy before a scripted upstream."""
    async with upstream(script) as url:
        proxy = ReverseProxy(url)
        try:
            yield proxy
        finally:
            await proxy.close()


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[tuple[str, int]]:
    """Run `app` under uvicorn in this loop; gives host and port."""
    async with serving(app) as server:
        yield address_of(server)


def address_of(server: uvicorn.Server) -> tuple[str, int]:
    """Host and port."""
    address: tuple[str, int] = server.servers[0].sockets[0].getsockname()
    return address


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[uvicorn.Server]:
    """Run `app` under uvicorn in this loop; gives the server."""
    config = uvicorn.Config(
        app, port=0, log_config=None, lifespan="off", http=ClientConnection, proxy_headers=False
    )
    server = uvicorn.Server(config)
    listening = asyncio.get_running_loop().create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server
    finally:
        server.should_exit = server.force_exit = True
        await listening


async def until(condition: Callable[[], Any], deadline: float = 5.0) -> None:
    """Wait until `condition` holds; fail after `deadline` seconds."""
    end = monotonic() + deadline
    while not condition():
        assert monotonic() < end, "the condition did not come to hold in time"
        await asyncio.sleep(0.005)


def scope(
    method: str = "GET",
    path: str = "/x",
    headers: Sequence[tuple[bytes, bytes]] = (),
    query: bytes = b"",
) -> dict[str, Any]:
    """An HTTP scope as uvicorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("203.0.113.7", 4711),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


@dataclass
class Client:
    """An ASGI server's side of one request: what it says, what it is sent."""

    body: Sequence[bytes] = ()
    sent: list[Message] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    position: int = 0

    async def receive(self) -> Message:
        if self.position >= max(len(self.body), 1):
            await self.gone.wait()
            return {"type": "http.disconnect"}
        self.position += 1
        part = self.body[self.position - 1] if self.body else b""
        return {"type": "http.request", "body": part, "more_body": self.position < len(self.body)}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def content(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def complete(self) -> bool:
        return len(self.sent) > 1 and not self.sent[-1].get("more_body", False)


async def call(app: Any, request: Message, body: Sequence[bytes] = ()) -> Client:
    """Make one request of an ASGI app; fails where it takes more than 10 seconds."""
    client = Client(body)
    async with asyncio.timeout(10):
        await app(request, client.receive, client.send)
    return client


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """One request's or answer's head, blank line included."""
    return await reader.readuntil(b"\r\n\r\n")


def answering(*answers: bytes, then_close: bool = False) -> Script:
    """A script: for each request without body the next of `answers`; then hang up, or hang."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_head(reader)
            writer.write(answer)
            await writer.drain()
        if not then_close:
            await reader.read()

    return script


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
