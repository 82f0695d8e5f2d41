"""Traces: spans around what a process does for a request or an event, where somebody collects them.

Nothing here knows OpenTelemetry: `deploy/` gives a tracer, before it makes apps. The span in hand
is the `traceparent` of the context, so whatever carries that carries the trace.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Literal, Protocol

from libs.common import context
from libs.common.context import Context

Kind = Literal["SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
Attributes = Mapping[str, str | int]


class Span(Protocol):
    """Something that is done, from its beginning to its end."""

    @property
    def traceparent(self) -> str:
        """What the things below it name as their parent (W3C Trace Context 1)."""

    def tell(self, name: str, attributes: Attributes) -> None:
        """Name it anew, and say more of it; with an `error.type` it has failed."""

    def end(self, error: BaseException | None = None) -> None:
        """End it, well or by an error."""


class Tracer(Protocol):
    """Begins spans, and sends those that have ended to a collector."""

    def begin(
        self, service: str, kind: Kind, name: str, parent: str | None, attributes: Attributes
    ) -> Span:
        """Begin a span of `service` below `parent`, a traceparent; a trace of its own without."""


tracer: Tracer | None = None
"""None: nobody collects traces, and nothing is done for them."""
_SPAN = "waymark.span"
"""Where the scope of a request has its span."""
_service: ContextVar[str] = ContextVar("waymark_tracing_service", default="waymark")


class Traced:
    """ASGI middleware, only where there is a tracer: each request is a span of `service`."""

    def __init__(self, app: Any, tracer: Tracer, service: str) -> None:
        self._app = app
        self._tracer = tracer
        self._service = service

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        parent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        about = {"http.request.method": method, "url.path": scope["path"]}
        span = self._tracer.begin(self._service, "SERVER", method, parent or None, about)
        others = [pair for pair in scope["headers"] if pair[0] != b"traceparent"]
        headers = [*others, (b"traceparent", span.traceparent.encode())]
        token = _service.set(self._service)
        try:
            with _ended(span):
                await self._app({**scope, "headers": headers, _SPAN: span}, receive, send)
        finally:
            _service.reset(token)


def answered(scope: Mapping[str, Any], route: str | None, status: int) -> None:
    """Tell the span of a request, if there is one, which route answers it, and how."""
    span: Span | None = scope.get(_SPAN)
    if span is not None:
        about: dict[str, str | int] = {
            "http.route": route or "none",
            "http.response.status_code": status,
        }
        if status >= 500:
            about["error.type"] = str(status)
        span.tell(f"{scope['method']} {route or ''}".strip(), about)


@contextmanager
def spanned(
    kind: Kind, name: str, attributes: Attributes, service: str | None = None
) -> Iterator[None]:
    """Do a block in a span below the one in hand; `service` is whose, where that is to change."""
    here = context.current()
    if tracer is None or here is None:
        yield
        return
    token = _service.set(service or _service.get())
    span = tracer.begin(_service.get(), kind, name, here.traceparent, attributes)
    try:
        with _ended(span), context.entered(replace(here, traceparent=span.traceparent)):
            yield
    finally:
        _service.reset(token)


def published(service: str, event: str, attributes: Attributes) -> Context | None:
    """Return the context for a message: below a span that says that `service` publishes it."""
    here = context.current()
    if tracer is None or here is None:
        return here
    name = f"publish {event}"
    span = tracer.begin(service, "PRODUCER", name, here.traceparent, attributes)
    span.end()
    return replace(here, traceparent=span.traceparent)


@contextmanager
def _ended(span: Span) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        span.end(error)
        raise
    span.end()
