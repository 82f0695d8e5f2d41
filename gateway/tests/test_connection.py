"""What a connection refuses: slow and large heads, what cannot be read; always in the envelope."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from gateway import connection
from gateway.tests.conftest import Make, echo
from gateway.tests.rig import address_of, served, serving

GET = b"GET /x HTTP/1.1\r\nhost: x\r\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for heads only 0.2 s."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)


@asynccontextmanager
async def connected(
    app: Any = echo,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Give a connection to a server of `app`."""
    async with served(app) as address:
        reader, writer = await asyncio.open_connection(*address)
        try:
            yield reader, writer
        finally:
            writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Read one answer: status, headers, body."""
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *fields = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in fields)}
        return (
            int(line.split()[1]),
            headers,
            await reader.readexactly(int(headers["content-length"])),
        )


async def refused(reader: asyncio.StreamReader, status: int, code: str) -> dict[str, Any]:
    """Hold an answer to being a refusal in the envelope, and the connection's last; give it."""
    given, headers, body = await answer(reader)
    envelope: dict[str, Any] = orjson.loads(body)
    assert (given, envelope["error"]["code"]) == (status, code)
    assert envelope["message"] not in ("", f"errors.{code}")
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"
    assert len(headers["x-request-id"]) == 32
    assert await asyncio.wait_for(reader.read(), 5) == b""
    return envelope | {"language": headers["content-language"]}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"G", b"GET /x HT", GET, b"\r\n\r\n"])
async def test_a_head_that_stalls(sent: bytes) -> None:
    begun = monotonic()
    async with connected() as (reader, writer):
        writer.write(sent)
        said = await refused(reader, 408, "REQUEST_TIMEOUT")
    assert said["language"] == "vi"
    assert 0.1 < monotonic() - begun < 3


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"G", GET, b"\r\n"])
async def test_a_head_that_stalls_on_a_kept_connection(sent: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(GET + b"\r\n")
        assert (await answer(reader))[0] == 200
        writer.write(sent)
        await refused(reader, 408, "REQUEST_TIMEOUT")


@pytest.mark.usefixtures("impatient")
async def test_a_head_that_dribbles_is_cut_off_and_an_idle_connection_is_not() -> None:
    async with connected() as (reader, writer):
        writer.write(GET + b"\r\n")
        assert (await answer(reader))[0] == 200
        await asyncio.sleep(0.4)  # idle for longer than a head may take
        writer.write(GET + b"\r\n")
        assert (await answer(reader))[0] == 200
        writer.write(GET)
        dribble = asyncio.create_task(drip(writer))
        await refused(reader, 408, "REQUEST_TIMEOUT")
        dribble.cancel()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a header byte by byte for ever."""
    while not writer.is_closing():
        writer.write(b"a")
        await asyncio.sleep(0.02)


@pytest.mark.usefixtures("impatient")
async def test_neither_a_slow_body_nor_a_slow_answer_counts_as_a_slow_head() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.4)
        await echo(scope, receive, send)

    async with connected(slow) as (reader, writer):
        writer.write(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na")
        await asyncio.sleep(0.6)
        writer.write(b"b")
        status, _, body = await answer(reader)
    assert (status, orjson.loads(body)["size"]) == (200, 2)


def padded(size: int) -> bytes:
    """A request whose head is `size` bytes."""
    return GET + b"a: " + b"x" * (size - len(GET) - 7) + b"\r\n\r\n"


@pytest.mark.parametrize("piece", [1000, 10**7])
async def test_the_size_of_a_head(piece: int) -> None:
    for size, fits in ((connection.MOST_HEAD, True), (connection.MOST_HEAD + 1, False)):
        data = padded(size)
        assert len(data) == size
        async with connected() as (reader, writer):
            for start in range(0, size, piece):
                writer.write(data[start : start + piece])
                await writer.drain()
            if fits:
                assert (await answer(reader))[0] == 200
            else:
                await refused(reader, 431, "HEADERS_TOO_LARGE")


async def test_the_refusal_reaches_who_is_still_sending() -> None:
    async with connected() as (reader, writer):
        writer.write(padded(2 * 1024 * 1024))
        await refused(reader, 431, "HEADERS_TOO_LARGE")


async def test_the_number_of_headers() -> None:
    for more, fits in ((199, True), (200, False)):
        async with connected() as (reader, writer):
            writer.write(GET + b"accept-language: en\r\n" + b"a: b\r\n" * (more - 1) + b"\r\n")
            if fits:
                assert (await answer(reader))[0] == 200
            else:
                assert (await refused(reader, 431, "HEADERS_TOO_LARGE"))["language"] == "en"


async def test_trailers_are_dropped_and_bounded() -> None:
    head = b"POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    async with connected() as (reader, writer):
        writer.write(head + b"authorization: x\r\n\r\n")
        assert "authorization" not in orjson.loads((await answer(reader))[2])["headers"]
    async with connected() as (reader, writer):
        writer.write(head + b"a: " + b"x" * 200_000)
        await refused(reader, 431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize(
    "sent",
    [
        b"FOO /api/v1/jobs HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET /x HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /x HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\nhost: x\r\nHost: x\r\n\r\n",
        b"GET /x HTTP/1.0\r\nhost: x\r\nHost: y\r\n\r\n",
    ],
)
async def test_what_cannot_be_read(sent: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        await refused(reader, 400, "MALFORMED_REQUEST")


async def test_http_1_0_needs_no_host() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /x HTTP/1.0\r\n\r\n")
        assert (await answer(reader))[0] == 200


async def test_a_method_that_nobody_serves(make_gateway: Make) -> None:
    async with connected(make_gateway()) as (reader, writer):
        writer.write(b"PURGE /api/v1/jobs HTTP/1.1\r\nhost: x\r\n\r\n")
        status, headers, body = await answer(reader)
    assert (status, headers["allow"]) == (405, "GET, HEAD, POST")
    assert orjson.loads(body)["error"]["code"] == "METHOD_NOT_ALLOWED"


async def test_what_follows_a_request_does_not_break_its_answer() -> None:
    more = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await more.wait()
        await echo(scope, receive, send)

    async with connected(waiting) as (reader, writer):
        writer.write(GET + b"\r\n" + b"rubbish\r\n\r\n")
        asyncio.get_running_loop().call_later(0.1, more.set)
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_an_upgrade_is_answered_plainly_and_ends_the_connection() -> None:
    async with connected() as (reader, writer):
        writer.write(GET + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n")
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")


async def test_who_asks_as_it_stops_is_answered_and_told() -> None:
    async with serving(echo) as server:
        reader, writer = await asyncio.open_connection(*address_of(server))
        for stopping in (False, True):
            server.should_exit = stopping
            while stopping and server.servers[0].is_serving():
                await asyncio.sleep(0.01)
            writer.write(GET + b"\r\n")
            status, headers, _ = await answer(reader)
            assert (status, headers.get("connection")) == (200, "close" if stopping else None)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_an_answer_that_is_under_way_as_it_stops_is_the_last() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await go_on.wait()
        await echo(scope, receive, send)

    async with serving(slow) as server:
        reader, writer = await asyncio.open_connection(*address_of(server))
        writer.write(GET + b"\r\n")
        await begun.wait()
        server.should_exit = True
        while server.servers[0].is_serving():
            await asyncio.sleep(0.01)
        go_on.set()
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


@pytest.mark.parametrize("length", [b"", b"content-length: 9\r\n"])
async def test_what_is_not_answered_when_a_stop_has_waited_enough_is_refused(length: bytes) -> None:
    begun = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with serving(endless) as server:
        server.config.timeout_graceful_shutdown = 1
        reader, writer = await asyncio.open_connection(*address_of(server))
        writer.write(GET + length + b"accept-language: en\r\n\r\n")
        await begun.wait()
        server.should_exit = True
        told = await refused(reader, 503, "SERVICE_UNAVAILABLE")
        assert told["language"] == "en"
        writer.close()


async def test_whom_nobody_asks_closes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LAST_CALL_SECONDS", 0.2)
    async with serving(echo) as server:
        fresh, kept = [await asyncio.open_connection(*address_of(server)) for _ in range(2)]
        kept[1].write(GET + b"\r\n")
        assert (await answer(kept[0]))[0] == 200
        begun = monotonic()
        server.should_exit = True
        for reader, writer in (fresh, kept):
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        assert 0.2 <= monotonic() - begun < 3
