"""The gateway: one door before all services, each of them an ASGI app.

A request passes: ids, CORS, route, bearer, body limit; then its service, with a deadline.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.deadline import Deadline
from gateway.docs import Endpoint, document_endpoints
from gateway.errors import DeadlineExpired, UpstreamUnavailable
from gateway.health import health_endpoints
from gateway.openapi import merge
from gateway.proxy import ReverseProxy
from gateway.routes import PathMatched, Route, RouteTable, build_routes
from gateway.security import IDS, check_bearer, check_target, identify, within_limit
from gateway.settings import GatewaySettings
from libs.common.asgi import AsgiApp
from libs.common.context import entered
from libs.common.envelope import failure
from libs.common.errors import (
    ApiError,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    UpstreamTimeout,
)
from libs.common.handlers import as_api_error, request_context
from libs.common.i18n import Catalogue, speaking
from libs.common.identity import Verifier

log = logging.getLogger("gateway")

VARY = (b"vary", b"Origin")
GATEWAY = "gateway"
JWKS = "/.well-known/jwks.json"
CATALOGUE = Catalogue(Path(__file__).parent / "messages")
EXPOSED = [
    "X-Request-ID", "traceparent", "X-Total-Count", "X-Total-Capped", "Link", "Location", "ETag",
    "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition",
]  # fmt: skip


@dataclass(frozen=True)
class Upstream:
    """A service as the gateway sees it: the app, or a ReverseProxy to it, and its document."""

    app: AsgiApp
    openapi: dict[str, Any]


def create_gateway(
    upstreams: Mapping[str, Upstream],
    verifier: Verifier,
    settings: GatewaySettings,
    asyncapi: dict[str, Any] | None,
) -> ASGIApp:
    """Make the gateway before `upstreams`, by name of the service.

    Raises:
        DuplicateRoute: two services claim the same method and path.
    """
    documents = {name: upstream.openapi for name, upstream in upstreams.items()}
    apps = {name: upstream.app for name, upstream in upstreams.items()}
    own = health_endpoints(apps) | document_endpoints(merge(documents), asyncapi)
    routes = build_routes(documents)
    for path in own:
        routes.add("GET", Route(GATEWAY, path))
    if "auth" in apps and routes.match("GET", JWKS) is None:
        routes.add("GET", Route("auth", JWKS))
    dispatcher = Dispatcher(apps | {GATEWAY: endpoints_app(own)}, routes, verifier, settings)
    cors = CORSMiddleware(
        dispatcher,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
        max_age=600,
    )
    proxies = [app for app in apps.values() if isinstance(app, ReverseProxy)]

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await identified(dispatcher, cors, scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(proxies, receive, send)
        else:  # a WebSocket: nobody here speaks that
            await send({"type": "websocket.close", "code": 1000})

    return gateway


def endpoints_app(endpoints: Mapping[str, Endpoint]) -> AsgiApp:
    """Make an app of the gateway's own endpoints."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoints[scope["path"]](Request(scope))
        await response(scope, receive, send)

    return app


async def identified(
    app: ASGIApp, cors: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Give request and answer their `X-Request-ID` and `traceparent`.

    Only what a page of another origin sends goes through `cors`: it costs as much as all the rest
    of the way. To caches every answer says that it depends on the origin (Fetch, CORS and caches).
    """
    scope = dict(scope)
    headers = dict(scope["headers"])
    ids = identify(scope, headers)
    crosses = b"origin" in headers
    added = ids if crosses else [*ids, VARY]

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [h for h in message["headers"] if h[0] not in IDS] + added
        await send(message)

    await (cors if crosses else app)(scope, receive, answer)


async def lifespan(proxies: list[ReverseProxy], receive: Receive, send: Send) -> None:
    """Close the connections to the services at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await asyncio.gather(*(proxy.close() for proxy in proxies))
            await send({"type": "lifespan.shutdown.complete"})
            return


class Dispatcher:
    """Brings a request to its service, or answers why not."""

    def __init__(
        self,
        apps: Mapping[str, AsgiApp],
        routes: RouteTable,
        verifier: Verifier,
        settings: GatewaySettings,
    ) -> None:
        self.apps = apps
        self.routes = routes
        self.verifier = verifier
        self.seconds = settings.upstream_timeout_seconds
        self.limits = {False: settings.max_body_bytes, True: settings.max_upload_bytes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever fails before the answer has begun is put into words."""
        begun = perf_counter()
        method = scope["method"]
        route = None
        status = 0
        deadline = Deadline(self.seconds)

        async def watched(message: Message) -> None:
            nonlocal status
            if not status:
                status = message["status"]
                deadline.stop()
            elif method == "HEAD":
                message["body"] = b""
            await send(message)

        try:
            route = self.route(scope)
            headers = dict(scope["headers"])
            if route.secured:
                await check_bearer(headers, self.verifier)
            receive = within_limit(headers, receive, self.limits[route.multipart])
            if method == "HEAD":  # RFC 9110 §9.3.2: all that GET says, but the body
                scope["method"] = "GET"
            with deadline:
                await self.apps[route.service](scope, receive, watched)
        except Exception as exception:
            if status:  # too late for words: the server breaks the connection off
                raise
            with entered(request_context(scope)), speaking(CATALOGUE):
                response = failure(meaning(exception, route))
            status = response.status_code
            await response(scope, receive, send)
        finally:
            if log.isEnabledFor(logging.INFO):
                with entered(request_context(scope)):
                    log.info("%s %s %d", method, scope["path"], status, extra=account(route, begun))

    def route(self, scope: Scope) -> Route:
        """Find the route; NotFound, MethodNotAllowed or MalformedRequest where there is none."""
        check_target(scope)
        found = self.routes.match(scope["method"], scope["path"])
        if found is None:
            raise NotFound
        if isinstance(found, PathMatched):
            raise MethodNotAllowed(headers={"Allow": ", ".join(found.allow)})
        return found


def meaning(exception: Exception, route: Route | None) -> ApiError:
    """Say which error a failure is to the client; what nobody foresaw is logged."""
    details = {"service": route.service} if route else None
    match exception:
        case UpstreamUnavailable():
            log.warning("%s is unavailable: %s", route and route.service, exception)
            return ServiceUnavailable(details)
        case DeadlineExpired():
            return UpstreamTimeout(details)
        case _:
            return as_api_error(exception)


def account(route: Route | None, begun: float) -> dict[str, Any]:
    """Return what the access log says of a request beside its line."""
    return {
        "route": route.template if route else None,
        "service": route.service if route else None,
        "ms": round((perf_counter() - begun) * 1000, 2),
    }
