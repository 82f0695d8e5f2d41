"""The numbers that Prometheus reads move with what happens, over real databases and brokers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.services import SERVICES
from deploy.tests.systems import free_ports, one_process
from gateway.app import Upstream, create_gateway
from gateway.settings import GatewaySettings
from libs.common import metrics
from libs.common.asgi import call, ended_at_stop
from libs.common.contracts.auth import CompanyUpdated
from libs.common.db import open_database
from libs.common.events import Message
from libs.common.messaging import InboxWorker, Relay, consumes, publish, settle
from libs.common.messaging.rabbit import RabbitTransport
from libs.common.metrics import LastRun, watching
from libs.common.service import create_app
from libs.common.sessions import ReadSession, WriteSession
from libs.common.testing import Bench, BenchOf

JOBS = SERVICES["jobs"]
ROUTE = "/api/v1/jobs/{job_id}"


@pytest.fixture
async def bench(bench_of: BenchOf, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """The jobs service, watched; whoever asks is told what is, not what was."""
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 0)
    bench = await bench_of(JOBS)
    with watching(bench.db, None):
        yield bench


class Numbers(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """Samples by name and labels, as scraped."""

    def of(self, name: str, **labels: str) -> float:
        """Return the sum of what bears these labels; 0 where nothing does."""
        wanted = labels.items()
        return sum(n for (its, more), n in self.items() if its == name and more >= set(wanted))

    def labels(self, name: str, label: str) -> set[str]:
        """Return the values that a label has."""
        return {dict(labels)[label] for its, labels in self if its == name}


def numbers(text: str) -> Numbers:
    found = Numbers()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{sample.name} is told twice"
            found[key] = sample.value
    return found


async def scrape(bench: Bench) -> Numbers:
    answer = await bench.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return numbers(answer.text)


def happened() -> CompanyUpdated:
    return CompanyUpdated(
        company_id=uuid4(), name="X", industry=None, address=None, logo_url=None,
        complete=True, version=1,
    )  # fmt: skip


@consumes(CompanyUpdated)
async def give_up(session: WriteSession, event: CompanyUpdated) -> None:
    raise RuntimeError("no")


async def test_requests_are_counted_by_pattern_of_path(bench: Bench) -> None:
    before = await scrape(bench)
    for path in (f"/api/v1/jobs/{uuid4()}", "/api/v1/jobs/nonsense"):
        assert (await bench.client.get(path)).status_code == 404
    await bench.client.get("/api/v1/jobs")
    after = await scrape(bench)

    def more(**labels: str) -> float:
        name = "waymark_http_request_seconds_count"
        return after.of(name, service="jobs", **labels) - before.of(name, service="jobs", **labels)

    assert more(method="GET", route=ROUTE, status="4xx") == 2
    assert more(method="GET", route="/api/v1/jobs", status="2xx") == 1
    assert more() == 4  # with the scrape itself
    assert after.of("waymark_http_request_seconds_sum", service="jobs") > before.of(
        "waymark_http_request_seconds_sum", service="jobs"
    )


async def test_whatever_is_asked_for_the_series_stay_few(bench: Bench) -> None:
    """Paths, and methods, that nobody knows: one series, not one each."""
    gateway = create_gateway(
        {"jobs": Upstream(bench.app, {"paths": {ROUTE: {"get": {}}}})},
        bench.runtime.verifier,
        GatewaySettings(_env_file=None, rate_limit_scale=0),
        None,
    )
    known = await scrape(bench)
    for number in range(100):
        await bench.client.request(f"M{number}", f"/api/v1/{uuid4()}")
        await bench.client.get(f"/api/v1/jobs/{uuid4()}")
        await call(gateway, "GET", f"/{uuid4()}/x")
        await call(gateway, f"M{number}", f"/api/v1/jobs/{uuid4()}")
        await call(gateway, "GET", f"/api/v1/jobs/{uuid4()}")
    after = await scrape(bench)
    name = "waymark_http_request_seconds_count"
    new = {dict(labels)["route"] for its, labels in after.keys() - known.keys() if its == name}
    assert new <= {"none", ROUTE}
    assert len(after) - len(known) < 150
    assert after.labels(name, "method") <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
                                            "OPTIONS", "other"}  # fmt: skip
    assert after.of(name, service="gateway", route="none", method="other") >= 100
    assert after.of(name, service="gateway", route=ROUTE, status="4xx") >= 100


async def test_what_waits_and_what_is_dead_is_seen(bench: Bench) -> None:
    quiet = await scrape(bench)
    for name in ("outbox_messages", "outbox_age_seconds", "inbox_waiting", "inbox_late",
                 "inbox_lag_seconds", "dead_letters"):  # fmt: skip
        assert quiet.of(f"waymark_{name}", service="jobs") == 0
    async with bench.db.write() as session:
        publish(session, happened())
        publish(session, happened())
    patient = InboxWorker(bench.db, [give_up], attempts=1)
    await patient.accept([Message.of(happened())])
    loud = await scrape(bench)
    assert loud.of("waymark_outbox_messages", service="jobs") == 2
    assert loud.of("waymark_outbox_age_seconds", service="jobs") > 0
    assert loud.of("waymark_inbox_waiting", service="jobs") == 1
    assert loud.of("waymark_inbox_late", service="jobs") == 1
    assert loud.of("waymark_inbox_lag_seconds", service="jobs") > 0
    await settle([], [patient])
    given_up = await scrape(bench)
    assert given_up.of("waymark_inbox_waiting", service="jobs") == 0
    assert given_up.of("waymark_inbox_lag_seconds", service="jobs") == 0
    assert given_up.of("waymark_dead_letters", service="jobs") == 1


async def test_events_are_counted_as_they_are_sent_handled_and_given_up(
    bench: Bench, rabbitmq_url: str
) -> None:
    before = await scrape(bench)
    transport = RabbitTransport(rabbitmq_url)
    try:
        async with bench.db.write() as session:
            publish(session, happened())
        assert await Relay(bench.db, transport).step() == 1
    finally:
        await transport.close()
    await bench.hear(happened(), happened())
    worker = InboxWorker(bench.db, [give_up], attempts=2)
    await worker.accept([Message.of(happened())])
    await settle([], [worker], retries_now=True)
    after = await scrape(bench)

    def more(name: str, **labels: str) -> float:
        labels |= {"service": "jobs", "event": "company.updated"}
        return after.of(name, **labels) - before.of(name, **labels)

    assert more("waymark_events_published_total") == 1
    handled = "waymark_event_handling_seconds_count"
    assert more(handled, handler="on_company_updated") == 2
    assert more(handled, handler="give_up") == 0
    assert more("waymark_event_failures_total", handler="give_up", state="waiting") == 1
    assert more("waymark_event_failures_total", handler="give_up", state="dead") == 1


async def test_pools_and_streams_in_use_are_seen(bench: Bench) -> None:
    async with bench.db.write() as session:
        await session.connection()
        held = await scrape(bench)
    in_use, most = "waymark_database_connections_in_use", "waymark_database_connections_most"
    assert held.of(in_use, service="jobs", pool="write") == 1
    assert held.of(most, service="jobs", pool="write") == 10
    assert (await scrape(bench)).of(in_use, service="jobs", pool="write") == 0
    with ended_at_stop({"state": {}}, lambda: None):
        during = await scrape(bench)
    assert during.of("waymark_open_streams") == held.of("waymark_open_streams") + 1


async def test_a_database_that_is_away_is_told_and_spoils_nothing_else(bench: Bench) -> None:
    assert (await scrape(bench)).of("waymark_database_answers", service="jobs") == 1
    [port] = free_ports(1)
    away = open_database(f"postgresql://nobody@127.0.0.1:{port}/none", "away")
    with watching(away, None):
        told = await scrape(bench)
    await away.close()
    assert ("waymark_database_answers", frozenset({("service", "away")})) in told
    assert told.of("waymark_database_answers", service="away") == 0
    assert told.labels("waymark_outbox_messages", "service") == {"jobs"}


async def test_the_last_run_of_a_long_work_is_seen(bench: Bench) -> None:
    begun, ended = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)

    async def last_runs(session: ReadSession) -> list[LastRun]:
        return [
            LastRun("collect", "finished", begun, ended, {"new": 7}),
            LastRun("load", "running", begun, None, {}),
        ]

    with watching(replace(bench.db, service="long"), last_runs):
        told = await scrape(bench)
    assert told.labels("waymark_run_state", "service") == {"long"}
    assert told.of("waymark_run_state", run="collect", state="finished") == 1
    assert told.of("waymark_run_started_timestamp_seconds", run="load") == begun.timestamp()
    assert told.of("waymark_run_finished_timestamp_seconds", run="collect") == ended.timestamp()
    assert told.labels("waymark_run_finished_timestamp_seconds", "run") == {"collect"}
    assert told.of("waymark_run_items", run="collect", outcome="new") == 7


async def test_who_asks_often_is_told_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many ask at once, databases are looked at once."""
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 60)
    await scrape(bench)  # the last one told may have been an hour ago
    first = await asyncio.gather(*(bench.client.get("/metrics") for _ in range(20)))
    assert len({answer.text for answer in first}) == 1


async def test_with_a_port_of_their_own_they_are_nowhere_else(bench: Bench) -> None:
    elsewhere = bench.runtime.settings.model_copy(update={"metrics_port": 9000})
    app = create_app(JOBS, replace(bench.runtime, settings=elsewhere))
    answer = await call(app, "GET", "/metrics")
    assert answer.status == 404
    for port, status in ((None, 200), (9000, 404)):
        settings = GatewaySettings(_env_file=None, metrics_port=port)
        gateway = create_gateway({}, bench.runtime.verifier, settings, None)
        assert (await call(gateway, "GET", "/metrics")).status == status


def test_a_process_tells_of_all_that_it_does() -> None:
    [port] = free_ports(1)
    with one_process(METRICS_PORT=str(port)) as system:
        assert httpx.get(f"{system.url}/metrics").status_code == 404
        assert httpx.get(f"{system.url}/api/v1/jobs").status_code == 200
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
        told = numbers(answer.text)
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/jobs").status_code == 404
        name = "waymark_http_request_seconds_count"
        for service in ("gateway", "jobs"):
            assert told.of(name, service=service, route="/api/v1/jobs", status="2xx") == 1
        assert told.labels("waymark_outbox_messages", "service") == set(SERVICES)
        assert told.of("process_resident_memory_bytes") > 0
        begun = monotonic()
        assert system.stop("waymark") == 0
        assert monotonic() - begun < 10
