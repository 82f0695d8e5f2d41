"""A gateway before two small services."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app import Upstream, create_gateway
from gateway.settings import GatewaySettings
from libs.common.identity import Verifier
from libs.common.openapi import rate_limited
from libs.common.testing import jwks

SECURED: dict[str, Any] = {"security": [{"bearer": []}]}
THREE: dict[str, Any] = rate_limited("three", 3, 60)
TWO: dict[str, Any] = rate_limited("two", 2, 10)
UPLOAD: dict[str, Any] = {"requestBody": {"content": {"multipart/form-data": {}}}}

JOBS: dict[str, Any] = {
    "paths": {
        "/api/v1/jobs": {"get": {}, "post": {}},
        "/api/v1/jobs/{id}": {"get": {}},
        "/api/v1/mine": {"get": SECURED},
        "/api/v1/upload": {"post": UPLOAD},
        "/api/v1/three": {"get": THREE, "post": THREE},
        "/api/v1/three/{id}": {"get": THREE | SECURED},
        "/api/v1/two": {"get": TWO},
    }
}
AUTH: dict[str, Any] = {"paths": {"/api/v1/auth/login": {"post": {}}}}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A service that tells what it was asked."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    said = {"method": scope["method"], "path": scope["path"], "size": size, "headers": headers}
    length = (b"content-length", b"%d" % len(orjson.dumps(said)))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": orjson.dumps(said)})


Make = Callable[..., ASGIApp]


@pytest.fixture
def make_gateway() -> Make:
    """Make a gateway: `jobs=` and `auth=` are apps, anything else is a setting."""

    def make(jobs: Any = echo, auth: Any = echo, **knobs: Any) -> ASGIApp:
        async def fetch() -> dict[str, Any]:
            return jwks()

        return create_gateway(
            {"jobs": Upstream(jobs, JOBS), "auth": Upstream(auth, AUTH)},
            Verifier(fetch, issuer="waymark", audience="waymark-api"),
            GatewaySettings(_env_file=None, **knobs),
            {"asyncapi": "3.0.0"},
        )

    return make
