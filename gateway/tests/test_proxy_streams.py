"""The proxy over time: reuse and retry, back-pressure both ways, clients that leave."""

import asyncio
import os
from time import monotonic

import psutil
import pytest
from starlette.types import Message

from gateway.errors import UpstreamUnavailable
from gateway.pool import IDLE_TICKS, MAX_IDLE
from gateway.tests.rig import (
    OK,
    Client,
    call,
    proxied,
    read_head,
    scope,
    served,
    until,
)

MB = 1024 * 1024


def memory() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


class Stale:
    """An upstream that answers once on its first connection and hangs up at the next request."""

    def __init__(self, before_cut: bytes = b"") -> None:
        self.heads: list[bytes] = []
        self.connections = 0
        self.before_cut = before_cut

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        first = self.connections == 1
        while True:
            self.heads.append(await read_head(reader))
            if first and len(self.heads) == 2:
                writer.write(self.before_cut)
                return
            writer.write(OK)


async def test_the_connection_used_last_is_used_next() -> None:
    upstream = Stale()
    async with proxied(upstream) as proxy:
        await call(proxy, scope())
        assert upstream.connections == 1
        (idle,) = proxy.pool.idle
        other = await proxy.pool.connect()
        other.idle_since = 0
        proxy.pool.idle.insert(0, other)
        assert proxy.pool.take() is idle


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
async def test_a_stale_connection_costs_one_retry(method: str) -> None:
    upstream = Stale()
    async with proxied(upstream) as proxy:
        await call(proxy, scope())
        client = await call(proxy, scope(method))
        assert client.status == 200
        assert upstream.connections == 2
        assert len(upstream.heads) == 3


async def test_a_post_is_not_sent_twice() -> None:
    upstream = Stale()
    async with proxied(upstream) as proxy:
        await call(proxy, scope())
        with pytest.raises(UpstreamUnavailable):
            await call(proxy, scope("POST"))
        assert len(upstream.heads) == 2


async def test_a_body_is_not_sent_twice() -> None:
    upstream = Stale()
    async with proxied(upstream) as proxy:
        await call(proxy, scope())
        with pytest.raises(UpstreamUnavailable):
            await call(proxy, scope("PUT", "/x", [(b"content-length", b"3")]), [b"abc"])
        assert len(upstream.heads) == 2


async def test_no_retry_once_something_came_back() -> None:
    upstream = Stale(before_cut=b"HTTP/1.1 2")
    async with proxied(upstream) as proxy:
        await call(proxy, scope())
        with pytest.raises(UpstreamUnavailable):
            await call(proxy, scope())
        assert len(upstream.heads) == 2


async def test_idle_connections_expire_and_are_bounded() -> None:
    started = 0
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal started
        await read_head(reader)
        started += 1
        await go.wait()
        writer.write(OK)
        await reader.read()

    async with proxied(script) as proxy:
        calls = [asyncio.create_task(call(proxy, scope())) for _ in range(MAX_IDLE + 10)]
        await until(lambda: started == MAX_IDLE + 10)
        go.set()
        await asyncio.gather(*calls)
        assert len(proxy.pool.idle) == MAX_IDLE
        proxy.pool.clock += IDLE_TICKS  # as if so much time had passed
        await until(lambda: not proxy.pool.connections)
        assert proxy.pool.idle == []
        await until(lambda: proxy.pool.timer is None)


async def test_events_arrive_one_by_one() -> None:
    steps: asyncio.Queue[bytes] = asyncio.Queue()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        while event := await steps.get():
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")

    async with proxied(script) as proxy:
        client = Client()
        streaming = asyncio.create_task(proxy(scope(), client.receive, client.send))
        await until(lambda: len(client.sent) == 1)
        for number in range(5):
            event = b"data: %d\n\n" % number
            steps.put_nowait(event)
            await until(lambda: len(client.sent) == number + 2)  # noqa: B023
            assert client.sent[-1] == {
                "type": "http.response.body",
                "body": event,
                "more_body": True,
            }
        steps.put_nowait(b"")
        await streaming
        assert client.complete


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"])
async def test_a_client_that_leaves_takes_the_upstream_connection_along(head: bytes) -> None:
    arrived, closed = asyncio.Event(), asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(head)
        arrived.set()
        try:
            await reader.read()
        finally:
            closed.set()

    async with proxied(script) as proxy, served(proxy) as address:
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        await arrived.wait()
        left_at = monotonic()
        writer.close()
        await asyncio.wait_for(closed.wait(), 5)
        assert monotonic() - left_at < 2
        await until(lambda: not proxy.pool.connections)


async def test_a_client_that_leaves_in_the_midst_of_an_upload() -> None:
    seen = bytearray()
    cut = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while part := await reader.read(65536):
                seen.extend(part)
        finally:
            cut.set()

    async with proxied(script) as proxy, served(proxy) as address:
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc")
        await until(lambda: seen.endswith(b"abc"))
        writer.close()
        await asyncio.wait_for(cut.wait(), 2)


async def test_a_caller_whose_receive_never_waits_does_not_stop_the_loop() -> None:
    """Calls from service to service have no client who could leave."""
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await go.wait()
        writer.write(OK)

    async def nothing_more() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async with proxied(script) as proxy:
        client = Client()
        asking = asyncio.create_task(proxy(scope(), nothing_more, client.send))
        await until(lambda: proxy.pool.clock >= 2)
        go.set()
        await asyncio.wait_for(asking, 5)
        assert client.content == b"ok"


async def test_cancelling_closes_the_upstream_connection() -> None:
    arrived, closed = asyncio.Event(), asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        arrived.set()
        try:
            await reader.read()
        finally:
            closed.set()

    async with proxied(script) as proxy:
        asking = asyncio.create_task(call(proxy, scope()))
        await arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_slow_client_slows_the_upstream_down() -> None:
    """The upstream may not run ahead of a client who does not read by more than some buffers."""
    offered = 0
    total = 64 * MB

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal offered
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
        while offered < total:
            writer.write(b"x" * 65536)
            offered += 65536
            await writer.drain()

    class Slow(Client):
        taken = 0
        go = asyncio.Event()

        async def send(self, message: Message) -> None:
            await self.go.wait()
            self.taken += len(message.get("body", b""))

    async with proxied(script) as proxy:
        client = Slow()
        before = memory()
        streaming = asyncio.create_task(proxy(scope(), client.receive, client.send))
        await until(lambda: any(c.paused or c.status for c in proxy.pool.connections))
        seen = -1
        while seen != offered:  # until the upstream is stuck
            seen = offered
            await asyncio.sleep(0.1)
        assert offered < 24 * MB  # the kernel's own buffers are most of it
        assert all(c.buffered < MB for c in proxy.pool.connections)
        assert memory() - before < 24 * MB
        client.go.set()
        await asyncio.wait_for(streaming, 10)
        assert client.taken == total


async def test_a_slow_upstream_slows_the_client_down() -> None:
    go, given, total = asyncio.Event(), 0, 64 * MB

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await go.wait()
        left = total
        while left:
            left -= len(await reader.read(MB))
        writer.write(OK)

    async def receive() -> Message:
        nonlocal given
        if given == total:
            await asyncio.Event().wait()
        given += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": given < total}

    async with proxied(script) as proxy:
        client = Client()
        request = scope("POST", "/x", [(b"content-length", b"%d" % total)])
        uploading = asyncio.create_task(proxy(request, receive, client.send))
        seen = -1
        while seen != given or not given:
            seen = given
            await asyncio.sleep(0.1)
        assert given < 24 * MB
        go.set()
        await asyncio.wait_for(uploading, 10)
        assert (client.status, given) == (200, total)


async def test_a_hundred_megabytes_each_way_in_flat_memory() -> None:
    total = 100 * MB

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        left = total
        while left:
            left -= len(await reader.read(left))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
        for _ in range(total // MB):
            writer.write(b"y" * MB)
            await writer.drain()

    async with proxied(script) as proxy, served(proxy) as address:
        reader, writer = await asyncio.open_connection(*address)
        before = memory()
        writer.write(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % total)
        for _ in range(total // MB):
            writer.write(b"x" * MB)
            await writer.drain()
        assert b"content-length: 104857600" in await read_head(reader)
        left, highest = total, 0
        while left:
            left -= len(await reader.read(left))
            highest = max(highest, memory())
        writer.close()
    assert highest - before < 40 * MB


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", b"3\r\nabc\r\n"),
    ],
)
async def test_the_client_sees_that_an_answer_was_cut(answer: bytes, end: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(answer)

    async with proxied(script) as proxy, served(proxy) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        received = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\n\r\n" + end)


async def test_close_ends_what_is_under_way() -> None:
    arrived = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        arrived.set()
        await reader.read()

    async with proxied(script) as proxy:
        asking = asyncio.create_task(call(proxy, scope()))
        await arrived.wait()
        await proxy.close()
        with pytest.raises(UpstreamUnavailable):
            await asking
        assert not proxy.pool.connections
