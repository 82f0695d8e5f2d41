"""What the proxy tells the upstream: framing, headers, and what it refuses to pass on."""

import asyncio

import pytest
from starlette.types import Message

from gateway.errors import MalformedRequest
from gateway.proxy import ReverseProxy
from gateway.tests.rig import OK, Client, Script, call, proxied, read_head, scope, until


def recording(seen: list[bytes], length: int = 0, answer: bytes = OK) -> Script:
    """A script that keeps heads, each with the first `length` bytes of its body."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await read_head(reader)
            seen.append(head + await reader.readexactly(length))
            writer.write(answer)

    return script


async def test_the_request_as_the_upstream_sees_it() -> None:
    seen: list[bytes] = []
    headers = [
        (b"host", b"api.example.org"),
        (b"connection", b"close, X-Hop, X-Forwarded-For"),
        (b"x-hop", b"1"),
        (b"te", b"trailers"),
        (b"expect", b"100-continue"),
        (b"proxy-authorization", b"secret"),
        (b"x-forwarded-for", b"198.51.100.1"),
        (b"x-forwarded-host", b"forged"),
        (b"x-forwarded-proto", b"forged"),
        (b"authorization", b"Bearer t"),
        (b"x-twice", b"1"),
        (b"x-twice", b"2"),
    ]
    async with proxied(recording(seen)) as proxy:
        await call(proxy, scope("GET", "/a%20b", headers, b"q=%C3%A0&p=1"))
        authority = proxy.authority
    lines = seen[0].split(b"\r\n")
    assert lines[0] == b"GET /a%20b?q=%C3%A0&p=1 HTTP/1.1"
    assert sorted(lines[1:-2]) == sorted(
        [
            b"host: " + authority,
            b"x-forwarded-proto: http",
            b"x-forwarded-for: 198.51.100.1",
            b"x-forwarded-host: api.example.org",
            b"authorization: Bearer t",
            b"x-twice: 1",
            b"x-twice: 2",
        ]
    )


async def test_a_body_with_a_length_is_passed_on_with_it() -> None:
    seen: list[bytes] = []
    async with proxied(recording(seen, 6)) as proxy:
        request = scope("POST", "/x", [(b"content-length", b"6")])
        assert (await call(proxy, request, [b"abc", b"", b"def"])).content == b"ok"
    assert seen[0].endswith(b"\r\n\r\nabcdef")
    assert b"\r\ncontent-length: 6\r\n" in seen[0]
    assert b"transfer-encoding" not in seen[0]


async def test_a_body_without_length_is_sent_in_chunks() -> None:
    seen: list[bytes] = []
    chunks = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with proxied(recording(seen, len(chunks))) as proxy:
        request = scope("POST", "/x", [(b"transfer-encoding", b"Chunked")])
        assert (await call(proxy, request, [b"abc", b"", b"de"])).content == b"ok"
        assert len(proxy.pool.idle) == 1
    assert seen[0].endswith(b"\r\n\r\n" + chunks)
    assert b"\r\ntransfer-encoding: chunked\r\n" in seen[0]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"3"), (b"content-length", b"3")],
        [(b"content-length", b"3"), (b"content-length", b"30")],
        [(b"content-length", b"3"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"content-length", b"+3")],
        [(b"content-length", b"3, 3")],
        [(b"content-length", b"-3")],
        [(b"content-length", b"")],
        [(b"content-length", b"9" * 30)],
        [(b"x-a", b"1\r\nx-injected: 1")],
        [(b"x-a", b"1\nx-injected: 1")],
        [(b"x-a", b"1\rx-injected: 1")],
        [(b"x-a", b"1\0")],
        [(b"x-a\r\nx-injected", b"1")],
        [(b"host", b"a\r\nx-injected: 1")],
    ],
    ids=str,
)
async def test_an_ambiguous_request_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    seen: list[bytes] = []
    async with proxied(recording(seen)) as proxy:
        with pytest.raises(MalformedRequest):
            await call(proxy, scope("POST", "/x", headers), [b"abc"])
    assert seen == []


@pytest.mark.parametrize("path", ["/a b", "/a\r\nx: 1", "/\0", "/ HTTP/1.1\r\n\r\nGET /admin"])
async def test_a_target_that_breaks_the_request_line_is_refused(path: str) -> None:
    with pytest.raises(MalformedRequest):
        await call(ReverseProxy("http://127.0.0.1:1"), scope("GET", path))


async def test_a_path_without_its_raw_form_is_quoted() -> None:
    seen: list[bytes] = []
    request = scope("GET", "/Hà Nội")
    del request["raw_path"]
    async with proxied(recording(seen)) as proxy:
        await call(proxy, request)
    assert seen[0].startswith(b"GET /H%C3%A0%20N%E1%BB%99i HTTP/1.1\r\n")


@pytest.mark.parametrize("body", [[b"ab"], [b"abcd"], [b"a", b"b"], [b"ab", b"cd"]])
async def test_a_body_unlike_its_length_ends_the_connection(body: list[bytes]) -> None:
    async with proxied(recording([], 3)) as proxy:
        with pytest.raises(MalformedRequest):
            await call(proxy, scope("POST", "/x", [(b"content-length", b"3")]), body)
        await until(lambda: not proxy.pool.connections)


async def test_connection_header_cannot_take_the_framing_away() -> None:
    seen: list[bytes] = []
    headers = [(b"connection", b"content-length, host"), (b"content-length", b"3")]
    async with proxied(recording(seen, 3)) as proxy:
        assert (await call(proxy, scope("POST", "/x", headers), [b"abc"])).content == b"ok"
    assert b"\r\ncontent-length: 3\r\n" in seen[0]
    assert b"\r\nhost: 127.0.0.1" in seen[0]


async def test_an_answer_before_the_body_is_read() -> None:
    """A refusal of an upload in its midst reaches the client, and the connection is given up."""
    refusal = b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig"

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(refusal)
        await reader.read(10)
        await asyncio.Event().wait()

    async def body() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async with proxied(script) as proxy:
        client = Client()
        request = scope("POST", "/x", [(b"content-length", b"1000000000")])
        async with asyncio.timeout(5):
            await proxy(request, body, client.send)
        assert (client.status, client.content, client.complete) == (413, b"big", True)
        assert proxy.pool.idle == []


async def test_an_error_while_the_body_is_received_comes_out() -> None:
    """The gateway counts bodies in `receive`: its refusal must not be lost in the proxy."""
    parts = iter([{"type": "http.request", "body": b"abc", "more_body": True}])

    async def receive() -> Message:
        for part in parts:
            return part
        raise LookupError("over the limit")

    async with proxied(recording([], 10**6)) as proxy:
        client = Client()
        with pytest.raises(LookupError):
            await proxy(
                scope("POST", "/x", [(b"transfer-encoding", b"chunked")]), receive, client.send
            )
        assert client.sent == []


@pytest.mark.parametrize("url", ["https://a", "http://a/base", "a:80", "http://"])
def test_what_is_no_upstream(url: str) -> None:
    with pytest.raises(ValueError, match="an upstream is"):
        ReverseProxy(url)
