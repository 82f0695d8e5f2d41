"""One trace joins what one call did in gateway, services and consumers; without a collector, none.

The collector is a small one that speaks OTLP over HTTP as a real one does.
"""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told

from deploy.observed import traced
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from deploy.tests.systems import System, free_ports, one_process, seven_processes
from deploy.tests.test_metrics import happened
from libs.common import context, tracing
from libs.common import logging as logs
from libs.common.contracts.auth import CompanyUpdated
from libs.common.events import Message
from libs.common.messaging import InboxWorker, consumes, settle
from libs.common.sessions import WriteSession
from libs.common.testing import BenchOf

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
ROOT = Path(__file__).parents[2]


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


def test_a_trace_joins_gateway_service_outbox_and_consumer(postgres_url: str) -> None:
    """Over seven processes and RabbitMQ; the caller's own span is its root."""
    with collecting() as collector:
        knobs = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        with seven_processes(postgres_url, "traces", **knobs, LOG_FORMAT="json") as system:
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


@pytest.mark.soak
def test_the_share_is_kept_and_callers_are_heard() -> None:
    with collecting() as collector:
        knobs = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_SAMPLER_ARG": "0"}
        with one_process(**knobs) as system:
            unasked = register(system).headers["traceparent"]
            assert not int(unasked[-2:], 16) & 1  # sampled, among the flags
            declined = register(system, traceparent=f"00-{'1' * 32}-{CALLER}-00")
            assert not int(declined.headers["traceparent"][-2:], 16) & 1
            register(system, traceparent=f"00-{TRACE}-{CALLER}-01")
            assert system.stop("waymark") == 0  # what has ended is sent before
        assert {one.trace_id.hex() for _, one in collector.spans} == {TRACE}
        assert {"gateway", "auth", "messaging"} <= {service for service, _ in collector.spans}


@pytest.mark.soak
def test_a_collector_that_is_away_harms_nobody() -> None:
    with one_process(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1") as system:
        register(system)
        assert system.stop("waymark") == 0


def test_an_error_is_told_by_its_kind() -> None:
    """Its words may tell of a person."""
    with collecting() as collector:
        settings = DeploySettings(
            _env_file=None,
            otel_exporter_otlp_endpoint=collector.url,
        )
        here = context.Context("1", f"00-{TRACE}-{CALLER}-01")
        with (
            traced(settings),
            context.entered(here),
            pytest.raises(ValueError, match="An"),
            tracing.spanned("CONSUMER", "handle x", {}, "jobs"),
        ):
            raise ValueError("An <an@example.org>")
        [(service, span)] = collector.spans
        assert (service, span.status.code) == ("jobs", 2)
        assert b"ValueError" in span.SerializeToString()
        assert b"example.org" not in span.SerializeToString()


async def test_logs_of_consumers_bear_the_trace_of_whoever_published(
    bench_of: BenchOf, caplog: pytest.LogCaptureFixture
) -> None:
    """In the handler, and where an attempt of it is found to have failed."""

    @consumes(CompanyUpdated)
    async def speak_and_fail(session: WriteSession, event: CompanyUpdated) -> None:
        logging.getLogger("jobs").warning("handling")
        raise RuntimeError("no")

    bench = await bench_of(SERVICES["jobs"])
    with context.entered(context.Context("r1", f"00-{TRACE}-{CALLER}-01")):
        message = Message.of(happened())
    worker = InboxWorker(bench.db, [speak_and_fail], attempts=1)
    caplog.handler.addFilter(seen := logs._InContext())
    try:
        await worker.accept([message])
        await settle([], [worker])
    finally:
        caplog.handler.removeFilter(seen)
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.message.split()[0] for record in said] == ["handling", "speak_and_fail"]
    assert {(one.trace_id, one.request_id) for one in said} == {(TRACE, "r1")}  # type: ignore[attr-defined]


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    code = "import deploy.cli, sys; print([m for m in sys.modules if 'opentelemetry.sdk' in m])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
    assert tracing.tracer is None


def test_a_collector_without_the_extra_is_refused_in_a_sentence(tmp_path: Path) -> None:
    code = "import sys; sys.modules['deploy.traces'] = None; from deploy.cli import main; main()"
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "DATA_DIR": str(tmp_path)}
    for command in ("doctor", "gateway"):
        done = subprocess.run(
            [sys.executable, "-c", code, command],
            env=settings | {"PATH": "/usr/bin", "PORT": str(free_ports(1)[0])},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "install waymark[telemetry]" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
