"""What never changes while the gateway runs: documents, schemas, Swagger UI without network."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]

# Swagger UI draws with inline styles and data: images; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

# References are relative: the gateway may stand under a prefix of somebody's own proxy.
PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Waymark</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = b"""SwaggerUIBundle({
  url: "openapi.json", dom_id: "#docs", deepLinking: true, displayRequestDuration: true,
});
"""


def document_endpoints(openapi: dict[str, Any], asyncapi: dict[str, Any] | None) -> dict[str, Any]:
    """Return the endpoints by path."""
    swagger = files("fastapi_swagger") / "resources"
    script, css = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
    endpoints = {
        "/openapi.json": unchanging(orjson.dumps(openapi), "application/json"),
        "/docs": unchanging(PAGE, "text/html; charset=utf-8"),
        "/docs/start.js": unchanging(START, script),
    }
    for name, kind in [
        ("swagger-ui-bundle.js", script),
        ("swagger-ui.css", css),
        ("favicon-32x32.png", "image/png"),
    ]:
        endpoints[f"/docs/{name}"] = unchanging((swagger / name).read_bytes(), kind)
    for schema in (files("libs.common.contracts") / "schemas").iterdir():
        kind = "application/schema+json"
        endpoints[f"/schemas/{schema.name}"] = unchanging(schema.read_bytes(), kind)
    if asyncapi is not None:
        endpoints["/asyncapi"] = unchanging(orjson.dumps(asyncapi), "application/json")
    return endpoints


def unchanging(body: bytes, media_type: str) -> Endpoint:
    """Make an endpoint of fixed bytes: 304 to who has them already (RFC 9110 §13.1.2)."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }

    async def endpoint(request: Request) -> Response:
        held = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
        if held & {etag, f"W/{etag}", "*"}:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)

    return endpoint
