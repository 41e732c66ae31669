"""The compose file's settings on Kafka itself, and the topics that topics.sh makes there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from infra.servers.kafka import console
from infra.servers.process import Process, free_port
from infra.streaming.broker import TOPICS, Broker, parse


@pytest.fixture(scope="module")
def broker(
    deploy: Path, documents: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """The compose file's broker: what its image makes of the variables, on free ports of here."""
    (compose,) = documents(deploy / "compose.yaml")
    told = dict(compose["services"]["kafka"]["environment"])
    cluster, folder = told.pop("CLUSTER_ID"), tmp_path_factory.mktemp("kafka")
    heap = told.pop("KAFKA_HEAP_OPTS").split()
    told["KAFKA_LOG_DIRS"] = str(folder / "data")
    ports = {port: str(free_port()) for port in ("9092", "9093", "9094")}
    lines = [f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={value}"
             for name, value in told.items()]  # fmt: skip
    here = re.sub(r"(?<=@)kafka(?=:)|(?<=//)kafka(?=:)|(?<=//)(?=:)", "127.0.0.1", "\n".join(lines))
    properties = folder / "server.properties"
    properties.write_text(re.sub(r"(?<=:)909[234]\b", lambda port: ports[port[0]], here))
    storage = console("kafka.tools.StorageTool")
    subprocess.run([*storage, "format", "-t", cluster, "-c", properties], check=True,
                   capture_output=True)  # fmt: skip
    java, *classes = console("kafka.Kafka")
    process = Process("kafka", folder, int(ports["9092"]))
    process.start([java, *heap, *classes, str(properties)], {"PATH": os.defpath})
    yield parse(f"kafka://127.0.0.1:{ports['9092']}")
    process.stop()


def run(script: Path, server: str, **variables: str) -> str:
    done = subprocess.run(["sh", script, server], env={**os.environ, **variables}, check=True,
                          capture_output=True, text=True)  # fmt: skip
    return done.stdout


def settings_of(broker: Broker, name: str) -> dict[str, str]:
    """A topic's settings, and how many partitions it has."""
    asked = ConfigResource(ConfigResourceType.TOPIC, broker.topic(name))
    with broker.admin() as admin:
        found = admin.describe_configs([asked], config_filter="all")
    (topics,) = found.values()
    said = {key: str(each["value"]) for key, each in topics[broker.topic(name)].items()}
    return {**said, "partitions": str(len(broker.partitions_of(name)))}


def test_a_script_makes_the_topics_just_as_the_relay_would(
    deploy: Path, broker: Broker, tmp_path: Path
) -> None:
    tool = tmp_path / "kafka-topics.sh"
    tool.write_text(f'{shlex.join(console("org.apache.kafka.tools.TopicCommand"))} "$@"')
    run(deploy / "kafka" / "topics.sh", broker.servers[0], KAFKA_TOPICS=f"sh {tool}",
        PREFIX="scripted", PARTITIONS="7", REPLICATION="1")  # fmt: skip
    scripted = Broker(broker.servers, prefix="scripted")
    relayed = Broker(broker.servers, prefix="relayed", partitions=7)
    relayed.ensure_topics()
    for name, said in TOPICS.items():
        assert settings_of(scripted, name) == settings_of(relayed, name), name
        assert said.items() <= settings_of(scripted, name).items()


def test_the_script_leaves_alone_what_is_there_and_keeps_three_copies(deploy: Path) -> None:
    said = run(deploy / "kafka" / "topics.sh", "host:9092", KAFKA_TOPICS="echo").splitlines()
    assert {line.split("--topic ")[1].split()[0] for line in said} == set(TOPICS)
    for line in said:
        assert "--bootstrap-server host:9092 --create --if-not-exists" in line
        assert "--replication-factor 3 --config min.insync.replicas=2" in line
