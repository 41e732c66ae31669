"""The compose file: the road on one host, hardened, as the Compose Specification wants it."""

from __future__ import annotations

import gzip
import json
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import chdb
import psycopg
import pytest
from jsonschema import Draft202012Validator

from infra.cli import COMMANDS
from infra.running.stages import PORTS
from infra.running.worker import PATIENCE
from infra.servers.postgres import PROGRAMS, Postgres

SERVERS = {"postgres", "kafka", "clickhouse"}
STAGES = ("relay", "sink", "project", "intake")
OURS = ("serve", *STAGES)


@pytest.fixture(scope="module")
def compose(deploy: Path, documents: Any) -> dict[str, Any]:
    (found,) = documents(deploy / "compose.yaml")
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


@pytest.fixture(scope="module")
def specification() -> Draft202012Validator:
    """The Compose Specification's schema, from the Go module compose-go v2.16.2 (Apache-2.0)."""
    packed = Path(__file__).with_name("compose-spec.json.gz").read_bytes()
    return Draft202012Validator(json.loads(gzip.decompress(packed)))


def limit(text: str) -> int:
    """Bytes of `512m`, `2g`."""
    return int(text[:-1]) * {"m": 2**20, "g": 2**30}[text[-1]]


@pytest.mark.parametrize("name", ["compose.yaml", "compose.ports.yaml"])
def test_it_is_what_the_compose_specification_allows(
    name: str, deploy: Path, documents: Any, specification: Draft202012Validator
) -> None:
    (found,) = documents(deploy / name)
    assert [each.message for each in specification.iter_errors(found)] == []
    found["services"]["kafka"]["restrat"] = "always"
    assert not specification.is_valid(found)


def test_it_has_the_servers_and_every_process_of_the_road(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVERS, *OURS, "tools"}
    assert [services[name]["command"][0] for name in OURS] == list(OURS)
    assert "--follow" in services["project"]["command"]


@pytest.mark.parametrize("name", [*OURS, "tools"])
def test_a_process_is_started_with_a_command_and_options_that_exist(
    name: str, services: dict[str, Any], bound: Callable[[list[str]], dict[str, Any]]
) -> None:
    command = services[name]["command"]
    assert command[0] in COMMANDS
    options = bound(command)
    if name in STAGES:
        assert options["metrics_port"] == PORTS[name]


@pytest.mark.parametrize("name", OURS)
def test_a_process_is_asked_whether_it_is_ready_where_it_answers(
    name: str, services: dict[str, Any], bound: Callable[[list[str]], dict[str, Any]]
) -> None:
    options = bound(services[name]["command"])
    port = options["metrics_port"] if name in STAGES else options["port"]
    assert services[name]["healthcheck"]["test"] == ["CMD", "ready", str(port)]


def test_every_variable_is_a_setting_and_every_address_can_be_read(
    services: dict[str, Any], addresses: Any, known_variables: set[str]
) -> None:
    for name in [*OURS, "tools"]:
        environment = services[name]["environment"]
        assert set(environment) <= known_variables
        found = addresses(environment)
        assert (found.store["host"], found.store["password"]) == ("postgres", "secret")
        assert found.broker.servers == ("kafka:9092",)
        assert (found.clickhouse["host"], found.clickhouse["password"]) == ("clickhouse", "secret")


def test_the_servers_have_the_user_and_database_that_the_addresses_name(
    services: dict[str, Any], addresses: Any
) -> None:
    found = addresses(services["relay"]["environment"])
    postgres, kafka = services["postgres"]["environment"], services["kafka"]["environment"]
    assert found.store["user"] == postgres["POSTGRES_USER"]
    assert found.store["dbname"] == postgres["POSTGRES_DB"]
    assert "INSIDE://kafka:9092" in kafka["KAFKA_ADVERTISED_LISTENERS"]
    assert found.broker.replication == 1
    clickhouse = services["clickhouse"]["environment"]
    assert found.clickhouse["username"] == clickhouse["CLICKHOUSE_USER"]


def told(value: Any) -> Iterator[tuple[str, str]]:
    """Every key with a text, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [(key, inner)] if isinstance(inner, str) else told(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner)


def test_no_password_stands_in_any_file(deploy: Path, documents: Any) -> None:
    for path in deploy.rglob("*.yaml"):
        said = dict(told(documents(path)))
        kept = {key: text for key, text in said.items() if re.search("(?i)passw|token", key)}
        # a file that Docker mounts, or the name and key of a Kubernetes secret
        assert set(kept.values()) <= {"/run/secrets/postgres", "shouhe-clickhouse/password"}, path
        assert not re.search(r"\w+://[^/\s@]+:[^/\s@]+@", path.read_text()), path


def test_passwords_are_made_once_and_only_their_folders_owner_reaches_them(
    deploy: Path, compose: dict[str, Any], tmp_path: Path
) -> None:
    script = tmp_path / "secrets.sh"
    script.write_bytes((deploy / "secrets.sh").read_bytes())
    subprocess.run(["sh", script], check=True)
    made = {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(compose["secrets"])
    assert all(len(each) == 48 for each in made.values())
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    subprocess.run(["sh", script], check=True)
    assert made == {each.name: each.read_text() for each in (tmp_path / "secrets").iterdir()}


def test_every_secret_and_volume_that_is_used_is_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        named = {each.partition(":")[0] for each in service.get("volumes", [])}
        assert {each for each in named if "/" not in each} <= set(compose["volumes"]), name


def test_what_holds_data_has_a_volume_and_keys_are_where_both_doors_are(
    services: dict[str, Any],
) -> None:
    homes = {
        name for name in services if "home:/var/lib/shouhe" in services[name].get("volumes", [])
    }
    assert homes == {"serve", "intake", "tools"}
    for name in SERVERS:
        assert any(each.startswith(f"{name}:") for each in services[name]["volumes"])


def test_nobody_is_root_gains_rights_or_is_forgotten_when_it_falls(
    services: dict[str, Any],
) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        assert limit(service["mem_limit"]) <= 6 * 2**30, name
        if name != "tools":
            assert service["restart"] == "unless-stopped", name
            assert "healthcheck" in service, name
        if name != "kafka":  # its image's user is not root, and its scripts write beside themselves
            assert service["user"].partition(":")[0] not in ("", "0", "root"), name
    for name in (*OURS, "tools", "postgres"):
        assert services[name]["read_only"] is True, name


def test_a_step_at_work_has_the_time_to_end(services: dict[str, Any]) -> None:
    for name in OURS:
        assert float(services[name]["stop_grace_period"].rstrip("s")) > PATIENCE


def test_nothing_is_published_but_on_loopback(deploy: Path, documents: Any) -> None:
    published = {}
    for name in ("compose.yaml", "compose.ports.yaml"):
        (found,) = documents(deploy / name)
        for service, said in found["services"].items():
            for each in said.get("ports", []):
                address, outer, inner = each.rsplit(":", 2)
                assert address == "127.0.0.1", (name, service)
                assert outer == inner
                published[name, service] = int(inner)
    assert published == {
        ("compose.yaml", "serve"): 8080,
        ("compose.ports.yaml", "kafka"): 9094,
        ("compose.ports.yaml", "clickhouse"): 8123,
    }


def test_the_servers_are_those_that_the_tests_run_against(services: dict[str, Any]) -> None:
    pom = files("infra.servers").joinpath("kafka-pom.xml").read_text()
    kafka = pom.partition("<kafka.version>")[2].partition("<")[0]
    engine = ".".join(chdb.engine_version.split(".")[:2])
    assert services["kafka"]["image"] == f"apache/kafka:{kafka}"
    assert services["clickhouse"]["image"] == f"clickhouse/clickhouse-server:{engine}"
    assert services["postgres"]["image"] == f"postgres:{PROGRAMS.removeprefix('pginstall')}"
    assert services["relay"]["image"] == f"shouhe:{version('shouhe')}"


def test_postgresql_knows_what_it_is_told(
    services: dict[str, Any], postgres_server: Postgres
) -> None:
    command = services["postgres"]["command"]
    options = dict(each.split("=") for each in command if "=" in each)
    with psycopg.connect(postgres_server.url) as connection:
        known = connection.execute(
            "SELECT lower(name) FROM pg_settings WHERE lower(name) = ANY(%s)", (list(options),)
        ).fetchall()
    assert {name for (name,) in known} == set(options)
    assert options["synchronous_commit"] == "on"
