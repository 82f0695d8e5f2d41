"""The gateway's own pages: health, documents, Swagger UI without network."""

import asyncio
import re
from time import monotonic

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from gateway.tests.conftest import Make, echo
from gateway.tests.rig import call, scope
from libs.common.asyncapi import published_events
from libs.common.contracts.freeze import schema_file


async def unready(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def hung(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def test_health(make_gateway: Make) -> None:
    client = await call(make_gateway(), scope("GET", "/health/ready"))
    ready = {"status": "ready", "services": {"jobs": "ready", "auth": "ready"}}
    assert (client.status, orjson.loads(client.content)) == (200, ready)
    for broken in (unready, hung):
        app = make_gateway(jobs=broken)
        client = await call(app, scope("GET", "/health/ready"))
        degraded = {"status": "degraded", "services": {"jobs": "unavailable", "auth": "ready"}}
        assert (client.status, orjson.loads(client.content)) == (503, degraded)
        assert (await call(app, scope("GET", "/health/live"))).status == 200


async def test_health_does_not_wait_for_who_is_slow_to_give_up(
    make_gateway: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.health.DEADLINE", 0.1)
    unwound, leave = asyncio.Event(), asyncio.Event()

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await leave.wait()
            unwound.set()

    begun = monotonic()
    client = await call(make_gateway(jobs=stubborn), scope("GET", "/health/ready"))
    assert client.status == 503
    assert monotonic() - begun < 2
    assert not unwound.is_set()
    leave.set()
    await asyncio.wait_for(unwound.wait(), 5)


async def test_the_schemas_that_events_refer_to(make_gateway: Make) -> None:
    app = make_gateway()
    events = list(published_events())
    assert events
    for event in events:
        path = f"/schemas/{event.event_name}.v{event.event_version}.json"
        client = await call(app, scope("GET", path))
        assert client.content == schema_file(event).read_bytes()
        assert client.headers[b"content-type"] == b"application/schema+json"
        assert client.headers[b"etag"]
    assert (await call(app, scope("GET", "/schemas/nothing.v1.json"))).status == 404


async def test_documents(make_gateway: Make) -> None:
    app = make_gateway()
    openapi = orjson.loads((await call(app, scope("GET", "/openapi.json"))).content)
    assert "/api/v1/jobs/{id}" in openapi["paths"]
    assert "/api/v1/auth/login" in openapi["paths"]
    asyncapi = await call(app, scope("GET", "/asyncapi"))
    assert orjson.loads(asyncapi.content) == {"asyncapi": "3.0.0"}


async def test_the_keys_come_from_the_auth_service(make_gateway: Make) -> None:
    app = make_gateway(jobs=unready, auth=echo)
    client = await call(app, scope("GET", "/.well-known/jwks.json"))
    assert orjson.loads(client.content)["path"] == "/.well-known/jwks.json"


async def test_swagger_ui_needs_no_network(make_gateway: Make) -> None:
    app = make_gateway()
    page = await call(app, scope("GET", "/docs"))
    references = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(references) == 4
    for reference in references:
        part = await call(app, scope("GET", f"/{reference}"))
        assert part.status == 200
        assert len(part.content) > 50
    assert b"SwaggerUIBundle" in (await call(app, scope("GET", "/docs/start.js"))).content
    policy = page.headers[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


async def test_who_has_a_page_is_not_sent_it_again(make_gateway: Make) -> None:
    app = make_gateway()
    first = await call(app, scope("GET", "/docs/swagger-ui.css"))
    etag = first.headers[b"etag"]
    for held, status in ((etag, 304), (b'"x", W/' + etag, 304), (b'"x"', 200)):
        request = scope("GET", "/docs/swagger-ui.css", [(b"if-none-match", held)])
        assert (await call(app, request)).status == status


async def test_head_says_what_get_would_and_the_service_learns_of_it(make_gateway: Make) -> None:
    asked: list[tuple[str, bool]] = []

    async def jobs(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append((scope["method"], b"x-asked-head" in dict(scope["headers"])))
        length = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"{}"})

    app = make_gateway(jobs=jobs)
    for path in ("/api/v1/jobs", "/docs", "/openapi.json", "/health/live", "/asyncapi"):
        head = await call(app, scope("HEAD", path))
        get = await call(app, scope("GET", path))
        assert (head.status, head.content, head.complete) == (200, b"", True)
        assert head.headers[b"content-length"] == b"%d" % len(get.content)
        assert get.content
    assert asked == [("GET", True), ("GET", False)]
