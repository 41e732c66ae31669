"""The log: an eventsourcing application whose commits are durable and whose rows are plain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from eventsourcing.persistence import IntegrityError

from domain.event import Recorded
from infra.event_store import EventLog, Logged, StoreError
from infra.intake.land import Row


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    opened = EventLog(tmp_path / "events.sqlite")
    yield opened
    opened.close()


def logged(stream: UUID, version: int = 1) -> Logged:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    recorded = Recorded(
        event_id=uuid4(), source="/t", id="1", type="visit.completed.v1", child_id=uuid4(),
        occurred_at=moment, recorded_at=moment, data=msgspec.Raw(b'{"by":"director"}'),
    )  # fmt: skip
    return Logged(stream, version, recorded)


def pragma(log: EventLog, name: str) -> object:
    with log.store.reading() as reading:
        read = reading.execute(f"PRAGMA {name}").fetchone()[0]
    with log.store.writing() as writing:
        written = writing.execute(f"PRAGMA {name}").fetchone()[0]
    assert read == written
    return read


def test_commits_are_durable_whatever_the_defaults(log):
    assert pragma(log, "journal_mode") == "wal"
    assert pragma(log, "synchronous") == 2  # FULL
    assert pragma(log, "secure_delete") == 1


def test_the_process_environment_cannot_change_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("PERSISTENCE_MODULE", "eventsourcing.popo")
    monkeypatch.setenv("SQLITE_DBNAME", ":memory:")
    monkeypatch.setenv("COMPRESSOR_TOPIC", "zlib")
    log = EventLog(tmp_path / "events.sqlite")
    log.save(logged(uuid4()))
    log.close()
    assert (tmp_path / "events.sqlite").exists()


def test_save_appends_under_the_type_name_as_plain_json(log):
    event = logged(uuid4())
    (recording,) = log.save(event)
    assert recording.notification.id == 1
    ((position, stream, version, topic, state),) = log.rows(0, None, 10)
    assert (position, stream, version) == (1, event.originator_id.hex, 1)
    assert topic == "visit.completed.v1"
    assert json.loads(state)["time"] == "2026-01-01T00:00:00Z"
    assert list(log.events.get(event.originator_id)) == [event]


def test_a_version_is_taken_once(log):
    event = logged(uuid4())
    log.save(event)
    with pytest.raises((IntegrityError, StoreError)):
        log.save(event)
    assert log.head() == 1


def test_positions_run_from_one_without_a_gap_and_rows_come_in_ranges(log):
    streams = [uuid4() for _ in range(10)]
    log.save(*(logged(stream) for stream in streams))
    log.save(*(logged(stream, 2) for stream in streams))
    assert [row[0] for row in log.rows(0, None, 100)] == list(range(1, 21))
    assert [row[0] for row in log.rows(3, 7, 100)] == [4, 5, 6, 7]
    assert [row[0] for row in log.rows(3, None, 2)] == [4, 5]
    assert log.head() == 20


def test_an_empty_log_has_head_zero(log):
    assert log.head() == 0
    assert log.rows(0, None, 10) == []


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path):
    path = tmp_path / "events.sqlite"
    path.write_bytes(b"this is not a database, however long it may be" * 100)
    with pytest.raises(StoreError, match=r"events\.sqlite"):
        EventLog(path)


def test_what_intake_writes_has_the_fields_of_recorded_in_their_order():
    assert Row.__struct_fields__ == Recorded.__struct_fields__


def test_a_rolled_back_transaction_leaves_nothing(log):
    def fail_half_way() -> None:
        with log.store.writing() as cursor:
            cursor.execute("INSERT INTO seen VALUES (x'00', 1)")
            raise sqlite3.OperationalError

    with pytest.raises(StoreError):
        fail_half_way()
    with log.store.reading() as cursor:
        assert cursor.execute("SELECT count(*) FROM seen").fetchone() == (0,)
