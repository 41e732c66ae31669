"""`shouhe serve` as a process: it holds the directory, others reach through it, it ends cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import msgspec
import pytest

from domain.event import child_id
from domain.identity import make_id_number
from infra.event_store import EventLog
from infra.warehouse import LiveServer, born, live_server

ROOT = Path(__file__).resolve().parents[3]
STRUCTURED = {"content-type": "application/cloudevents+json"}


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra", *arguments],
        env={"SHOUHE_HOME": str(home), "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@dataclass
class Running:
    process: subprocess.Popen[str]
    home: Path
    address: str

    @property
    def url(self) -> str:
        return self.address.split("/sign-in")[0]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


def serve(home: Path) -> Running:
    process = start(home, "serve", "--port", "0", "--clickhouse-port", "0")
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, process.communicate(timeout=30)[1]
    return Running(process, home, found[0])


@pytest.fixture
def running(empty_homes: Callable[[], Path]) -> Iterator[Running]:
    with ending(serve(empty_homes())) as it:
        yield it


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Running]:
    """In a folder that is not there yet."""
    with ending(serve(tmp_path / "home")) as it:
        yield it


@contextmanager
def ending(it: Running) -> Iterator[Running]:
    yield it
    it.process.kill()
    it.process.communicate()


def registration(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0", "id": f"child-{number}", "source": "/serve",
        "type": "child.registered.v1", "time": "2026-02-01T08:00:00+08:00",
        "data": {
            "name": f"苗禾穗{number:03d}", "id_type": "resident_id",
            "sex": "male" if number % 2 else "female",
            "id_number": make_id_number("529901", date(2015, 3, 7), number),
            "birth_date": "2015-03-07", "hukou_type": "rural", "hukou_division": "520526",
            "residence_division": "520526001201", "phone": f"19912340{number:03d}",
        },
    }  # fmt: skip


def test_it_starts_without_what_only_training_and_scoring_need() -> None:
    code = (
        "import sys, infra.serving; print({'sklearn', 'scipy', 'skops', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout == "set()\n"


def test_from_an_empty_home_to_a_child_on_the_page(new: Running) -> None:
    running = new
    answer = httpx.post(f"{running.url}/events", json=registration(1), headers=STRUCTURED)
    assert answer.json()["accepted"] == 1
    child = child_id("/serve", "child-1")
    with httpx.Client(follow_redirects=True) as reader:
        assert reader.get(running.address).status_code == 200
        ends = time.monotonic() + 20
        while (page := reader.get(f"{running.url}/children/{child}")).status_code == 404:
            assert time.monotonic() < ends
            time.sleep(0.1)
    assert "苗禾穗001" in page.text


def test_other_commands_reach_clickhouse_through_it(running: Running) -> None:
    httpx.post(f"{running.url}/events", json=registration(2), headers=STRUCTURED)
    project = start(running.home, "project", "--json")
    out, err = project.communicate(timeout=60)
    assert project.returncode == 0, err
    assert json.loads(out)["head"] >= 1
    query = start(running.home, "query", "SELECT count() FROM children", "--format", "TSV")
    out, err = query.communicate(timeout=60)
    assert (out, err) == ("1\n", "")


def test_it_stops_on_sigterm_and_leaves_nothing_behind(running: Running) -> None:
    serve_file = running.home / "serve.json"
    assert serve_file.stat().st_mode & 0o077 == 0
    code, err = running.stop()
    assert (code, err.replace("Ctrl-C 停止\n", "")) == (0, "")
    assert not serve_file.exists()


def test_a_second_server_on_the_directory_is_refused_in_one_line(running: Running) -> None:
    second = start(running.home, "serve", "--port", "0", "--clickhouse-port", "0")
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert len(err.splitlines()) == 1
    assert "SHOUHE_HOME" in err
    assert httpx.get(f"{running.url}/readyz").status_code == 200


def test_a_port_in_use_is_said_in_one_line(empty_homes: Callable[[], Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = start(empty_homes(), "serve", "--port", port, "--clickhouse-port", "0")
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(err.splitlines()) == 1
    assert "--port" in err
    assert port in err


def test_what_was_answered_as_accepted_survives_kill_nine(running: Running) -> None:
    accepted = []
    with httpx.Client() as service:
        for number in range(100, 140):
            answer = service.post(
                f"{running.url}/events", json=registration(number), headers=STRUCTURED
            )
            accepted.append(answer.json()["outcomes"][0]["id"])
    running.stop(signal.SIGKILL)
    log = EventLog(running.home / "events.sqlite")
    with log.store.reading() as cursor:
        rows = cursor.execute("SELECT state FROM stored_events").fetchall()
    log.close()
    assert {json.loads(state)["id"] for (state,) in rows} == set(accepted)
    again = serve(running.home)
    try:
        said = httpx.post(f"{again.url}/events", json=registration(100), headers=STRUCTURED)
        assert said.json()["duplicate"] == 1
    finally:
        again.stop()


def test_told_to_stop_under_load_it_keeps_what_it_answered(running: Running) -> None:
    accepted: list[str] = []

    def send(first: int) -> None:
        with httpx.Client() as service:
            for number in range(first, first + 200):
                try:
                    said = service.post(
                        f"{running.url}/events", json=registration(number), headers=STRUCTURED
                    )
                except httpx.HTTPError:
                    return
                if said.status_code == 200:
                    accepted.append(said.json()["outcomes"][0]["id"])

    threads = [threading.Thread(target=send, args=(first,)) for first in (1, 301, 601)]
    for thread in threads:
        thread.start()
    while len(accepted) < 30:
        time.sleep(0.01)
    code, err = running.stop()
    for thread in threads:
        thread.join()
    assert (code, err.replace("Ctrl-C 停止\n", "")) == (0, "")
    log = EventLog(running.home / "events.sqlite")
    with log.store.reading() as cursor:
        rows = cursor.execute("SELECT state FROM stored_events").fetchall()
    log.close()
    assert {json.loads(state)["id"] for (state,) in rows} >= set(accepted)


def test_nothing_personal_is_printed(running: Running) -> None:
    for number in (7, 8):
        httpx.post(f"{running.url}/events", json=registration(number), headers=STRUCTURED)
    httpx.post(f"{running.url}/events", content=b"{\xff", headers=STRUCTURED)
    with httpx.Client(follow_redirects=True) as reader:
        reader.get(running.address)
        reader.get(f"{running.url}/children/{child_id('/serve', 'child-7')}")
        reader.get(f"{running.url}/children/苗禾穗007")
    running.process.send_signal(signal.SIGTERM)
    out, err = running.process.communicate(timeout=30)
    assert not any(text in out + err for text in ("苗禾穗", "19912340", "529901"))


def test_a_port_that_is_none_is_wrong_usage(empty_homes: Callable[[], Path]) -> None:
    process = start(empty_homes(), "serve", "--port", "99999")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "0 to 65535" in err


def test_a_dead_servers_number_given_to_another_process_blocks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "serve.json"
    with subprocess.Popen(["sleep", "60"]) as other:
        server = LiveServer("http://127.0.0.1:1", "a", "b", other.pid, born(other.pid))
        path.write_bytes(msgspec.json.encode(server))
        assert live_server(path) == server
        before = msgspec.structs.replace(server, born="1")
        path.write_bytes(msgspec.json.encode(before))
        assert live_server(path) is None
        other.kill()
