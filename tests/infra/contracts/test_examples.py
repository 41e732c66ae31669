"""The examples for other services: what they send is taken, what they follow is whole."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import uvicorn

from infra.home import Home
from infra.servers.kafka import Kafka
from infra.settings import Settings
from infra.streaming.broker import parse
from infra.streaming.intake import events_of
from infra.web import build
from infra.web.services import Services

EXAMPLES = Path(__file__).parents[3] / "examples"
NOW = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
_prefixes = count(1)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An example as a module, as `python examples/NAME.py` would find it."""
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


@pytest.fixture
def send_events(load: Any) -> ModuleType:
    return load("send_events")


@pytest.fixture
def follow_events(load: Any) -> ModuleType:
    return load("follow_events")


@pytest.fixture
def home(empty_homes: Callable[[], Path]) -> Iterator[Home]:
    with Home(Settings(empty_homes()), clock=lambda: NOW) as opened:
        yield opened


def as_record(value: bytes, headers: Any, offset: int = 0) -> Any:
    return SimpleNamespace(
        topic="t", partition=0, offset=offset, value=value, headers=headers
    )  # fmt: skip


# --- in one process -----------------------------------------------------------------------------


def test_every_message_of_the_sending_example_is_recorded(
    send_events: ModuleType, home: Home
) -> None:
    lines = (EXAMPLES / "events.jsonl").read_text(encoding="utf-8").splitlines()
    messages = list(send_events.read_messages([*lines, "", "  "]))
    records = [as_record(each.value, send_events.STRUCTURED) for each in messages]
    bodies = [sent.body for record in records for sent in events_of(record)]
    outcomes = home.intake.submit(bodies)
    assert [each.status for each in outcomes] == ["accepted"] * 3
    assert [(each.source, each.id) for each in outcomes] == [each.name for each in messages]


def test_events_of_one_child_have_one_key(send_events: ModuleType) -> None:
    lines = (EXAMPLES / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert {each.key for each in send_events.read_messages(lines)} == {b"529901201604120078"}
    worker = {"source": "//s", "id": "1", "type": "worker.appointed.v1"}
    (message,) = send_events.read_messages([json.dumps(worker)])
    assert message.key == b"//s"


@pytest.mark.parametrize("line", ["no json", "[]", '{"id": "1"}'])
def test_a_line_that_is_no_event_is_named_before_anything_is_sent(
    send_events: ModuleType, line: str
) -> None:
    with pytest.raises(SystemExit, match="line 2: no CloudEvent"):
        list(send_events.read_messages(["", line]))


def test_a_rejection_is_told_with_its_reason(send_events: ModuleType) -> None:
    result = {
        "status": "rejected", "source": "//s", "id": "1", "type": "t",
        "code": "in_future", "field": "time", "message": "later than now",
    }  # fmt: skip
    assert send_events.line_of(result) == "rejected  //s 1: in_future, time: later than now"
    assert send_events.line_of(result | {"status": "accepted"}) == "accepted  //s 1"


def options(load: Any, *arguments: str) -> dict[str, Any]:
    module = load("kafka_options")
    parser = argparse.ArgumentParser()
    module.add_options(parser)
    return dict(module.client_options(parser.parse_args(arguments)))


def test_the_options_say_how_to_connect(load: Any, tmp_path: Path) -> None:
    assert options(load) == {
        "bootstrap_servers": ["127.0.0.1:9092"], "security_protocol": "PLAINTEXT",
    }  # fmt: skip
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    assert options(
        load, "--bootstrap", "a:1,b:2", "--security", "sasl_tls", "--user", "schools",
        "--password-file", str(secret), "--cafile", "ca.pem",
    ) == {
        "bootstrap_servers": ["a:1", "b:2"], "security_protocol": "SASL_SSL",
        "ssl_cafile": "ca.pem", "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "schools", "sasl_plain_password": "s3cret",
    }  # fmt: skip
    with pytest.raises(SystemExit, match="give --user and --password-file"):
        options(load, "--security", "sasl_tls", "--user", "schools")


def test_a_crash_while_following_leaves_neither_half(
    follow_events: ModuleType, tmp_path: Path
) -> None:
    """Events and the place after them are one transaction: a second `add` of a broken page."""
    event = {
        "eventid": "e1", "type": "t", "subject": "c", "time": "1", "recordedtime": "2",
        "data": {}, "unknown": 1,
    }  # fmt: skip
    other = event | {"eventid": "e2"}
    table = follow_events.Table(str(tmp_path / "t.sqlite"))
    table.add(3, [as_record(json.dumps(event).encode(), (), 10)])
    assert table.next_offset(3) == 11
    spoilt = [as_record(json.dumps(other).encode(), (), 11), as_record(b"{}", (), 12)]
    with pytest.raises(KeyError):
        table.add(3, spoilt)
    table.close()
    again = follow_events.Table(str(tmp_path / "t.sqlite"))
    assert again.next_offset(3) == 11
    assert again.next_offset(0) == 0
    again.close()


# --- over HTTP ----------------------------------------------------------------------------------


@pytest.fixture
def url(home: Home) -> Iterator[str]:
    """The intake over HTTP, on a free port."""
    follower: Any = SimpleNamespace(poke=lambda: None)
    app = build(home, follower, Services(home.settings.services_path), ["*"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: server.run([listening]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listening.close()


def test_the_lines_for_curl_are_taken(url: str) -> None:
    done = subprocess.run(
        [EXAMPLES / "curl.sh", url], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [[each["status"] for each in answer["outcomes"]] for answer in answers] == [
        ["accepted"], ["duplicate", "accepted", "accepted"], ["accepted"],
    ]  # fmt: skip


# --- over a real Kafka ----------------------------------------------------------------------------


class Road:
    """Kafka with the topics of one prefix, and Shouhe's own stages when a test lets them work."""

    def __init__(self, server: Kafka, folder: Path) -> None:
        self.bootstrap = server.url.removeprefix("kafka://")
        self.prefix = f"x{next(_prefixes)}"
        kafka = f"{server.url}/{self.prefix}?partitions=3"
        self._settings = Settings(folder / "road", kafka=kafka)
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        with Home(self._settings) as home:
            home.broker.ensure_topics()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def options(self) -> list[str]:
        return ["--bootstrap", self.bootstrap, "--prefix", self.prefix]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(30)
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            with Home(self._settings, clock=lambda: NOW) as home:
                while not self._stop.is_set():
                    home.kafka_intake.take()
                    home.relay.advance()
        except BaseException as error:  # noqa: BLE001 - told when the road is closed
            self._failure = error


@pytest.fixture
def road(kafka_server: Kafka, tmp_path: Path) -> Iterator[Road]:
    made = Road(kafka_server, tmp_path)
    yield made
    made.close()


def sent(send_events: ModuleType, road: Road, path: Path) -> int:
    return int(send_events.main([*road.options, "--timeout", "30", str(path)]))


def test_what_the_example_sends_is_answered_and_what_it_follows_is_whole(
    send_events: ModuleType,
    follow_events: ModuleType,
    road: Road,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for status in ("accepted", "duplicate"):
        assert sent(send_events, road, EXAMPLES / "events.jsonl") == 0
        said = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in said] == [status] * 3

    future = tmp_path / "future.jsonl"
    visit = json.loads((EXAMPLES / "events.jsonl").read_text(encoding="utf-8").splitlines()[1])
    future.write_text(json.dumps(visit | {"id": "v-0099", "time": "2099-01-01T00:00:00Z"}))
    assert sent(send_events, road, future) == 3
    assert "rejected  //schools.example/app v-0099: in_future, time: " in capsys.readouterr().out

    followed = tmp_path / "followed.sqlite"
    arguments = [*road.options, "--idle", "4", str(followed)]
    assert follow_events.main(arguments) == 0
    assert follow_events.main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"3 events added to {followed}", f"0 events added to {followed}",
    ]  # fmt: skip
    with sqlite3.connect(followed) as db:
        kinds = db.execute("SELECT type, count(*) FROM events GROUP BY type ORDER BY type")
        assert kinds.fetchall() == [("child.registered.v1", 1), ("visit.completed.v1", 2)]
        facts = db.execute("SELECT data FROM facts WHERE type = 'visit.completed.v1'").fetchall()
        assert [json.loads(data)["child_spoken_alone"] for (data,) in facts] == [True]
        (child,) = db.execute("SELECT data FROM facts WHERE type LIKE 'child.%'").fetchone()
        assert json.loads(child)["name"].startswith("enc1:")
    db.close()


def test_a_topic_that_is_not_there_is_named(
    send_events: ModuleType, follow_events: ModuleType, kafka_server: Kafka, tmp_path: Path
) -> None:
    where = ["--bootstrap", kafka_server.url.removeprefix("kafka://"), "--prefix", "nobody"]
    with pytest.raises(SystemExit, match=r"nobody\.intake\.results: there is no such topic"):
        send_events.main([*where, str(EXAMPLES / "events.jsonl")])
    with pytest.raises(SystemExit, match=r"nobody\.events: there is no such topic"):
        follow_events.main([*where, str(tmp_path / "t.sqlite")])


@pytest.mark.usefixtures("kcat_installed")
def test_the_lines_for_kcat_send_and_read(road: Road) -> None:
    def kcat(what: str) -> list[str]:
        done = subprocess.run(
            [EXAMPLES / "kcat.sh", what, road.bootstrap],
            env={**os.environ, "PREFIX": road.prefix},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def until(what: str, lines: int) -> list[Any]:
        ends = time.monotonic() + 30
        while len(found := kcat(what)) < lines:
            assert time.monotonic() < ends, found
            time.sleep(0.2)
        return found

    kcat("send")
    until("results", 3)
    kcat("binary")
    kcat("binary")
    results = [json.loads(line) for line in until("results", 5)]
    assert {(each["id"], each["status"]) for each in results} == {
        ("c-0007", "accepted"), ("v-0007", "accepted"), ("v-0008", "accepted"),
        ("p-0007", "accepted"), ("p-0007", "duplicate"),
    }  # fmt: skip
    events = until("follow", 4)
    assert len(events) == 4
    assert kcat("rejected") == []


def test_without_an_answer_it_says_how_many_and_what_to_do(
    send_events: ModuleType, kafka_server: Kafka, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = f"x{next(_prefixes)}"
    parse(f"{kafka_server.url}/{prefix}?partitions=1").ensure_topics()
    where = ["--bootstrap", kafka_server.url.removeprefix("kafka://"), "--prefix", prefix]
    assert send_events.main([*where, "--timeout", "1", str(EXAMPLES / "events.jsonl")]) == 1
    assert "3 without an answer; send the file again" in capsys.readouterr().err
