"""kill -9 in the middle of the sink, of a projection, of a rebuild: run again, and all is exact."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

WORK = """
import json, sys
from pathlib import Path
from infra.event_store import EventLog
from infra.sink import direct_sink
from infra.warehouse import embedded
from projections.engine import Engine
from projections.verify import verify

home, mode = Path(sys.argv[1]), sys.argv[2]
log = EventLog(home / "events.sqlite")
client = embedded(home / "clickhouse")
sink = direct_sink(log, client, home / "events.sqlite", page=400)
engine = Engine(client, span=700)
print("ready", flush=True)
if mode in ("sink", "settle"):
    sink.advance()
if mode in ("project", "settle"):
    engine.advance()
if mode == "rebuild":
    engine.rebuild()
report = verify(log, client, log.head()) if mode == "settle" else None
counts = client.query("SELECT count(), uniqExact(offset) FROM events").result_rows[0]
print(json.dumps([list(counts), report and [report.differences, report.first]]), flush=True)
"""


def start(home: Path, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(home), mode],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(home: Path, mode: str) -> Any:
    process = start(home, mode)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1])


def kill_in_the_middle(home: Path, mode: str, chance: random.Random) -> bool:
    """Start the work and kill it at a random moment; whether it was still at it."""
    process = start(home, mode)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(chance.uniform(0, 0.8))
    alive = process.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()
    return alive


def fill(home: Path, helpers: Any, count: int, chance: random.Random, log: Any) -> None:
    """Append random events to the event store of a home."""
    from infra.event_store import EventLog

    before = len(log.stored)
    helpers.live_on(log, chance, count)
    EventLog(home / "events.sqlite").close()
    with sqlite3.connect(home / "events.sqlite") as store:
        store.executemany(
            "INSERT INTO stored_events VALUES (?, ?, ?, ?)",
            [row[1:] for row in log.stored[before:]],
        )
    store.close()


def chaos(home: Path, helpers: Any, kills: int, seed: int) -> None:
    chance, log = helpers.dice(seed), helpers.MemoryLog()
    cut = 0
    for turn in range(kills):
        mode = ("sink", "project", "rebuild")[turn % 3]
        fill(home, helpers, 3000, chance, log)
        if mode == "project":
            run(home, "sink")
        if mode == "rebuild":
            run(home, "settle")
        cut += kill_in_the_middle(home, mode, chance)
    (count, distinct), (differences, first) = run(home, "settle")
    assert first == []
    assert differences == 0
    assert count == distinct == len(log.stored)
    assert cut, "every process had finished before it was killed"


def test_killed_and_run_again_all_is_exact(helpers: Any, tmp_path: Path) -> None:
    chaos(tmp_path, helpers, kills=3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_sixty_times_and_run_again_all_is_exact(helpers: Any, tmp_path: Path) -> None:
    chaos(tmp_path, helpers, kills=60, seed=2)
