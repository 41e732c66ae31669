"""Logs, other processes that write into them, and a relay's way of reading one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.event_store import EventLog

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import json, sys, time
from pathlib import Path
from infra.event_store import EventLog, StoreError
from infra.intake import Intake
from infra.keys import KeyRing

store, home, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
batches, size = int(sys.argv[4]), int(sys.argv[5])

def body(number, each):
    return json.dumps({
        "specversion": "1.0", "id": f"{name}-{number}-{each}", "source": "/test",
        "type": "worker.appointed.v1", "time": "2026-02-01T08:00:00+08:00",
        "data": {"worker_id": f"W-{name}-{number}-{each}", "role": "director",
                 "place": "520526001201", "weekly_hours": 8},
    }).encode()

log = EventLog(store)
intake = Intake(log, KeyRing(home / "keys.sqlite", home / "master.key"))
print("ready", flush=True)
sys.stdin.readline()
for number in range(batches):
    bodies = [body(number, each) for each in range(size)]
    while True:
        try:
            outcomes = intake.submit(bodies)
            break
        except StoreError as error:
            time.sleep(0.05)
    assert {each.status for each in outcomes} <= {"accepted", "duplicate"}, outcomes
    print(number, flush=True)
log.close()
"""
"""Appoints workers in batches, sends a batch again until it is answered, and says so."""


class Tail:
    """Follows a log as the relay does, and remembers the ids of what it read."""

    def __init__(self, log: EventLog) -> None:
        self._log, self.position, self.ids = log, 0, list[str]()

    def read(self, page: int = 500) -> int:
        """Everything after the last position. → how many; fails where one is left out."""
        rows = self._log.rows(self.position, None, page)
        for position, *_, state in rows:
            assert position == self.position + 1
            self.position = position
            self.ids.append(json.loads(state)["id"])
        return len(rows)


class Processes:
    """Starts scripts as processes of their own."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def run(self, script: str, *arguments: object) -> subprocess.Popen[str]:
        """Start a script. By convention it prints `ready`, and goes on at a line of its input."""
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(process)
        return process

    def writer(
        self, store: str, home: Path, name: object, batches: int, size: int
    ) -> subprocess.Popen[str]:
        """Start one that sends batches of events and prints the number of each that is answered."""
        return self.run(WRITER, store, home, name, batches, size)

    def sent(self, name: object, batches: int, size: int) -> list[str]:
        """The ids that a writer sends, in its order."""
        return [f"{name}-{number}-{each}" for number in range(batches) for each in range(size)]

    def ready(self, *processes: subprocess.Popen[str]) -> None:
        """Wait until all of them have said so."""
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def go(self, *processes: subprocess.Popen[str]) -> None:
        """Let them go at once when all are ready."""
        self.ready(*processes)
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Other processes; what still runs at the end of the test is killed."""
    started = Processes()
    yield started
    for process in started.running:
        process.kill()
        process.communicate()


@pytest.fixture
def tail() -> type[Tail]:
    """A reader that follows a log."""
    return Tail


def _fill(log: EventLog, count: int, seed: int = 1) -> None:
    """Events and what stands beside them, without asking a guard."""
    chance, at = random.Random(seed), log.head()  # noqa: S311 - a seeded generator is the point
    states = [chance.randbytes(chance.randint(0, 900)) for _ in range(count)]
    rows = [(chance.randbytes(16).hex(), 1, "visit.completed.v1", each) for each in states]
    with log.store.writing() as cursor:
        log.store.append(cursor, at, rows)
        cursor.executemany(
            "INSERT INTO seen VALUES (?, ?)",
            [(chance.randbytes(16), at + n) for n in range(1, count, 3)],
        )
        cursor.executemany(
            "INSERT INTO children VALUES (?, ?, ?, ?)",
            [(chance.randbytes(16), chance.choice([None, chance.randbytes(32)]), "520526100201", 1)
             for _ in range(0, count, 7)],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO rejections (key, source, id, type, code, field, value, message,"
            " received_at, attempts, body) VALUES (?, '/县', ?, 't', 'c', 'f', '', 'm', 'r', 1, ?)",
            [(chance.randbytes(16), str(n), chance.choice([None, "密" * chance.randint(1, 50)]))
             for n in range(0, count, 11)],
        )  # fmt: skip


@pytest.fixture
def fill() -> Callable[..., None]:
    """Puts so many events into a log, and rows into the tables beside them."""
    return _fill


@pytest.fixture
def new_log(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Callable[[str], EventLog]]:
    """Opens an empty store of a kind."""
    opened: list[EventLog] = []

    def make(kind: str) -> EventLog:
        where = new_database() if kind == "postgres" else tmp_path / f"{uuid4().hex}.sqlite"
        opened.append(EventLog(where))
        return opened[-1]

    yield make
    for log in opened:
        log.close()
