"""Head and body in one write, without giving up back-pressure or the end of an answer."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from gateway.connection import MOST_HELD, ClientConnection
from gateway.tests.rig import served


class Counting:
    """A transport that keeps the sizes of what is written to it."""

    def __init__(self, transport: Any, writes: list[int]) -> None:
        self._transport = transport
        self._writes = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._writes.append(len(data))
        self._transport.write(data)


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of all writes to the sockets of servers."""
    sizes: list[int] = []
    begin = ClientConnection.connection_made

    def counted(self: ClientConnection, transport: Any) -> None:
        counting: Any = Counting(transport, sizes)
        begin(self, counting)

    monkeypatch.setattr(ClientConnection, "connection_made", counted)
    return sizes


async def get(address: tuple[str, int], *, times: int = 1) -> bytes:
    """Send pipelined requests, the last of which closes; give all that comes back."""
    reader, writer = await asyncio.open_connection(*address)
    request = b"GET / HTTP/1.1\r\nhost: x\r\n"
    writer.write((request + b"\r\n") * (times - 1) + request + b"connection: close\r\n\r\n")
    received = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return received


async def small(scope: Scope, receive: Receive, send: Send) -> None:
    length = (b"content-length", b"2")
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_a_small_answer_is_one_write(writes: list[int]) -> None:
    async with served(small) as address:
        received = await get(address)
    assert received.endswith(b"\r\n\r\nok")
    assert writes == [len(received)]


async def test_answers_to_pipelined_requests_are_all_there() -> None:
    async with served(small) as address:
        received = await get(address, times=20)
    assert received.count(b"HTTP/1.1 200 OK") == 20
    assert received.count(b"\r\n\r\nok") == 20


async def test_who_writes_without_waiting_is_held_back(writes: list[int]) -> None:
    """The app never gives the loop a turn of its own accord: only back-pressure stops it."""
    ahead = 0
    read = asyncio.Event()

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal ahead
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(4000):
            await send({"type": "http.response.body", "body": b"x" * 16384, "more_body": True})
            ahead += 0 if read.is_set() else 16384
        await send({"type": "http.response.body", "body": b""})

    async with served(flood) as address:
        reader, writer = await asyncio.open_connection(*address, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        seen = -1
        while seen != ahead or not ahead:  # until the app is stuck
            seen = ahead
            await asyncio.sleep(0.1)
        assert ahead < 24 * 1024 * 1024
        assert max(writes) < 2 * MOST_HELD
        read.set()
        total = 0
        while part := await reader.read(1024 * 1024):
            total += len(part)
        writer.close()
    assert total > 4000 * 16384


async def test_an_event_does_not_wait_for_the_next(writes: list[int]) -> None:
    more = asyncio.Event()

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await more.wait()
        await send({"type": "http.response.body", "body": b""})

    async with served(events) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"data: 1\n\n"), 5)
        more.set()
        await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
        writer.close()
    assert len(writes) == 2
