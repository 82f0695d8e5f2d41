"""The gateway as its callers see it: every refusal in the envelope, every answer with its ids."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import orjson
import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.app import CATALOGUE
from gateway.errors import (
    HeadersTooLarge,
    MalformedRequest,
    RequestTimeout,
    UpstreamUnavailable,
)
from gateway.proxy import ReverseProxy
from gateway.tests.conftest import Make, echo
from gateway.tests.rig import Client, answering, call, proxied, read_head, scope, served
from libs.common.identity import Role
from libs.common.testing import make_token

MB = 1024 * 1024
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def refused(client: Client, status: int, code: str) -> Any:
    """Check that an answer is the envelope of an error; gives its details."""
    body = orjson.loads(client.content)
    assert (client.status, body["error"]["code"]) == (status, code)
    assert set(body) == {"message", "data", "error"}
    assert body["data"] is None
    assert body["message"] not in ("", f"errors.{code}")
    assert client.headers[b"content-type"] == b"application/json"
    assert b"x-request-id" in client.headers
    assert b"traceparent" in client.headers
    return body["error"]["details"]


def bearing(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {token}".encode())]


async def test_a_request_reaches_its_service(make_gateway: Make) -> None:
    client = await call(make_gateway(), scope("GET", "/api/v1/jobs/7"))
    said = orjson.loads(client.content)
    assert (client.status, said["path"]) == (200, "/api/v1/jobs/7")
    assert client.headers[b"x-request-id"].decode() == said["headers"]["x-request-id"]
    assert client.headers[b"traceparent"].decode() == said["headers"]["traceparent"]


async def test_the_callers_ids_are_kept_where_they_are_sane(make_gateway: Make) -> None:
    app = make_gateway()
    given = [(b"x-request-id", b"abc-1"), (b"traceparent", TRACE)]
    client = await call(app, scope("GET", "/api/v1/jobs", given))
    said = orjson.loads(client.content)["headers"]
    assert client.headers[b"x-request-id"] == b"abc-1" == said["x-request-id"].encode()
    assert client.headers[b"traceparent"] == TRACE == said["traceparent"].encode()
    for bad in ([(b"x-request-id", b"a b\xff")], [(b"traceparent", b"00-" + b"0" * 52)]):
        client = await call(app, scope("GET", "/api/v1/jobs", bad))
        assert client.headers[bad[0][0]] != bad[0][1]
        assert len([h for h in client.sent[0]["headers"] if h[0] == bad[0][0]]) == 1


async def test_unknown_paths_and_methods(make_gateway: Make) -> None:
    app = make_gateway()
    for path in ("/", "/nowhere", "/api/v1/jobs/", "/api/v1/jobs/7/x", "*"):
        refused(await call(app, scope("GET", path)), 404, "NOT_FOUND")
    client = await call(app, scope("DELETE", "/api/v1/jobs"))
    refused(client, 405, "METHOD_NOT_ALLOWED")
    assert client.headers[b"allow"] == b"GET, HEAD, POST"
    refused(await call(app, scope("POST", "/health/live")), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("/api/v1/jobs/%00", "/api/v1/jobs/\0"),
        ("/api/v1/jobs/%", "/api/v1/jobs/%"),
        ("/api/v1/jobs/%zz", "/api/v1/jobs/%zz"),
        ("/api/v1/jobs/%FF", "/api/v1/jobs/\ufffd"),
        ("/" + "a" * 20_000, "/" + "a" * 20_000),
    ],
)
async def test_a_broken_path_is_a_bad_request(make_gateway: Make, raw: str, decoded: str) -> None:
    request = scope("GET", decoded) | {"raw_path": raw.encode()}
    refused(await call(make_gateway(), request), 400, "MALFORMED_REQUEST")


async def test_the_language_of_refusals(make_gateway: Make) -> None:
    app = make_gateway()
    said = {}
    for language in (b"vi", b"en-GB, vi;q=0.5"):
        client = await call(app, scope("GET", "/nowhere", [(b"accept-language", language)]))
        said[language[:2]] = orjson.loads(client.content)["message"]
    client = await call(app, scope("GET", "/nowhere"))
    assert orjson.loads(client.content)["message"] == said[b"vi"] != said[b"en"]


async def test_the_bearer_is_checked_where_one_is_needed(make_gateway: Make) -> None:
    app = make_gateway()
    good = make_token(Role.CANDIDATE, uuid4())
    late = make_token(Role.CANDIDATE, uuid4(), exp=1)
    other = make_token(Role.CANDIDATE, uuid4(), aud="others")
    for headers, code in [
        ([], "UNAUTHENTICATED"),
        ([(b"authorization", b"Basic eDp5")], "UNAUTHENTICATED"),
        (bearing(late), "TOKEN_EXPIRED"),
        (bearing("rubbish"), "TOKEN_INVALID"),
        (bearing(good[:-4] + "AAAA"), "TOKEN_INVALID"),
        (bearing(other), "TOKEN_INVALID"),
    ]:
        client = await call(app, scope("GET", "/api/v1/mine", headers))
        refused(client, 401, code)
        assert client.headers[b"www-authenticate"] == b"Bearer"
    client = await call(app, scope("GET", "/api/v1/mine", bearing(good)))
    assert orjson.loads(client.content)["headers"]["authorization"] == f"Bearer {good}"


async def test_a_token_on_a_public_route_is_passed_on_unread(make_gateway: Make) -> None:
    client = await call(make_gateway(), scope("GET", "/api/v1/jobs", bearing("rubbish")))
    assert orjson.loads(client.content)["headers"]["authorization"] == "Bearer rubbish"


async def test_bodies_over_the_limit(make_gateway: Make) -> None:
    app = make_gateway()
    chunked = [(b"transfer-encoding", b"chunked")]
    for path, limit in (("/api/v1/jobs", MB), ("/api/v1/upload", 6 * MB)):
        announced = [(b"content-length", b"%d" % (limit + 1))]
        client = await call(app, scope("POST", path, announced), [b"unread"])
        assert refused(client, 413, "CONTENT_TOO_LARGE") == {"limit": limit}
        half = b"x" * (limit // 2)
        client = await call(app, scope("POST", path, chunked), [half, half])
        assert orjson.loads(client.content)["size"] == limit
        client = await call(app, scope("POST", path, chunked), [half, half, b"x"])
        refused(client, 413, "CONTENT_TOO_LARGE")
    bad = [(b"content-length", b"ten")]
    refused(await call(app, scope("POST", "/api/v1/jobs", bad)), 400, "MALFORMED_REQUEST")


async def test_a_chunked_body_over_the_limit_through_a_proxy(make_gateway: Make) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass

    async with proxied(swallow) as proxy:
        request = scope("POST", "/api/v1/jobs", [(b"transfer-encoding", b"chunked")])
        client = await call(make_gateway(jobs=proxy), request, [b"x" * MB, b"x"])
    refused(client, 413, "CONTENT_TOO_LARGE")


async def test_nobody_there(make_gateway: Make) -> None:
    async with proxied(answering()) as proxy:
        pass  # closed again: its port refuses connections
    dead = ReverseProxy(f"http://{proxy.authority.decode()}")
    client = await call(make_gateway(jobs=dead), scope("GET", "/api/v1/jobs"))
    assert refused(client, 503, "SERVICE_UNAVAILABLE") == {"service": "jobs"}
    assert int(client.headers[b"retry-after"]) > 0


async def test_no_answer_within_the_deadline(make_gateway: Make) -> None:
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        try:
            await reader.read()
        finally:
            closed.set()

    async with proxied(silent) as proxy:
        app = make_gateway(jobs=proxy, upstream_timeout_seconds=0.1)
        client = await call(app, scope("GET", "/api/v1/jobs"))
        assert refused(client, 504, "UPSTREAM_TIMEOUT") == {"service": "jobs"}
        await asyncio.wait_for(closed.wait(), 5)


async def test_the_deadline_does_not_wait_for_the_service_to_give_up(make_gateway: Make) -> None:
    unwound, leave = asyncio.Event(), asyncio.Event()

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/7"):
            await echo(scope, receive, send)
            return
        try:
            await asyncio.Event().wait()
        finally:
            await leave.wait()
            unwound.set()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"late"})
            raise LookupError("nobody is there any more")

    app = make_gateway(jobs=stubborn, upstream_timeout_seconds=0.1)
    async with served(app) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\n\r\n")
        late = await asyncio.wait_for(reader.readuntil(b"}}}"), 5)
        assert late.startswith(b"HTTP/1.1 504")
        assert not unwound.is_set()
        writer.write(b"GET /api/v1/jobs/7 HTTP/1.1\r\nhost: x\r\n\r\n")
        second = await asyncio.wait_for(reader.readuntil(b"}}"), 5)
        assert second.startswith(b"HTTP/1.1 200")
        leave.set()
        await asyncio.wait_for(unwound.wait(), 5)
        writer.write(b"GET /api/v1/jobs/7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        third = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert third.startswith(b"HTTP/1.1 200")
    assert b"late" not in second + third


@pytest.mark.parametrize("framing", [b"content-length: 9", b"transfer-encoding: chunked"])
@pytest.mark.parametrize("proxied_service", [False, True])
async def test_a_stalled_body_is_the_clients_fault(
    make_gateway: Make, framing: bytes, proxied_service: bool
) -> None:
    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with proxied(patient) as proxy:
        app = make_gateway(jobs=proxy if proxied_service else echo, upstream_timeout_seconds=0.2)
        async with served(app) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"POST /api/v1/jobs HTTP/1.1\r\nhost: x\r\n" + framing + b"\r\n\r\n")
            writer.write(b"abc" if b"length" in framing else b"3\r\nabc\r\n")
            received = await asyncio.wait_for(reader.read(), 5)
            writer.close()
    assert received.startswith(b"HTTP/1.1 408")
    assert orjson.loads(received.partition(b"\r\n\r\n")[2])["error"]["code"] == "REQUEST_TIMEOUT"


async def test_a_service_that_does_nothing_with_a_whole_body_is_blamed(make_gateway: Make) -> None:
    async def idle(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    app = make_gateway(jobs=idle, upstream_timeout_seconds=0.1)
    request = scope("POST", "/api/v1/jobs", [(b"content-length", b"1")])
    assert refused(await call(app, request, [b"a"]), 504, "UPSTREAM_TIMEOUT") == {"service": "jobs"}


async def test_a_stream_outlives_the_deadline(make_gateway: Make) -> None:
    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.3)  # longer than the deadline: that is what is shown here
        await send({"type": "http.response.body", "body": b"late"})

    app = make_gateway(jobs=streaming, upstream_timeout_seconds=0.1)
    client = await call(app, scope("GET", "/api/v1/jobs"))
    assert (client.content, client.complete) == (b"late", True)


@pytest.mark.parametrize("error", [RuntimeError("secret words"), TimeoutError()])
async def test_a_crash_is_an_answer_too(
    make_gateway: Make, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    client = await call(make_gateway(jobs=crash), scope("GET", "/api/v1/jobs"))
    assert refused(client, 500, "INTERNAL_ERROR") is None
    assert b"secret" not in client.content
    assert any(record.exc_info for record in caplog.records)


async def test_an_answer_that_breaks_off_breaks_the_connection(make_gateway: Make) -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"
    async with proxied(answering(answer, then_close=True)) as proxy:
        app = make_gateway(jobs=proxy)
        with pytest.raises(UpstreamUnavailable):
            await call(app, scope("GET", "/api/v1/jobs"))
    async with (
        proxied(answering(answer, then_close=True)) as proxy,
        served(make_gateway(jobs=proxy)) as address,
    ):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\n\r\n")
        received = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"3\r\nabc\r\n")


async def test_who_sends_two_lengths_is_refused(make_gateway: Make) -> None:
    async with proxied(answering()) as proxy:
        lengths = [(b"content-length", b"3"), (b"content-length", b"4")]
        client = await call(make_gateway(jobs=proxy), scope("POST", "/api/v1/jobs", lengths))
    refused(client, 400, "MALFORMED_REQUEST")


async def test_cors(make_gateway: Make) -> None:
    app = make_gateway(allowed_origins="https://a.example, https://b.example")
    for origin, allowed in ((b"https://b.example", True), (b"https://c.example", False)):
        ask = [(b"origin", origin), (b"access-control-request-method", b"POST"),
               (b"access-control-request-headers", b"authorization")]  # fmt: skip
        preflight = await call(app, scope("OPTIONS", "/api/v1/jobs", ask))
        assert preflight.status == (200 if allowed else 400)
        assert b"x-request-id" in preflight.headers
        client = await call(app, scope("GET", "/nowhere", [(b"origin", origin)]))
        refused(client, 404, "NOT_FOUND")
        assert (b"access-control-allow-origin" in client.headers) is allowed


async def test_what_caches_are_told(make_gateway: Make) -> None:
    async def enveloped(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json")]
        if scope["path"] == "/api/v1/jobs/7":
            headers.append((b"cache-control", b"max-age=5"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    app = make_gateway(jobs=enveloped, auth=enveloped, allowed_origins="https://a.example")
    english, bearer = (b"accept-language", b"en"), (b"authorization", b"Bearer x")
    crossing = (b"origin", b"https://a.example")
    for path, headers, language, cache in [
        ("/api/v1/jobs", [], b"vi", None),
        ("/api/v1/jobs", [english], b"en", None),
        ("/nowhere", [english], b"en", None),
        ("/api/v1/jobs", [english, crossing], b"en", None),
        ("/api/v1/jobs", [bearer], b"vi", b"no-store"),
        ("/nowhere", [bearer], b"vi", b"no-store"),
        ("/api/v1/auth/nothing", [], b"vi", b"no-store"),
        ("/api/v1/jobs/7", [bearer], b"vi", b"max-age=5"),
        ("/health/live", [english], None, None),
        ("/openapi.json", [bearer], None, b"no-cache"),
    ]:
        client = await call(app, scope("GET", path, headers))
        assert client.headers.get(b"content-language") == language, path
        assert client.headers.get(b"cache-control") == cache, path
        given = [value for name, value in client.sent[0]["headers"] if name == b"vary"]
        assert given == [b"Origin, Accept-Language"], path


async def test_a_path_cannot_forge_a_line_of_the_log(
    make_gateway: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway")
    for path in ("/a\nGET /forged 200", "/\x1b[31m", "/\u2028", "/\x85", "/việc-làm"):
        await call(make_gateway(), scope("GET", "/", ()) | {"path": path, "raw_path": b"/"})
    lines = [record.getMessage() for record in caplog.records if record.name == "gateway"]
    assert lines == [
        "GET /a\\nGET /forged 200 404",
        "GET /\\x1b[31m 404",
        "GET /\\u2028 404",
        "GET /\\x85 404",
        "GET /việc-làm 404",
    ]


async def test_the_access_log(make_gateway: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway")
    await call(make_gateway(), scope("HEAD", "/api/v1/jobs/7"))
    (line,) = [vars(record) for record in caplog.records if record.name == "gateway"]
    assert line["message"] == "HEAD /api/v1/jobs/7 200"
    assert (line["service"], line["route"]) == ("jobs", "/api/v1/jobs/{id}")
    assert 0 < line["ms"] < 10_000


async def test_its_lifespan_closes_the_connections(make_gateway: Make) -> None:
    async with proxied(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as proxy:
        app = make_gateway(jobs=proxy)
        assert (await call(app, scope("GET", "/api/v1/jobs"))).status == 204
        assert len(proxy.pool.connections) == 1
        said = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        answers: list[Message] = []

        async def receive() -> Message:
            return next(said)

        async def send(message: Message) -> None:
            answers.append(message)

        await app({"type": "lifespan"}, receive, send)
        assert not proxy.pool.connections
    assert [answer["type"] for answer in answers] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_it_has_words_for_its_errors() -> None:
    for error in (MalformedRequest, RequestTimeout, HeadersTooLarge):
        assert CATALOGUE.has(f"errors.{error.code}")
