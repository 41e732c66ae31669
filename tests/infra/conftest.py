"""Servers that tests share: one PostgreSQL and one Kafka a worker, started when asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from infra.servers.kafka import Kafka
from infra.servers.postgres import Postgres
from infra.servers.process import free_port

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres") / "server", free_port())
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    server = Kafka(tmp_path_factory.mktemp("kafka") / "server", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def new_database(postgres_server: Postgres) -> Callable[[], str]:
    """Makes an empty database. → its URL."""

    def make() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(postgres_server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return postgres_server.url.rpartition("/")[0] + f"/{name}"

    return make


@pytest.fixture
def postgres_database(new_database: Callable[[], str]) -> str:
    """The URL of an empty database of one's own."""
    return new_database()


@pytest.fixture(scope="session")
def kcat_installed() -> None:
    """Debian's kcat; where we are root (as in CI) it is fetched."""
    if shutil.which("kcat") is None and os.geteuid() == 0:
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "kcat"]):
            subprocess.run(command, check=True, capture_output=True, timeout=240)
    if shutil.which("kcat") is None:
        pytest.skip("kcat is missing: apt install kcat")
