"""The Kubernetes manifests: valid, hardened, and about processes, ports and secrets that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from infra.cli import COMMANDS
from infra.running.stages import PORTS
from infra.running.telemetry import Telemetry
from infra.running.worker import PATIENCE

OPERATORS = ("cnpg.io", "strimzi.io", "altinity.com")
KUBERNETES = "1.34"
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def manifests(deploy: Path, documents: Any) -> list[Manifest]:
    """Ours, in the order in which they are applied."""
    (listed,) = documents(deploy / "kubernetes" / "kustomization.yaml")
    return [
        each for name in listed["resources"] for each in documents(deploy / "kubernetes" / name)
    ]


@pytest.fixture(scope="module")
def servers(deploy: Path, documents: Any) -> list[Manifest]:
    """The operators' resources."""
    folder = deploy / "kubernetes" / "servers"
    (listed,) = documents(folder / "kustomization.yaml")
    return [each for name in listed["resources"] for each in documents(folder / name)]


@pytest.fixture(scope="module")
def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Workload → its pod template."""
    kinds = ("Deployment", "StatefulSet")
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in manifests
        if each["kind"] in kinds
    }


@pytest.fixture(scope="module")
def containers(pods: dict[str, Manifest]) -> dict[str, Manifest]:
    return {each["name"]: each for pod in pods.values() for each in pod["spec"]["containers"]}


@pytest.fixture(scope="module")
def variables(manifests: list[Manifest]) -> dict[str, str]:
    (found,) = (each["data"] for each in manifests if each["kind"] == "ConfigMap")
    return found


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def test_every_file_is_listed(deploy: Path, documents: Any) -> None:
    for folder in (deploy / "kubernetes", deploy / "kubernetes" / "servers"):
        (listed,) = documents(folder / "kustomization.yaml")
        there = {each.name for each in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert set(listed["resources"]) == there
        assert listed["namespace"] == "shouhe"


def test_every_manifest_is_what_its_schema_allows(manifests: list[Manifest]) -> None:
    for each in manifests:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**manifests[-1], "spce": {}}, KUBERNETES, strict=True)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is missing")
def test_kustomize_puts_the_manifests_together(deploy: Path, manifests: list[Manifest]) -> None:
    command = ["kubectl", "kustomize", deploy / "kubernetes"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    made = list(yaml.safe_load_all(done.stdout))
    assert len(made) == len(manifests)
    assert {each["metadata"].get("namespace", "shouhe") for each in made} == {"shouhe"}
    # network.yaml tells the servers from ours by this label
    label = {"app.kubernetes.io/part-of": "shouhe"}.items()
    for each in made:
        if each["kind"] in ("Deployment", "StatefulSet"):
            assert label <= each["spec"]["template"]["metadata"]["labels"].items()


def test_the_road_is_whole(containers: dict[str, Manifest]) -> None:
    assert set(containers) == {"serve", *PORTS}
    assert "--follow" in containers["project"]["args"]


def test_a_container_runs_a_command_that_exists_and_answers_where_it_is_asked(
    containers: dict[str, Manifest], bound: Callable[[list[str]], dict[str, Any]]
) -> None:
    for name, each in containers.items():
        command, options = each["args"][0], bound(each["args"])
        assert command in COMMANDS
        assert command == name
        port = options["port"] if name == "serve" else options["metrics_port"]
        assert [one["containerPort"] for one in each["ports"]] == [port]
        assert port == PORTS.get(name, 8080)
        # the kubelet asks from outside the pod
        assert "0.0.0.0" in (options.get("host"), options.get("metrics_host"))  # noqa: S104


def test_probes_ask_for_what_there_is(containers: dict[str, Manifest]) -> None:
    telemetry = Telemetry("relay")
    for name, each in containers.items():
        probes = {kind: each[kind]["httpGet"] for kind in each if kind.endswith("Probe")}
        assert {"startupProbe", "livenessProbe"} <= set(probes)
        assert ("readinessProbe" in probes) == (name != "intake")
        for probe in probes.values():
            assert telemetry.answer(probe["path"])[0] != 404
            assert probe["port"] == each["ports"][0]["name"]


def test_every_variable_is_a_setting_and_every_address_can_be_read(
    variables: dict[str, str], addresses: Any, known_variables: set[str], servers: list[Manifest]
) -> None:
    assert set(variables) <= known_variables
    found = addresses(variables)
    (postgres,) = of_kind(servers, "Cluster").items()
    (kafka,) = of_kind(servers, "Kafka").items()
    (clickhouse,) = of_kind(servers, "ClickHouseInstallation").items()
    assert found.store["host"] == f"{postgres[0]}-rw"
    assert found.store["sslmode"] == "verify-full"
    assert found.store["dbname"] == postgres[1]["spec"]["bootstrap"]["initdb"]["database"]
    assert found.store["user"] == postgres[1]["spec"]["bootstrap"]["initdb"]["owner"]
    listener = kafka[1]["spec"]["kafka"]["listeners"][0]
    assert found.broker.servers == (f"{kafka[0]}-kafka-bootstrap:{listener['port']}",)
    assert found.broker.security["security_protocol"] == "SASL_SSL"
    assert (
        found.broker.replication
        == kafka[1]["spec"]["kafka"]["config"]["default.replication.factor"]
    )
    cluster = clickhouse[1]["spec"]["configuration"]["clusters"][0]["name"]
    assert found.clickhouse["host"] == f"chi-{clickhouse[0]}-{cluster}-0-0"
    assert (
        f"{found.clickhouse['username']}/k8s_secret_password"
        in (clickhouse[1]["spec"]["configuration"]["users"])
    )


def test_every_secret_that_an_address_names_is_mounted_and_made_by_somebody(
    variables: dict[str, str], pods: dict[str, Manifest], servers: list[Manifest]
) -> None:
    named = set(re.findall(r"/run/secrets/shouhe/([\w.-]+)", " ".join(variables.values())))
    (postgres,), (kafka,) = of_kind(servers, "Cluster"), of_kind(servers, "Kafka")
    (user,) = of_kind(servers, "KafkaUser")
    for pod in pods.values():
        (volume,) = (each for each in pod["spec"]["volumes"] if each["name"] == "secrets")
        sources = [each["secret"] for each in volume["projected"]["sources"]]
        assert {item["path"] for each in sources for item in each["items"]} == named
        assert {each["name"] for each in sources} == {
            f"{postgres}-app", f"{postgres}-ca", user, f"{kafka}-cluster-ca-cert",
            "shouhe-clickhouse",
        }  # fmt: skip
        for each in pod["spec"]["containers"]:
            assert {"/run/secrets/shouhe", "/var/lib/shouhe", "/tmp"} == {  # noqa: S108
                mount["mountPath"] for mount in each["volumeMounts"]
            }


def test_no_secret_is_in_the_manifests(manifests: list[Manifest]) -> None:
    assert "Secret" not in {each["kind"] for each in manifests}


def test_pods_are_as_the_restricted_profile_wants_them(pods: dict[str, Manifest]) -> None:
    for name, pod in pods.items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert spec["terminationGracePeriodSeconds"] > PATIENCE
        for each in spec["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"cpu", "memory"} <= set(each["resources"]["requests"])
            assert "memory" in each["resources"]["limits"]


def test_one_of_each_works_and_the_old_one_goes_first(manifests: list[Manifest]) -> None:
    for each in of_kind(manifests, "Deployment").values():
        assert each["spec"]["replicas"] == 1
        assert each["spec"]["strategy"] == {"type": "Recreate"}
    (door,) = of_kind(manifests, "StatefulSet").values()
    assert door["spec"]["replicas"] == 1
    (claim,) = door["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_every_selector_meets_a_pod(manifests: list[Manifest], pods: dict[str, Manifest]) -> None:
    labels = [pod["metadata"]["labels"].items() for pod in pods.values()]
    for each in manifests:
        selector = each.get("spec", {}).get("selector", {})
        wanted = selector.get("matchLabels", selector) if each["kind"] != "NetworkPolicy" else {}
        if each["kind"] in ("Service", "PodDisruptionBudget", "Deployment", "StatefulSet"):
            assert any(wanted.items() <= own for own in labels), each["metadata"]["name"]


def test_a_process_reaches_what_it_needs_and_nothing_else(
    manifests: list[Manifest], pods: dict[str, Manifest], servers: list[Manifest]
) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["nothing"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    reaches: dict[str, set[int]] = {name: set() for name in pods}
    for name in ("to-event-store", "to-kafka", "to-clickhouse"):
        spec = policies[name]["spec"]
        (rule,) = spec["egress"]
        (who,) = spec["podSelector"]["matchExpressions"]
        for pod in who["values"]:
            reaches[pod] |= {each["port"] for each in rule["ports"]}
    assert reaches == {
        "door": {5432, 9093, 8123},
        "relay": {5432, 9093},
        "sink": {5432, 9093, 8123},
        "project": {5432, 8123},
    }


def test_the_servers_are_of_operators_and_keep_every_event_twice(servers: list[Manifest]) -> None:
    assert all(each["apiVersion"].split("/")[0].endswith(OPERATORS) for each in servers)
    (postgres,) = of_kind(servers, "Cluster").values()
    assert postgres["spec"]["instances"] == 3
    assert postgres["spec"]["postgresql"]["synchronous"]["number"] == 1
    (kafka,) = of_kind(servers, "Kafka").values()
    config = kafka["spec"]["kafka"]["config"]
    assert config["min.insync.replicas"] == config["transaction.state.log.min.isr"] == 2
    assert config["auto.create.topics.enable"] is False
    (clickhouse,) = of_kind(servers, "ClickHouseInstallation").values()
    (cluster,) = clickhouse["spec"]["configuration"]["clusters"]
    assert cluster["layout"]["replicasCount"] == 2
    assert clickhouse["spec"]["configuration"]["profiles"]["writer/insert_quorum"] == 2
