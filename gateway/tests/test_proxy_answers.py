"""The proxy against upstreams that answer oddly, wrongly, or stop half way."""

import asyncio

import pytest

from gateway.errors import UpstreamUnavailable
from gateway.tests.rig import OK, Client, answering, call, proxied, read_head, scope, until


async def test_a_plain_answer() -> None:
    answer = b"HTTP/1.1 201 Created\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 3\r\n\r\nabc"
    async with proxied(answering(answer)) as proxy:
        client = await call(proxy, scope())
    assert (client.status, client.content, client.complete) == (201, b"abc", True)
    assert client.sent[0]["headers"] == [(b"x-a", b"1"), (b"x-a", b"2"), (b"content-length", b"3")]


async def test_hop_by_hop_headers_end_at_the_proxy() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\n"
        b"Proxy-Authenticate: x\r\nUpgrade: h2c\r\nTrailer: X-T\r\nServer: s\r\nDate: d\r\n"
        b"ETag: e\r\nContent-Length: 0\r\n\r\n"
    )
    async with proxied(answering(answer)) as proxy:
        client = await call(proxy, scope())
    assert set(client.headers) == {b"etag", b"content-length"}


LENGTHY = b"HTTP/1.1 200 OK\r\nContent-Length: "
CODED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: "


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        LENGTHY + b"3\r\nContent-Length: 5\r\n\r\nabcde",
        LENGTHY + b"3\r\nContent-Length: 3\r\n\r\nabc",
        LENGTHY + b"3, 3\r\n\r\nabc",
        LENGTHY + b"+3\r\n\r\nabc",
        LENGTHY + b"-1\r\n\r\n",
        CODED + b"chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        LENGTHY + b"3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        CODED + b"gzip\r\n\r\nabc",
        CODED + b"gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        CODED + b"chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        CODED + b"chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        CODED + b"chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX(A: 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 4000,
        b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
    ],
    ids=lambda answer: answer[16:70].decode("latin-1"),
)
async def test_a_malformed_answer_never_starts(answer: bytes) -> None:
    async with proxied(answering(answer, then_close=True)) as proxy:
        client = Client()
        with pytest.raises(UpstreamUnavailable):
            await proxy(scope(), client.receive, client.send)
        assert client.sent == []
        assert proxy.pool.idle == []


@pytest.mark.parametrize("size", [b"3", b"3;name=value", b"03", b'3;q="x"'])
async def test_chunks_with_extensions_and_trailers(size: bytes) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + size
        + b"\r\nabc\r\n0\r\nX-Trailer: evil\r\nSet-Cookie: a=b\r\n\r\n"
    )
    async with proxied(answering(answer, OK)) as proxy:
        client = await call(proxy, scope())
        assert (client.content, client.complete, client.headers) == (b"abc", True, {})
        assert (await call(proxy, scope())).content == b"ok"
        assert len(proxy.pool.connections) == 1


async def test_endless_trailers_are_cut() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nX-T: ")
        while True:
            writer.write(b"a" * 10_000)
            await writer.drain()

    async with proxied(script) as proxy:
        client = Client()
        async with asyncio.timeout(5):
            with pytest.raises(UpstreamUnavailable):
                await proxy(scope(), client.receive, client.send)
    assert not client.complete


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]
)
async def test_interim_answers_stay_behind(interim: bytes) -> None:
    async with proxied(answering(interim * 3 + OK, OK)) as proxy:
        client = await call(proxy, scope())
        assert (client.status, client.content) == (200, b"ok")
        assert client.headers == {b"content-length": b"2"}
        assert (await call(proxy, scope())).content == b"ok"


async def test_head_has_a_length_and_no_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    async with proxied(answering(head, OK)) as proxy:
        client = await call(proxy, scope("HEAD"))
        assert client.headers[b"content-length"] == b"5000"
        assert (client.content, client.complete) == (b"", True)
        assert (await call(proxy, scope())).content == b"ok"
        assert len(proxy.pool.connections) == 1


async def test_a_body_after_head_does_not_reach_the_next_request() -> None:
    async with proxied(answering(OK, then_close=True)) as proxy:
        client = await call(proxy, scope("HEAD"))
        assert (client.content, client.complete) == (b"", True)
        assert proxy.pool.idle == []


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize("header", [b"", b"Content-Length: 77\r\n", b"ETag: x\r\n"])
async def test_answers_that_have_no_body(status: bytes, header: bytes) -> None:
    answer = b"HTTP/1.1 " + status + b"\r\n" + header + b"\r\n"
    async with proxied(answering(answer, OK)) as proxy:
        client = await call(proxy, scope())
        assert (client.status, client.content) == (int(status[:3]), b"")
        assert client.complete
        assert b"content-length" not in client.headers
        assert (await call(proxy, scope())).content == b"ok"


async def test_more_bytes_than_asked_for_poison_the_connection() -> None:
    """An answer smuggled behind another must not be given to the next request."""
    evil = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    async with proxied(answering(OK + evil, OK)) as proxy:
        assert (await call(proxy, scope())).content == b"ok"
        assert proxy.pool.idle == []


async def test_an_answer_that_nobody_asked_for_closes_the_connection() -> None:
    more = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(OK)
        await more.wait()
        writer.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")
        await reader.read()

    async with proxied(script) as proxy:
        assert (await call(proxy, scope())).content == b"ok"
        assert len(proxy.pool.idle) == 1
        more.set()
        await until(lambda: not proxy.pool.connections)
        assert proxy.pool.idle == []


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\ncontent-le"])
async def test_cut_before_the_answer_has_begun(part: bytes) -> None:
    async with proxied(answering(part, then_close=True)) as proxy:
        client = Client()
        with pytest.raises(UpstreamUnavailable):
            await proxy(scope(), client.receive, client.send)
        assert client.sent == []


@pytest.mark.parametrize(
    "framing",
    [b"content-length: 10\r\n\r\nabc", b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
)
async def test_cut_in_the_midst_is_never_a_complete_answer(framing: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\n" + framing
    async with proxied(answering(answer, then_close=True)) as proxy:
        client = Client()
        with pytest.raises(UpstreamUnavailable):
            await proxy(scope(), client.receive, client.send)
        assert not client.complete


async def test_a_body_that_ends_with_the_connection() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 300_000
    async with proxied(answering(answer, then_close=True)) as proxy:
        client = await call(proxy, scope())
        assert (len(client.content), client.complete) == (300_000, True)
        assert proxy.pool.idle == []


async def test_http_1_0_and_connection_close_are_not_reused() -> None:
    for answer in (
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    ):
        async with proxied(answering(answer)) as proxy:
            assert (await call(proxy, scope())).content == b"ok"
            assert proxy.pool.idle == []


async def test_nobody_listens() -> None:
    async with proxied(answering(OK)) as proxy:
        pass
    client = Client()
    with pytest.raises(UpstreamUnavailable):
        await proxy(scope(), client.receive, client.send)
    assert client.sent == []
