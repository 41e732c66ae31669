"""A gateway on a port of its own, over a small directory, for the tests of one module."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import pytest
import uvicorn

from infra.gateway import Limits, User, build
from infra.warehouse import embedded


def password(user: str) -> str:
    return f"for-{user}"


USERS = (
    User(name="admin", password=password("admin"), role="admin"),
    User(name="analyst", password=password("analyst")),
    User(name="bijie", password=password("bijie"), place="5205"),
)
PASSWORDS = {each.name: each.password for each in USERS}

SCHEMA = """
CREATE TABLE visits__0123abcd_1 (child_id UInt64, day Date, village_code LowCardinality(String),
    place LowCardinality(String)) ENGINE = MergeTree ORDER BY child_id;
CREATE TABLE guardians__0123abcd_1 (child_id UInt64, grade String)
    ENGINE = MergeTree ORDER BY child_id;
CREATE TABLE events (offset UInt64, place LowCardinality(String), data String)
    ENGINE = MergeTree ORDER BY offset SETTINGS non_replicated_deduplication_window = 100;
CREATE VIEW visits AS SELECT * FROM visits__0123abcd_1;
CREATE VIEW visits_as_of AS SELECT * FROM visits__0123abcd_1 WHERE day <= {as_of:Date};
CREATE VIEW guardians AS SELECT * FROM guardians__0123abcd_1;
CREATE VIEW duties_as_of AS SELECT child_id,
    argMax(village_code, (day, village_code)) AS village_code, max(day) AS last, count() AS times
    FROM visits_as_of(as_of = {as_of:Date}) GROUP BY child_id;
CREATE VIEW duties AS SELECT * FROM duties_as_of(as_of = '2026-12-31');
CREATE VIEW cases AS SELECT * FROM values(
    'kind String, child_id UInt64, place String, state String, next_step String',
    ('report', 3, '520526100202', 'received', '受理'),
    ('guardianship', 4, '520526100202', 'ended', ''),
    ('dropout', 3, '520526100202', 'returned', ''), ('dropout', 2, '520102100201', 'returned', ''));
CREATE VIEW obligations AS SELECT * FROM values(
    'rule String, subject String, subject_id String, place String',
    ('T6.4', 'case', 'r-1', '520526100202'), ('T6.1', 'county', '520526', '520526'),
    ('T2.6', 'child', '3', '520526100202'));
CREATE VIEW timeline AS SELECT * FROM values('child_id UInt64, type String, place String',
    (3, 'report.submitted.v1', '520526100202'), (3, 'temp_guardianship.started.v1', '520526100202'),
    (3, 'visit.completed.v1', '520526100202'));
INSERT INTO visits__0123abcd_1 VALUES (1, '2026-01-01', '520526100201', '520526100201'),
    (1, '2026-02-01', '520102100201', '520102100201'), (2, '2026-01-05', '520102100201', '520102'),
    (3, '2026-01-07', '520526100202', '520526100202'), (4, '2026-01-02', '520102100201', '520102'),
    (4, '2026-03-01', '520526100202', '520526100202');
INSERT INTO guardians__0123abcd_1 VALUES (1, 'good'), (2, 'poor');
INSERT INTO events SELECT number, if(number % 2, '520526100201', '520102100201'), 'x'
    FROM numbers(100)
"""


@dataclass
class Served:
    """A running gateway."""

    port: int
    path: Path

    def client(self, user: str = "admin", **options: Any) -> Any:
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, username=user,
            password=options.pop("password", PASSWORDS.get(user, "")),
            database=options.pop("database", "shouhe"), **options,
        )  # fmt: skip

    def http(self, user: str = "admin") -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", auth=(user, PASSWORDS[user]), timeout=30
        )

    def busy(self) -> int:
        """Statements at work that came through the gateway."""
        query = (
            "SELECT count() FROM system.processes WHERE query LIKE '/* gateway:%'"
            " AND query NOT LIKE '%system.processes%'"
        )
        with self.http() as http:
            return int(http.post("/", content=query).text)

    def until_idle(self, seconds: float = 5.0) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if not self.busy():
                return True
            time.sleep(0.05)
        return False


@contextmanager
def serving(path: Path, limits: Limits) -> Iterator[Served]:
    app = build(path, USERS, limits=limits)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    # asyncio sends small answers at once only where it is told that this is TCP
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: server.run([listening]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(listening.getsockname()[1], path)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    """A module may set LIMITS."""
    path = tmp_path_factory.mktemp("gateway") / "clickhouse"
    client = embedded(path)
    for statement in SCHEMA.split(";"):
        client.command(statement)
    with serving(path, getattr(request.module, "LIMITS", Limits())) as served:
        yield served
    client.close()


@pytest.fixture(scope="module")
def admin(served: Served) -> Iterator[Any]:
    client = served.client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def analyst(served: Served) -> Iterator[Any]:
    client = served.client("analyst")
    yield client
    client.close()


@pytest.fixture(scope="module")
def bijie(served: Served) -> Iterator[Any]:
    """A user of the place 5205."""
    client = served.client("bijie")
    yield client
    client.close()
