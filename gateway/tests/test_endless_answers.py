"""Answers without an end of their own: no deadline cuts them, a stop ends them, readers read."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway import connection
from gateway.tests.conftest import Make
from gateway.tests.rig import OK, Client, answering, call, proxied, read_head, scope, served, until
from libs.common.asgi import ENDINGS

EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PIECE = b"x" * 16384


async def test_a_stop_ends_a_stream_as_if_it_were_whole() -> None:
    endings: set[Callable[[], None]] = set()
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(EVENTS + b"9\r\ndata: 1\n\n\r\n")
        try:
            await reader.read()
        finally:
            closed.set()

    async with proxied(script) as proxy:
        client = Client()
        asked = scope() | {"state": {ENDINGS: endings}}
        streaming = asyncio.create_task(proxy(asked, client.receive, client.send))
        await until(lambda: client.content == b"data: 1\n\n")
        [end] = endings
        end()
        await asyncio.wait_for(streaming, 5)
        assert client.complete
        assert (client.content, endings) == (b"data: 1\n\n", set())
        await asyncio.wait_for(closed.wait(), 5)
        assert proxy.pool.idle == []


async def test_a_stop_lets_other_answers_end_by_themselves() -> None:
    noted: list[int] = []

    class Watching(Client):
        async def send(self, message: Message) -> None:
            noted.append(len(endings))
            await super().send(message)

    endings: set[Callable[[], None]] = set()
    async with proxied(answering(OK)) as proxy:
        client = Watching()
        asked = scope() | {"state": {ENDINGS: endings}}
        await proxy(asked, client.receive, client.send)
    assert client.content == b"ok"
    assert set(noted) == {0}


async def test_the_deadline_is_for_the_head_only(make_gateway: Make) -> None:
    waited = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, waited.set)

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await waited.wait()
        await send({"type": "http.response.body", "body": b"late"})

    gateway = make_gateway(jobs=events, upstream_timeout_seconds=0.1)
    client = await call(gateway, scope(path="/api/v1/jobs"))
    assert (client.status, client.content) == (200, b"late")


@asynccontextmanager
async def flooding(ended: asyncio.Event) -> AsyncIterator[socket.socket]:
    """Give a client, who has asked a server that writes as long as it is read, and then sets."""

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        leaving = asyncio.ensure_future(receive())
        while not leaving.done():
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            await asyncio.sleep(0)
        ended.set()

    async with served(flood) as address:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, address)
            client.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            yield client


async def test_who_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.3)
    ended = asyncio.Event()
    async with flooding(ended):
        await asyncio.wait_for(ended.wait(), 10)


async def test_who_reads_slowly_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """He takes a little within each span: enough to show that he is there."""
    monkeypatch.setattr(connection, "STALL_SECONDS", 1.0)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with flooding(ended) as client:
        end = loop.time() + 4
        while loop.time() < end:
            assert await loop.sock_recv(client, 32768)
            await asyncio.sleep(0.02)
        assert not ended.is_set()
