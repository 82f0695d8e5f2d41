"""The Helm chart: linted, rendered as a beginner and as an operator would, and held to the code.

There is no cluster here: what Kubernetes itself would say beyond its schemas is not tested.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart, lint
from kubernetes_validate import validate

from deploy.services import SERVICES

CHART = Path(__file__).parents[1] / "helm" / "waymark"
KUBERNETES = ("1.29", "1.35")
EVERYTHING: dict[str, Any] = {
    "gateway": {
        "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls"},
        "autoscaling": {"enabled": True},
    },
    "services": {name: {"autoscaling": {"enabled": True}} for name in SERVICES},
    "workers": {"ingestion": {"replicas": 1, "keda": {"enabled": True}}},
    "careersEtl": {"enabled": True},
    "podMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True},
    "networkPolicy": {"gatewayFrom": [{"kubernetes.io/metadata.name": "ingress-nginx"}]},
    "image": {"pullSecrets": [{"name": "registry"}]},
    "nodeSelector": {"disk": "ssd"},
}


def render(values: dict[str, Any]) -> list[dict[str, Any]]:
    files = Chart.load(str(CHART)).render(values, name="wm", namespace="jobs")
    texts = [text for name, text in files.items() if name.endswith(".yaml")]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def of_kind(kind: str, values: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    found = [one for one in render(values or {}) if one["kind"] == kind]
    return {one["metadata"]["name"]: one for one in found}


def test_it_is_linted() -> None:
    report = lint(str(CHART), {}, strict=True)
    assert report["errors"] == []
    assert [one for one in report["messages"] if one["severity"] > 1] == []


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_kubernetes_knows_every_field(values: dict[str, Any], version: str) -> None:
    manifests = render(values)
    own = [one for one in manifests if "k8s.io" in one["apiVersion"] or "." not in
           one["apiVersion"].split("/")[0]]  # fmt: skip
    assert len(own) > 25
    for manifest in own:
        validate(manifest, version, strict=True)


def test_everything_that_can_be_wanted_is_there() -> None:
    kinds = {one["kind"] for one in render(EVERYTHING)}
    assert kinds >= {
        "Deployment", "Service", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Job",
        "CronJob", "HorizontalPodAutoscaler", "ScaledObject", "TriggerAuthentication", "PodMonitor",
        "PrometheusRule",
    }  # fmt: skip


def test_every_service_is_deployed_and_found() -> None:
    deployments, services = of_kind("Deployment"), of_kind("Service")
    for name in SERVICES:
        [container] = deployments[f"wm-{name}"]["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["service", name, "--port", "8000"]
        environment = {one["name"]: one["value"] for one in container["env"]}
        for other in SERVICES:
            host = re.fullmatch(r"http://([a-z-]+):8000", environment[f"{other.upper()}_URL"])
            assert host is not None
            assert services[host[1]]["spec"]["ports"][0]["port"] == 8000


def test_nobody_gets_in_but_the_gateway_and_peers() -> None:
    policies = of_kind("NetworkPolicy")
    for name in SERVICES:
        policy = policies[f"wm-{name}"]["spec"]
        callers, scrapers = policy["ingress"]
        assert scrapers["ports"] == [{"port": "metrics"}]
        let_in = {
            one["podSelector"]["matchLabels"].get("app.kubernetes.io/component", "everybody")
            for one in callers["from"]
        }
        peers = {other for other, service in SERVICES.items() if name in service.peers}
        assert let_in == ({"everybody"} if name == "auth" else {"gateway", *peers})


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["defaults", "everything"])
def test_no_pod_may_more_than_it_must(values: dict[str, Any]) -> None:
    pods = [one["spec"]["template"]["spec"] for one in render(values)
            if one["kind"] in {"Deployment", "Job"}]  # fmt: skip
    assert len(pods) >= 9
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        [container] = pod["containers"]
        allowed = container["securityContext"]
        assert allowed["readOnlyRootFilesystem"] is True
        assert allowed["allowPrivilegeEscalation"] is False
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert "limits" in container["resources"]


def test_migrations_come_before_the_new_version() -> None:
    jobs = of_kind("Job")
    assert (
        jobs["wm-migrate"]["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    )
    assert jobs["wm-seed"]["metadata"]["annotations"]["helm.sh/hook"] == "post-install,post-upgrade"


def test_no_secret_is_in_a_manifest() -> None:
    names = {"DATABASE_URL", "RABBITMQ_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "JWT_SECRET_KEY"}
    for deployment in of_kind("Deployment", EVERYTHING).values():
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        assert {one["name"] for one in container["env"]}.isdisjoint(names)
        assert container["envFrom"] == [{"secretRef": {"name": "waymark"}}]
