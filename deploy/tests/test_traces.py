"""What is traced, what of it is told, and that without a collector nothing is.

That one trace joins a call in all processes is shown beside the journey, in `test_journey.py`.
"""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.observed import traced
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from deploy.tests.collector import CALLER, TRACE, collecting, register
from deploy.tests.systems import free_ports, one_process
from deploy.tests.test_metrics import happened
from libs.common import context, tracing
from libs.common import logging as logs
from libs.common.contracts.auth import CompanyUpdated
from libs.common.events import Message
from libs.common.messaging import InboxWorker, consumes, settle
from libs.common.sessions import WriteSession
from libs.common.testing import BenchOf

ROOT = Path(__file__).parents[2]


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
