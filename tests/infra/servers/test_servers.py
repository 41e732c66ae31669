"""PostgreSQL and Kafka for trials: they come up, keep what they said, and end cleanly."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from infra.servers import kafka as kafka_module
from infra.servers.kafka import Kafka, console
from infra.servers.postgres import Postgres
from infra.servers.process import ServerError, free_port


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("servers") / "postgres", free_port())
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    server = Kafka(tmp_path_factory.mktemp("servers") / "kafka", free_port())
    server.start()
    yield server
    server.stop()


def test_data_whose_folder_was_removed_is_swept_and_no_other(tmp_path: Path) -> None:
    """As root, data lies outside the folder: nothing of it may be left for ever."""
    kept, gone = tmp_path / "kept", tmp_path / "gone"
    places = [Postgres(each, 1).folder for each in (kept, gone)]
    for each in places:
        (each / "data").mkdir(parents=True)
    if gone.is_symlink():
        gone.unlink()
    else:
        shutil.rmtree(gone)
    Postgres(tmp_path / "next", 1)
    assert [each.exists() for each in places] == [True, False]


def test_what_postgres_committed_survives_kill_nine(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE facts (id int PRIMARY KEY)")
        connection.execute("INSERT INTO facts SELECT generate_series(1, 1000)")
    postgres.kill()
    assert postgres.process.pid is None
    postgres.start()
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("SELECT count(*), current_setting('fsync') FROM facts").fetchone()
        assert row == (1000, "on")


def test_what_kafka_acknowledged_survives_kill_nine(kafka: Kafka) -> None:
    broker = f"127.0.0.1:{kafka.port}"
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics([NewTopic("facts", num_partitions=2, replication_factor=1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=broker, acks="all", enable_idempotence=True)
    for number in range(500):
        producer.send("facts", key=b"%d" % (number % 7), value=b"%d" % number)
    producer.flush()
    producer.close()
    kafka.kill()
    assert kafka.process.pid is None
    kafka.start()
    consumer = KafkaConsumer(
        "facts", bootstrap_servers=broker, auto_offset_reset="earliest", consumer_timeout_ms=8000
    )
    seen = [next(consumer).value for _ in range(500)]
    consumer.close()
    assert sorted(map(int, seen)) == list(range(500))


def test_kafkas_own_tools_speak_to_it(kafka: Kafka) -> None:
    tool = console("org.apache.kafka.tools.TopicCommand")
    done = subprocess.run(
        [*tool, "--bootstrap-server", f"127.0.0.1:{kafka.port}", "--list"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_port_that_is_taken_is_said(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=f"port {postgres.port} is taken"):
        Postgres(tmp_path / "other", postgres.port).start()


def test_where_java_is_missing_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_module.shutil, "which", lambda _: None)
    with pytest.raises(ServerError, match="apt install default-jre-headless"):
        Kafka(tmp_path / "kafka", free_port()).start()
