"""A collector of traces that speaks OTLP over HTTP as a real one does, and what it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told

from deploy.tests.systems import System

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


@dataclass
class Collector:
    """What was sent: spans, each with the service that it is of."""

    url: str = ""
    spans: list[tuple[str, Told]] = field(default_factory=list)

    def of(self, trace: str) -> list[tuple[str, Told]]:
        return [(service, one) for service, one in self.spans if one.trace_id.hex() == trace]

    def take(self, body: bytes) -> None:
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {one.key: one.value.string_value for one in group.resource.attributes}
            assert about["service.namespace"] == "waymark"
            for scope in group.scope_spans:
                self.spans += [(about["service.name"], one) for one in scope.spans]


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            collector.take(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


def register(system: System, **headers: str) -> httpx.Response:
    answer = httpx.post(
        f"{system.url}/api/v1/auth/register",
        json={"name": "An", "email": f"{uuid4().hex}@example.org", "password": "Password123!"},
        headers=headers,
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return answer


def until_there(collector: Collector, trace: str, kinds: set[tuple[str, Any]]) -> None:
    deadline = time.monotonic() + 30
    while not kinds <= {(service, one.kind) for service, one in collector.of(trace)}:
        assert time.monotonic() < deadline, [(s, one.name) for s, one in collector.of(trace)]
        time.sleep(0.1)


def joined(system: System, collector: Collector) -> None:
    """Hold what one call did in gateway, service, outbox and consumer to being one trace.

    The caller's own span is its root.
    """
    answer = register(system, traceparent=f"00-{TRACE}-{CALLER}-01")
    wanted = {
        ("gateway", Told.SPAN_KIND_SERVER),
        ("auth", Told.SPAN_KIND_SERVER),
        ("auth", Told.SPAN_KIND_PRODUCER),
        ("messaging", Told.SPAN_KIND_CONSUMER),
    }
    until_there(collector, TRACE, wanted)
    log = (system.folder / "gateway.log").read_text("utf-8")
    spans = collector.of(TRACE)
    by_id = {one.span_id.hex(): (service, one) for service, one in spans}
    [(_, consumer)] = [(s, one) for s, one in spans if one.name == "handle user.registered"]
    path = [("messaging", consumer)]
    while (parent := path[-1][1].parent_span_id.hex()) != CALLER:
        path.append(by_id[parent])
    assert [(service, one.name) for service, one in path] == [
        ("messaging", "handle user.registered"),
        ("auth", "publish user.registered"),
        ("auth", "POST /api/v1/auth/register"),
        ("gateway", "POST /api/v1/auth/register"),
    ]
    about = {one.key: one.value for one in path[-1][1].attributes}
    assert about["http.response.status_code"].int_value == 201
    assert answer.headers["traceparent"][3:35] == TRACE
    lines = [orjson.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert TRACE in {line.get("trace_id") for line in lines}
