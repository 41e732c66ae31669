"""Positions on PostgreSQL: without a gap, in the order of commits; a follower misses nothing.

And the counter-proof: with the library's POSTGRES_ENABLE_DB_FUNCTIONS the same follower does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory
from eventsourcing.utils import Environment

from domain.errors import SettingsError
from infra.event_store import EventLog
from infra.keys import KeyRing
from infra.postgres_store import open_factory as on_postgres
from infra.sqlite_store import open_factory as on_sqlite

ROOT = Path(__file__).resolve().parents[3]
WRITERS, BATCHES, SIZE = 8, 25, 20


@pytest.fixture
def log(postgres_database: str) -> Iterator[EventLog]:
    opened = EventLog(postgres_database)
    yield opened
    opened.close()


def event(number: int = 0) -> StoredEvent:
    return StoredEvent(uuid4(), 1, "visit.completed.v1", b'{"id":"%d"}' % number)


def test_eight_writers_and_a_follower_that_gets_every_event_in_order(
    log: EventLog, postgres_database: str, tmp_path: Path, processes: Any, tail: Any
) -> None:
    KeyRing(tmp_path / "keys.sqlite", tmp_path / "master.key").close()
    writers = [
        processes.writer(postgres_database, tmp_path, name, BATCHES, SIZE)
        for name in range(WRITERS)
    ]
    follower = tail(log)
    processes.go(*writers)
    looks = 0
    while any(writer.poll() is None for writer in writers):
        looks += follower.read(137) > 0
    while follower.read():
        pass
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    assert follower.position == log.head() == WRITERS * BATCHES * SIZE
    for name in range(WRITERS):
        own = [each for each in follower.ids if each.startswith(f"{name}-")]
        assert own == processes.sent(name, BATCHES, SIZE)
    assert looks > WRITERS  # it read while they wrote


# --- the interleaving that makes a follower miss events ----------------------------------------


@pytest.fixture
def careless(postgres_database: str) -> Iterator[PostgresApplicationRecorder]:
    """The library's own recorder, inserting by its database function."""
    url = urlsplit(postgres_database)
    factory = PostgresFactory(
        Environment(
            env={
                "POSTGRES_DBNAME": url.path[1:],
                "POSTGRES_HOST": str(url.hostname),
                "POSTGRES_PORT": str(url.port),
                "POSTGRES_USER": str(url.username),
                "POSTGRES_PASSWORD": "",
                PostgresFactory.POSTGRES_ENABLE_DB_FUNCTIONS: "y",
            }
        )
    )
    recorder = factory.application_recorder()
    assert isinstance(recorder, PostgresApplicationRecorder)
    yield recorder
    factory.close()


def test_with_db_functions_a_follower_never_sees_an_event_that_was_committed(
    careless: PostgresApplicationRecorder,
) -> None:
    """The first writer takes position 1; the second takes 2 and commits first."""

    def follow(after: int) -> list[int]:
        found = careless.select_notifications(after, 100, inclusive_of_start=False)
        return [each.id for each in found]

    with careless.datastore.transaction(commit=True) as slow:
        slow.execute(
            careless.sql_invoke_pg_function_insert_events,
            ([careless.construct_pg_stored_event(uuid4(), 1, "t", b"{}")],),
        )
        assert careless.insert_events([event()]) == [2]
        assert follow(after=0) == [2]
    assert careless.max_notification_id() == 2
    assert len(careless.select_notifications(1, 100)) == 2  # both are in the log …
    assert follow(after=2) == []  # … and whoever has seen 2 will never see 1


def test_with_our_recorder_the_second_writer_waits_for_the_first(log: EventLog, tail: Any) -> None:
    """The same two writers: nothing is seen of the second before the first has committed."""
    follower = tail(log)
    with ThreadPoolExecutor(1) as other:
        with log.store.writing() as slow:
            log.store.append(slow, 0, [(uuid4().hex, 1, "visit.completed.v1", b'{"id":"slow"}')])
            fast = other.submit(log.store.insert_events, [event(2)])
            with pytest.raises(TimeoutError):
                fast.result(timeout=0.3)
            assert follower.read() == 0
        assert fast.result(timeout=10) == [2]
    follower.read()
    assert follower.ids == ["slow", "2"]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("kind", ["application_recorder", "process_recorder"])
def test_a_refused_batch_leaves_no_hole_in_the_positions(
    database: str, kind: str, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    if database == "sqlite":
        factory: Any = on_sqlite(Environment(), tmp_path / "events.sqlite")
    else:
        factory = on_postgres(Environment(), new_database(), {})
    recorder = getattr(factory, kind)()
    first = event()
    assert recorder.insert_events([first]) == [1]
    for _ in range(3):
        with pytest.raises(IntegrityError):
            recorder.insert_events([event(), first])
    assert recorder.insert_events([event(), event()]) == [2, 3]
    factory.close()


# --- refused at start-up ----------------------------------------------------------------------


@pytest.mark.parametrize("value", ["y", "true", "1", "on"])
def test_an_open_log_with_db_functions_is_refused_with_the_reason(value: str) -> None:
    with pytest.raises(SettingsError, match=r"commit out of order.*misses events; unset it"):
        EventLog("postgresql://nobody@127.0.0.1:1/none", {"POSTGRES_ENABLE_DB_FUNCTIONS": value})


@pytest.mark.parametrize("value", ["", "n", "false", "0"])
def test_db_functions_that_are_off_are_no_matter(value: str, postgres_database: str) -> None:
    EventLog(postgres_database, {"POSTGRES_ENABLE_DB_FUNCTIONS": value}).close()


@pytest.mark.parametrize("command", [["rejected"], ["import", "/dev/null"]])
def test_a_command_started_with_db_functions_fails_and_says_why(
    command: list[str], postgres_database: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra", *command],
        env={"SHOUHE_HOME": str(tmp_path), "SHOUHE_EVENT_STORE": postgres_database,
             "POSTGRES_ENABLE_DB_FUNCTIONS": "y", "PATH": os.defpath},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "POSTGRES_ENABLE_DB_FUNCTIONS: 'y' is refused" in done.stderr
    assert "misses events; unset it" in done.stderr
    with psycopg.connect(postgres_database) as connection:
        found = connection.execute("SELECT to_regclass('stored_events')").fetchone()
    assert found == (None,)  # nothing was made or written
