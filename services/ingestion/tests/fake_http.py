"""A small HTTP server on a real socket for the fakes of outside APIs, which can misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer, and how it fails to arrive."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    cut: bool = False
    """Whether the connection breaks in the middle of the body."""

    def content(self) -> bytes:
        """Return the body's bytes: JSON, unless it is bytes already."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@asynccontextmanager
async def serving(answer: Callable[[Asked], Reply]) -> AsyncIterator[str]:
    """Serve on a free port as long as this lasts; give the base URL."""
    under_way: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await _send(writer, answer(await _receive(reader)))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side went away, or the test has ended
        finally:
            under_way.discard(task)
            writer.transport.abort() if writer.is_closing() else writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in under_way.copy():
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _receive(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (n.partition(":") for n in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    address = urlsplit(target)
    return Asked(method, address.path, dict(parse_qsl(address.query)), headers, body)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    await asyncio.sleep(reply.delay)
    content = reply.content()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Connection": "close",
        **reply.headers,
    }
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {told}" for name, told in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    writer.write(content[: len(content) // 2] if reply.cut else content)
    await writer.drain()
