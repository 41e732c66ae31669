"""Intake, against the same stored events written by the bare library."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteFactory

from bench.load import cloud_events
from infra.event_store import Logged
from infra.files import BATCH_LINES
from infra.home import Home
from infra.settings import Settings

SAVES = 300
"""`app.save` calls timed: each is a commit of its own."""


class Figures(msgspec.Struct):
    """Events a second."""

    events: int
    intake: float
    bare: float
    save: float


def bench_intake(events: int, batch: int = BATCH_LINES, seed: int = 1) -> Figures:
    """Take in `events` CloudEvents; write the same stored events bare, batch by batch in turn.

    In turn, so that both meet the same machine. `bare` is the released library's SQLite recorder,
    as it comes, `insert_events` once a batch; `save` is `EventLog.save`, one event a time.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Settings(Path(folder) / "home"))
        bare = SQLiteFactory({"SQLITE_DBNAME": str(Path(folder) / "bare.sqlite")})
        recorder = bare.application_recorder()
        taken = written = 0.0
        position = 0
        with home:
            intake, log = home.intake, home.log
            for bodies in batches_of(cloud_events(events, seed), batch):
                begun = time.perf_counter()
                intake.submit(bodies)
                taken += time.perf_counter() - begun
                rows = log.rows(position, None, batch)
                position += len(rows)
                stored = [StoredEvent(UUID(s), version, topic, state)
                          for _, s, version, topic, state in rows]  # fmt: skip
                begun = time.perf_counter()
                recorder.insert_events(stored)
                written += time.perf_counter() - begun
            assert position == events, f"{events - position} of the load were rejected"
            saved = _save(home, stored[-SAVES:])
        bare.close()
    return Figures(events, events / taken, events / written, saved)


def batches_of(bodies: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    """Bodies in lists of at most `size`."""
    while batch := list(islice(bodies, size)):
        yield batch


def _save(home: Home, stored: list[StoredEvent]) -> float:
    """The same events again at the end of their streams."""
    mapper = home.log.mapper
    logged = [mapper.to_domain_event(each) for each in stored]
    begun = time.perf_counter()
    for each in logged:
        assert isinstance(each, Logged)
        home.log.save(Logged(each.originator_id, each.originator_version + 1000, each.recorded))
    return len(logged) / (time.perf_counter() - begun)


if __name__ == "__main__":
    import sys

    figures = bench_intake(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    print(figures, figures.intake / figures.bare, figures.intake / figures.save)
