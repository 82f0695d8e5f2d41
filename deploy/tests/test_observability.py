"""Dashboard, alert rules and scrape configuration speak of what there is: metrics, manual, ports.

There is no Prometheus and no Grafana here: what they themselves would say is not tested.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import promql_parser
import pytest
import yaml

from deploy.services import SERVICES
from deploy.tests.test_house_rules import ROOT
from deploy.tests.test_metrics import give_up, happened, scrape
from libs.common import metrics
from libs.common.events import Message
from libs.common.messaging import InboxWorker, LocalTransport, Relay, publish, settle
from libs.common.metrics import LastRun, watching
from libs.common.sessions import ReadSession
from libs.common.testing import BenchOf

FOLDER = ROOT / "deploy" / "observability"
CHART = ROOT / "deploy" / "helm" / "waymark"
BOARD = orjson.loads((FOLDER / "grafana/dashboards/waymark.json").read_bytes())
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SCRAPES = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
BY_PROMETHEUS = {"job", "instance"}  # labels that it adds


def alerts() -> list[dict[str, dict[str, str]]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def queries() -> Iterator[str]:
    """Return every query: those of the dashboard for all services, as Grafana writes that."""
    for panel in BOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"].replace("$service", ".*")
    for rule in alerts():
        yield str(rule["expr"])


async def told_of(bench_of: BenchOf) -> dict[str, set[str]]:
    """Return what a running app tells: each sample's name, and the labels that it bears."""
    bench = await bench_of(SERVICES["jobs"])

    async def last_runs(session: ReadSession) -> list[LastRun]:
        now = datetime.now(UTC)
        return [LastRun("x", "finished", now, now, {"new": 1})]

    with watching(bench.db, last_runs):
        await bench.client.get("/api/v1/jobs")
        await bench.hear(happened())
        worker = InboxWorker(bench.db, [give_up], attempts=1)
        await worker.accept([Message.of(happened())])
        await settle([], [worker])
        async with bench.db.write() as session:
            publish(session, happened())
        await Relay(bench.db, LocalTransport()).step()
        numbers = await scrape(bench)
    told: dict[str, set[str]] = {"up": set()}
    for name, labels in numbers:
        told.setdefault(name, set()).update(dict(labels))
    return told


async def test_every_query_can_be_read_and_asks_for_what_is_told(
    bench_of: BenchOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 0)
    told = await told_of(bench_of)
    asked: set[str] = set()

    def look(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.MatrixSelector):
            part = part.vector_selector
        if isinstance(part, promql_parser.VectorSelector):
            assert part.name is not None
            assert part.name in told, part.name
            asked.add(part.name)
            labels = {matcher.name for matcher in part.matchers.matchers}
            assert labels <= told[part.name] | BY_PROMETHEUS, part.name

    for query in queries():
        promql_parser.walk(promql_parser.parse(query), look)
        grouped = {label.strip() for by in re.findall(r"by \((.*?)\)", query)
                   for label in by.split(",")}  # fmt: skip
        assert grouped <= set().union(*told.values()) | BY_PROMETHEUS, query
    ours = {name for name in told if name.startswith("waymark_")}
    ours = {name for name in ours if not name.endswith(("_sum", "_bucket", "_count"))}
    assert len(asked) > 20
    assert ours <= asked, "told, but nobody looks at it"
    documented = (ROOT / "docs" / "operations.md").read_text("utf-8")
    documented = documented.replace("`…_most`", "waymark_database_connections_most")
    assert {name for name in ours if name not in documented} == set()


def test_every_alert_says_what_to_do_and_where_that_is_explained() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in manual.splitlines()
        if line.startswith("#")
    }
    assert len(alerts()) >= 10
    for rule in alerts():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description", "runbook"}
        file, _, heading = rule["annotations"]["runbook"].partition("#")
        assert file == "docs/operations.md"
        assert heading in headings, heading


def test_the_chart_has_the_same_rules() -> None:
    assert (FOLDER / "alerts.yml").resolve() == CHART / "files" / "alerts.yml"


def test_prometheus_reads_every_process_of_compose() -> None:
    services = COMPOSE["services"]
    port = services["gateway"]["environment"]["METRICS_PORT"]
    [scrape_] = SCRAPES["scrape_configs"]
    assert scrape_["job_name"] == "waymark"  # as the alerts say
    targets = {target for one in scrape_["static_configs"] for target in one["targets"]}
    assert targets == {f"{name}:{port}" for name in ("gateway", *SERVICES)}
    for worker in scrape_["dns_sd_configs"]:
        assert worker["port"] == port
        assert all(services[name]["command"][0] == "worker" for name in worker["names"])
    for name in ("prometheus", "grafana"):
        assert services[name]["profiles"] == ["observability"]
        assert all(one.startswith("127.0.0.1:") for one in services[name]["ports"])
        mounted = [one.split(":")[0] for one in services[name]["volumes"]]
        assert all((ROOT / one).exists() for one in mounted if one.startswith("."))


def test_grafana_finds_its_source() -> None:
    provisioning = FOLDER / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    uids = {panel["datasource"]["uid"] for panel in BOARD["panels"] if "datasource" in panel}
    assert uids == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"
    yaml.safe_load((provisioning / "dashboards/waymark.yml").read_text())
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
