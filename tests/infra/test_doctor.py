"""`shouhe doctor`: each part of the road by itself, what is wrong with it, how to mend it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.identity import make_id_number
from infra.commands.doctor import doctor
from infra.home import Home
from infra.servers.clickhouse import ClickHouse
from infra.servers.kafka import Kafka
from infra.servers.process import free_port
from infra.settings import from_environment
from infra.streaming import broker

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Look:
    """Runs doctor with these settings. → check → what was found; `` → all of its output."""
    monkeypatch.setenv("SHOUHE_HOME", str(tmp_path / "home"))

    def run(**settings: str) -> dict[str, Any]:
        for name in ("event_store", "kafka", "clickhouse"):
            monkeypatch.setenv(f"SHOUHE_{name.upper()}", settings.get(name, ""))
        capsys.readouterr()
        code = doctor(json=True)
        said = capsys.readouterr().out
        found = json.loads(said)
        assert (code == 0) == found["ok"]
        return {each["check"]: each for each in found["checks"]} | {"": said}

    return run


def take_in(count: int = 3) -> None:
    """Children, on the road that the environment names."""
    born = datetime(2015, 3, 7, tzinfo=UTC).date()
    bodies = [
        json.dumps({
            "specversion": "1.0", "id": f"c{n}", "source": "/t", "type": "child.registered.v1",
            "time": "2026-02-01T08:00:00+08:00",
            "data": {"name": "苗禾", "id_type": "resident_id", "sex": "male" if n % 2 else "female",
                     "id_number": make_id_number("529901", born, n), "birth_date": str(born),
                     "hukou_type": "rural", "hukou_division": "520526",
                     "residence_division": "520526001201"},
        }).encode()
        for n in range(1, count + 1)
    ]  # fmt: skip
    with Home(from_environment()) as home:
        assert {each.status for each in home.intake.submit(bodies)} == {"accepted"}


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[ClickHouse]:
    server = ClickHouse(tmp_path / "clickhouse", free_port())
    server.start()
    yield server
    server.stop()


def test_a_new_home_is_well(look: Look) -> None:
    found = look()
    assert found["event log"]["seen"].startswith("none yet")
    assert all(each["ok"] for check, each in found.items() if check)


def test_read_models_behind_the_log_are_told_with_the_command(look: Look) -> None:
    look()
    take_in()
    found = look()
    assert found["event log"]["seen"] == "3 events (SQLite)"
    assert not found["read models"]["ok"]
    assert found["read models"]["remedy"] == "run `shouhe project`"
    with Home(from_environment()) as home:
        home.catch_up()
    assert look()["read models"]["ok"]


def test_a_road_on_servers_is_told_stage_by_stage(
    look: Look, postgres_database: str, kafka_server: Kafka, clickhouse: ClickHouse
) -> None:
    where = {"event_store": postgres_database, "kafka": f"{kafka_server.url}/doctor?partitions=2",
             "clickhouse": clickhouse.url}  # fmt: skip
    found = look(**where)
    assert "shouhe relay" in found["Kafka"]["remedy"]
    take_in()
    with Home(from_environment()) as home:
        home.relay.close()
    found = look(**where)
    assert found["Kafka"]["ok"]
    assert (found["relay"]["ok"], found["relay"]["seen"]) == (False, "at position 0, 3 behind")
    with Home(from_environment()) as home:
        home.catch_up()
    found = look(**where)
    assert found["relay"]["seen"] == "at position 3"
    assert all(each["ok"] for check, each in found.items() if check)
    (Path(from_environment().home) / "master.key").unlink()
    assert "SHOUHE_HOME" in look(**where)["keys of this log"]["remedy"]


def test_what_can_not_be_reached_is_named_and_hides_nothing_else(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "CONNECT_MS", 500)
    (tmp_path / "secret").write_text("korn-und-reis")
    secret = f"password_file={tmp_path / 'secret'}"
    found = look(
        event_store=f"postgresql://u@127.0.0.1:{free_port()}/d?{secret}",
        kafka=f"kafka://u@127.0.0.1:{free_port()}?security=sasl_plaintext&{secret}",
        clickhouse=f"http://u@127.0.0.1:{free_port()}/d?{secret}",
    )
    for check, setting in (
        ("event log", "SHOUHE_EVENT_STORE"), ("Kafka", "brokers run"), ("ClickHouse", "it runs"),
    ):  # fmt: skip
        assert not found[check]["ok"]
        assert setting in found[check]["seen"] + found[check]["remedy"], found[check]
    assert "korn-und-reis" not in found[""]


@pytest.mark.parametrize(
    ("settings", "check", "remedy"),
    [
        ({"event_store": "mysql://x"}, "event log", "write postgresql://"),
        ({"kafka": "http://x"}, "Kafka", "write kafka://"),
        ({"kafka": "kafka://u:korn@x"}, "Kafka", "write kafka://"),
        ({"clickhouse": "tcp://x"}, "ClickHouse", "write http"),
        ({"clickhouse": "http://u@x/d?password_file=/nowhere"}, "ClickHouse", "name a file"),
    ],
)
def test_a_wrong_address_is_told_with_the_right_form(
    look: Look, settings: dict[str, str], check: str, remedy: str
) -> None:
    found = look(**settings)
    assert not found[check]["ok"]
    assert remedy in found[check]["remedy"], found[check]
    assert "korn" not in found[""]
