"""What else goes wrong at night: two of a kind, a broker away, a full disk, a clock set back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from kafka import KafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from domain.errors import ShouheError
from domain.identity import make_id_number
from infra.event_store import StoreError
from infra.home import Home
from infra.keys import KeyRingError
from infra.servers.process import Process, free_port
from infra.settings import Settings
from infra.topics import INTAKE, REJECTED
from projections.verify import verify

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.1)


def registration(number: int, **attributes: Any) -> bytes:
    """A child's."""
    born, serial = NOW.date() - timedelta(days=4000 + number // 900), number % 900 + 1
    data = {
        "name": f"苗禾穗{number}", "id_type": "resident_id",
        "id_number": make_id_number("529901", born, serial),
        "sex": "male" if serial % 2 else "female", "birth_date": str(born),
        "hukou_type": "rural", "hukou_division": "520526", "residence_division": "520526001201",
    }  # fmt: skip
    event = {"specversion": "1.0", "id": f"r-{number}", "source": "/faults", "data": data,
             "type": "child.registered.v1", "time": "2026-02-01T08:00:00+08:00"}  # fmt: skip
    return json.dumps(event | attributes).encode()


def metric(kit: Any, road: Any, name: str, sample: str) -> float:
    for family in text_string_to_metric_families(kit.get(road, name, "/metrics")):
        for each in family.samples:
            if each.name == sample:
                return float(each.value)
    raise AssertionError(sample)


# --- the road ---------------------------------------------------------------------------------


def is_ready(kit: Any, road: Any, name: str) -> bool:
    try:
        kit.get(road, name, "/readyz")
    except OSError:
        return False
    return True


def test_of_two_relays_one_stands_by_and_takes_over(
    shared_road: Any, story: Any, kit: Any, tmp_path: Path
) -> None:
    road, kept = shared_road, shared_road.processes["relay"]
    second = Process("relay-2", tmp_path / "relay-2", free_port())
    second.folder.mkdir()
    command = [sys.executable, "-m", "infra", "relay", "--metrics-port", str(second.port)]
    second.start(command, road.environment)
    road.processes["relay-2"] = second
    until(lambda: is_ready(kit, road, "relay") != is_ready(kit, road, "relay-2"))
    audit, events = kit.Audit(road), story.next(400)
    before, sender = len(audit.log()), kit.HttpSender(road, events, 1_000)
    assert sender.send(events[:200])
    first, other = ("relay", "relay-2") if is_ready(kit, road, "relay") else ("relay-2", "relay")
    time.sleep(1.5)
    assert not is_ready(kit, road, other)
    road.kill(first)
    assert sender.send(events[200:])
    until(lambda: is_ready(kit, road, other))
    del road.processes[first]
    audit.settle()
    assert audit.check(events, []) == before + 400
    assert road.processes.pop(other).stop()
    road.processes["relay"] = kept
    road.start("relay")


def broker_away(road: Any, kit: Any, events: list[Any], seconds: float) -> None:
    audit = kit.Audit(road)
    before, sender = len(audit.log()), kit.HttpSender(road, events, 40)
    until(lambda: is_ready(kit, road, "relay"))
    road.kill("kafka")
    sender.start()
    time.sleep(seconds)
    assert sender.answered, "intake by HTTP must not need Kafka"
    until(lambda: not is_ready(kit, road, "relay"))
    until(lambda: metric(kit, road, "relay", "shouhe_lag_seconds") > seconds / 2)
    road.start("kafka")
    sender.halt.set()
    sender.join(60)
    assert not sender.failure
    assert sender.tries == 0
    audit.settle()
    assert audit.check(sender.answered, []) == before + len(sender.answered)
    until(lambda: metric(kit, road, "relay", "shouhe_lag_events") == 0)


def test_while_the_broker_is_away_events_are_taken_and_then_go_on(
    shared_road: Any, story: Any, kit: Any
) -> None:
    broker_away(shared_road, kit, story.next(1_000), 8)


@pytest.mark.long
def test_a_broker_that_is_away_for_minutes_costs_nothing(road: Any, kit: Any) -> None:
    """Longer than a transaction may be open and than a message may wait."""
    broker_away(road, kit, kit.simulated(120, seed=4), 150)


def test_what_is_no_event_is_answered_and_kept_and_the_rest_goes_on(
    shared_road: Any, kit: Any
) -> None:
    road, audit = shared_road, kit.Audit(shared_road)
    producer = KafkaProducer(bootstrap_servers=list(audit.broker.servers))
    header = [("content-type", b"application/cloudevents+json")]
    poison = [b"not json", b"", b"[1]", b"{" * 50_000, b"\xff\xfe"]
    for number, value in enumerate([registration(1), *poison, registration(2)]):
        producer.send(INTAKE, value, key=str(number).encode(), headers=header)
    producer.close()
    audit.settle()
    landed = (each["id"] for each in audit.log() if each["source"] == "/faults")
    assert sorted(landed) == ["r-1", "r-2"]
    until(lambda: len(audit.topic(REJECTED)) == len(poison))
    for record in audit.topic(REJECTED):
        result = json.loads(record.value)
        assert result["status"] == "rejected"
        assert result["code"]
        assert result["message"]
    assert metric(kit, road, "intake", "shouhe_events_total") == 2 + len(poison)
    audit.verify()


# --- one machine ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 96 MiB."""
    if os.geteuid() != 0:
        pytest.skip("to mount a small disk takes root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m,mode=0700", "shouhe", str(folder)]
    subprocess.run(mount, check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def full(disk: Path, left: int) -> Iterator[None]:
    """Nearly no room inside."""
    free = os.statvfs(disk)
    balloon = disk / "balloon"
    balloon.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - left))
    try:
        yield
    finally:
        balloon.unlink()


def test_a_full_disk_refuses_and_half_does_nothing(small_disk: Path) -> None:
    with Home(Settings(small_disk / "home"), clock=lambda: NOW) as home:
        batches = [[registration(n) for n in range(k * 50, k * 50 + 50)] for k in range(40)]
        assert all(each.status == "accepted" for each in home.intake.submit(batches[0]))
        accepted, refused = 50, []
        with full(small_disk, 300_000):
            for batch in batches[1:]:
                try:
                    outcomes = home.intake.submit(batch)
                except (StoreError, KeyRingError):
                    refused.append(batch)
                else:
                    accepted += sum(each.status == "accepted" for each in outcomes)
        assert refused
        assert home.log.head() == accepted
        for batch in refused:
            assert {each.status for each in home.intake.submit(batch)} == {"accepted"}
        assert home.log.head() == 2_000
        home.catch_up()
        assert verify(home.log, home.warehouse, 2_000).first == []


def test_clickhouse_on_a_full_disk_goes_on_exactly_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "clickhouse").symlink_to(small_disk)
    with Home(Settings(tmp_path / "home"), clock=lambda: NOW) as home:
        home.intake.submit([registration(n) for n in range(100)])
        home.catch_up()
        for first in range(100, 5_000, 700):
            home.intake.submit([registration(n) for n in range(first, min(first + 700, 5_000))])
        failed = 0
        with full(small_disk, 60_000):
            for _ in range(3):
                try:
                    home.catch_up()
                except (DatabaseError, ShouheError):
                    failed += 1
        assert failed == 3
        assert home.catch_up()["children"] == 5_000
        assert verify(home.log, home.warehouse, 5_000).first == []


def test_a_clock_set_back_neither_loses_nor_reorders(tmp_path: Path) -> None:
    now = [NOW]
    with Home(Settings(tmp_path / "home"), clock=lambda: now[0]) as home:
        for number, hours in enumerate((0, -3, -30, 1)):
            now[0] = NOW + timedelta(hours=hours)
            (outcome,) = home.intake.submit([registration(number)])
            assert outcome.status == "accepted"
        now[0] = NOW - timedelta(days=3)
        late = registration(7, time=(NOW - timedelta(hours=1)).isoformat())
        (outcome,) = home.intake.submit([late])
        assert (outcome.status, outcome.code) == ("rejected", "in_future")
        now[0] = NOW
        assert home.intake.replay().accepted == 1
        rows = home.log.rows(0, None, 10)
        assert [row[0] for row in rows] == [1, 2, 3, 4, 5]
        assert [json.loads(row[4])["id"] for row in rows] == ["r-0", "r-1", "r-2", "r-3", "r-7"]
        home.catch_up()
        assert verify(home.log, home.warehouse, 5).first == []
