"""The gateway: one door before all services, each of them an ASGI app.

A request passes: ids, CORS, route, rate limit, bearer, body limit; then its service, with a
deadline.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.deadline import Deadline
from gateway.docs import Endpoint, document_endpoints
from gateway.errors import RequestTimeout, UpstreamUnavailable
from gateway.health import health_endpoints
from gateway.openapi import merge
from gateway.proxy import ReverseProxy
from gateway.rate_limits import RateLimits
from gateway.routes import PathMatched, Route, RouteTable, build_routes
from gateway.security import (
    FORWARDED_FOR,
    IDS,
    Body,
    Headers,
    body_of,
    check_bearer,
    check_target,
    identify,
)
from gateway.settings import GatewaySettings
from libs.common import tracing
from libs.common.asgi import AsgiApp
from libs.common.context import DEFAULT, entered, preferred_language
from libs.common.envelope import failure
from libs.common.errors import (
    ApiError,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    UpstreamTimeout,
)
from libs.common.handlers import answered, as_api_error, request_context
from libs.common.i18n import Catalogue, speaking
from libs.common.identity import Verifier
from libs.common.metrics import metrics

log = logging.getLogger("gateway")

VARY = (b"vary", b"Origin, Accept-Language")
VARY_OF_CORS = (b"vary", b"Origin")
NO_STORE = (b"cache-control", b"no-store")
JSON_TYPE = (b"content-type", b"application/json")
API = "/api/"
AUTH = "/api/v1/auth/"
GATEWAY = "gateway"
JWKS = "/.well-known/jwks.json"
CATALOGUE = Catalogue(Path(__file__).parent / "messages")
EXPOSED = [
    "X-Request-ID", "traceparent", "X-Total-Count", "X-Total-Capped", "Link", "Location", "ETag",
    "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition", "Idempotency-Replayed",
    "WWW-Authenticate", "Allow", "Content-Language", "X-Corrected", "X-Facets-Over", "X-Dataset",
    "X-Attribution",
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
    if settings.metrics_port is None:
        own["/metrics"] = metrics
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
            await identified(dispatcher, cors, settings.trusted_proxies, scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(verifier, proxies, receive, send)
        else:  # a WebSocket: nobody here speaks that
            await send({"type": "websocket.close", "code": 1000})

    if tracing.tracer is not None:
        return tracing.Traced(gateway, tracing.tracer, GATEWAY)
    return gateway


def endpoints_app(endpoints: Mapping[str, Endpoint]) -> AsgiApp:
    """Make an app of the gateway's own endpoints."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoints[scope["path"]](Request(scope))
        await response(scope, receive, send)

    return app


async def identified(
    app: ASGIApp, cors: ASGIApp, proxies: int, scope: Scope, receive: Receive, send: Send
) -> None:
    """Give request and answer their `X-Request-ID` and `traceparent`; tell caches what to do.

    Only what a page of another origin sends goes through `cors`: it costs as much as all the rest
    of the way. To caches every answer says that it depends on the origin (Fetch, CORS and caches)
    and on the language; what is one caller's own is not stored, unless the service says otherwise.
    """
    scope = dict(scope)
    headers = dict(scope["headers"])
    ids = identify(scope, headers, proxies)
    crosses = b"origin" in headers
    private = b"authorization" in headers or scope["path"].startswith(AUTH)
    added = [*ids, VARY]

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [h for h in message["headers"] if h[0] not in IDS]
            if private and b"cache-control" not in dict(given):
                given.append(NO_STORE)
            if crosses and VARY_OF_CORS in given:
                given.remove(VARY_OF_CORS)
            message["headers"] = given + added
        await send(message)

    await (cors if crosses else app)(scope, receive, answer)


async def lifespan(
    verifier: Verifier, proxies: list[ReverseProxy], receive: Receive, send: Send
) -> None:
    """Hear of ended sessions as long as the gateway runs; then close what leads to the services."""
    await receive()
    async with verifier.following():
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await asyncio.gather(*(proxy.close() for proxy in proxies))
    await send({"type": "lifespan.shutdown.complete"})


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
        self.rates = RateLimits(settings.rate_limit_scale)
        self.seconds = settings.upstream_timeout_seconds
        self.limits = {False: settings.max_body_bytes, True: settings.max_upload_bytes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever fails before the answer has begun is put into words."""
        begun = perf_counter()
        method = scope["method"]
        headers = dict(scope["headers"])
        route: Route | None = None
        body: Body | None = None
        told: Headers = []  # of the caller's rate
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if deadline.late is not None:  # it was answered without the service
                return
            if not status:
                status = message["status"]
                deadline.stop()
                answered(GATEWAY, scope, template(route), status, begun)
                if JSON_TYPE in message["headers"] and scope["path"].startswith(API):
                    spoken = spoken_to(headers.get(b"accept-language"))
                    message["headers"] = [*message["headers"], spoken]
                if told:
                    message["headers"] = [*message["headers"], *told]
            elif method == "HEAD":
                message["body"] = b""
            await send(message)

        async def refuse(error: ApiError) -> None:
            nonlocal status
            status = error.status
            answered(GATEWAY, scope, template(route), status, begun)
            with entered(request_context(scope)), speaking(CATALOGUE):
                response = failure(error)
            response.raw_headers += [spoken_to(headers.get(b"accept-language")), *told]
            await response(scope, receive, send)

        async def too_late() -> None:
            if body is not None and body.awaited:
                await refuse(RequestTimeout(headers={"Connection": "close"}))
            else:
                await refuse(UpstreamTimeout(culprit(route)))
            note(scope, method, status, route, begun)

        deadline = Deadline(self.seconds, too_late)
        try:
            route = self.route(scope)
            if route.limit is not None:
                told = self.rates.check(route.limit, headers[FORWARDED_FOR].decode())
            if route.secured:
                await check_bearer(headers, self.verifier)
            body = body_of(headers, receive, self.limits[route.multipart])
            if body is not None:
                receive = body.receive
            if method == "HEAD":  # RFC 9110 §9.3.2: all that GET says, but the body
                scope["method"] = "GET"
                scope["headers"] = [*scope["headers"], (b"x-asked-head", b"1")]
            with deadline:
                await self.apps[route.service](scope, receive, watched)
        except Exception as exception:
            if status and deadline.late is None:  # the server breaks the connection off
                raise
            error = meaning(exception, route)
            if deadline.late is None:
                await refuse(error)
        finally:
            if deadline.late is not None:
                await deadline.late
            else:
                note(scope, method, status, route, begun)

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
    match exception:
        case UpstreamUnavailable():
            log.warning("%s is unavailable: %s", route and route.service, exception)
            return ServiceUnavailable(culprit(route))
        case _:
            return as_api_error(exception)


def template(route: Route | None) -> str | None:
    """Return the pattern of a request's path, None where it has none."""
    return route.template if route else None


def culprit(route: Route | None) -> dict[str, str] | None:
    """Return the details of an error that is a service's."""
    return {"service": route.service} if route else None


@lru_cache(maxsize=256)
def spoken_to(accept_language: bytes | None) -> tuple[bytes, bytes]:
    """Return the header that tells in which language an envelope speaks."""
    wished = None if accept_language is None else accept_language.decode("latin-1")
    return b"content-language", (preferred_language(wished) or DEFAULT).encode()


def note(scope: Scope, method: str, status: int, route: Route | None, begun: float) -> None:
    """Write a request into the access log; a path must not break out of its line."""
    if not log.isEnabledFor(logging.INFO):
        return
    path = scope["path"]
    more = {
        "route": template(route),
        "service": route.service if route else None,
        "ms": round((perf_counter() - begun) * 1000, 2),
    }
    with entered(request_context(scope)):
        shown = path if path.isprintable() else repr(path)[1:-1]
        log.info("%s %s %d", method, shown, status, extra=more)
