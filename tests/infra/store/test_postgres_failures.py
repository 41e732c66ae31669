"""PostgreSQL goes away, or can't be reached, or a writer stops: what was answered stands."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from domain.errors import SettingsError
from infra import postgres_store
from infra.event_store import EventLog, StoreError
from infra.keys import KeyRing
from infra.lease import open_lease
from infra.servers.postgres import Postgres
from infra.servers.process import free_port

BATCHES, SIZE = 120, 20
PASSWORD, WRONG = "korn-und-reis", "not-the-one"
SOON = 15.0
"""Seconds within which a person at a terminal must have an answer."""

MAKER = """
import sys
from uuid import uuid4
from eventsourcing.persistence import StoredEvent
from infra.event_store import EventLog
print("ready", flush=True)
sys.stdin.readline()
log = EventLog(sys.argv[1])
log.store.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])
log.close()
"""

HOLDER = """
import sys, time
import infra.postgres_store as p
from infra.event_store import EventLog, StoreError
p.LOCK_SECONDS = 2
log = EventLog(sys.argv[1])
row = ("0" * 32, 1, "t", b"{}")

def endless():
    for version in range(200_000):
        yield (version + 1, "0" * 32, version, "t", b"{}")
    print("ready", flush=True)
    time.sleep(600)

try:
    with log.store.writing() as cursor:
        if sys.argv[2] == "between":
            log.store.append(cursor, 0, [row])
            print("ready", flush=True)
            sys.stdin.readline()
        else:
            cursor.copy_in("stored_events", p.COLUMNS, endless())
except StoreError as error:
    print(error, flush=True)
"""
"""Takes the table's lock, and stops between two statements, or in the middle of sending rows."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own, to be killed. One database user needs a password."""
    server = Postgres(tmp_path_factory.mktemp("mortal") / "server", free_port())
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'")
        connection.execute("GRANT ALL ON SCHEMA public TO clerk")
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all clerk all scram-sha-256\n{rules.read_text()}")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.remove()


@pytest.fixture
def own_database(server: Postgres) -> str:
    name = f"mortal_{uuid4().hex[:8]}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.url.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def log(own_database: str) -> Iterator[EventLog]:
    opened = EventLog(own_database)
    yield opened
    opened.close()


def event() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "visit.completed.v1", b"{}")


# --- the server dies --------------------------------------------------------------------------


def test_nothing_answered_is_lost_or_doubled_when_postgres_is_killed_during_intake(
    server: Postgres, own_database: str, tmp_path: Path, processes: Any, tail: Any
) -> None:
    KeyRing(tmp_path / "keys.sqlite", tmp_path / "master.key").close()
    writer = processes.writer(own_database, tmp_path, "w", BATCHES, SIZE)
    processes.go(writer)
    for answered in range(BATCHES):
        assert int(writer.stdout.readline()) == answered
        if answered in {20, 50, 90}:
            server.kill()
            time.sleep(0.2)
            server.start()
    assert writer.wait(30) == 0
    log = EventLog(own_database)
    follower = tail(log)
    while follower.read():
        pass
    assert follower.ids == processes.sent("w", BATCHES, SIZE)
    log.close()


def test_after_a_restart_of_the_server_the_next_batch_works(
    server: Postgres, log: EventLog
) -> None:
    assert log.store.insert_events([event()]) == [1]
    server.stop()
    server.start()
    with log.store.writing() as cursor:
        log.store.append(cursor, 1, [(uuid4().hex, 1, "visit.completed.v1", b"{}")])
    assert [row[0] for row in log.rows(0, None, 10)] == [1, 2]


def test_while_the_server_is_down_each_batch_is_one_clear_error_and_then_goes_on(
    server: Postgres, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.store.insert_events([event()])
    monkeypatch.setattr(log.factory.datastore.pool, "timeout", 1.0)
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match=r"PostgreSQL: .*; send or run it again"):
                log.head()
    finally:
        server.start()
    monkeypatch.undo()
    assert log.head() == 1


def test_several_processes_may_make_the_tables_at_once(own_database: str, processes: Any) -> None:
    makers = [processes.run(MAKER, own_database) for _ in range(6)]
    processes.go(*makers)
    assert [maker.wait(60) for maker in makers] == [0] * 6
    log = EventLog(own_database)
    assert [row[0] for row in log.rows(0, None, 10)] == [1, 2, 3, 4, 5, 6]
    log.close()


def test_a_log_opens_while_another_process_writes(log: EventLog, own_database: str) -> None:
    with log.store.writing() as cursor:
        log.store.append(cursor, 0, [(uuid4().hex, 1, "visit.completed.v1", b"{}")])
        began = time.monotonic()
        other = EventLog(own_database)
        assert other.head() == 0
        other.close()
        assert time.monotonic() - began < SOON


# --- a writer stops ---------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits two seconds for the table's lock instead of a minute."""
    monkeypatch.setattr(postgres_store, "LOCK_SECONDS", 2)


def test_a_writer_stopped_between_two_statements_holds_the_others_up_only_for_a_while(
    impatient: None, own_database: str, processes: Any
) -> None:
    holder = processes.run(HOLDER, own_database, "between")
    processes.ready(holder)
    os.kill(holder.pid, signal.SIGSTOP)
    log = EventLog(own_database)
    assert taken_in(log) == [1]
    os.kill(holder.pid, signal.SIGCONT)
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert "event store: PostgreSQL:" in holder.stdout.readline()  # and it is told so
    assert log.head() == 1
    log.close()


def test_a_writer_stopped_while_sending_rows_is_ended_by_who_waited_in_vain(
    impatient: None, own_database: str, processes: Any
) -> None:
    holder = processes.run(HOLDER, own_database, "sending")
    processes.ready(holder)
    os.kill(holder.pid, signal.SIGSTOP)
    log = EventLog(own_database)
    with pytest.raises(StoreError, match="lock timeout"), log.store.writing():
        pass
    assert taken_in(log) == [1]
    log.close()


def taken_in(log: EventLog) -> Any:
    """Positions of one event that a caller sends until it is taken in, some seconds at most."""
    ends = time.monotonic() + SOON
    while True:
        try:
            with log.store.writing() as cursor:
                log.store.append(cursor, 0, [(uuid4().hex, 1, "visit.completed.v1", b"{}")])
        except StoreError:
            assert time.monotonic() < ends
        else:
            return [row[0] for row in log.rows(0, None, 10)]


# --- it can't be reached ----------------------------------------------------------------------


def clerk(server: Postgres, password: str = "", more: str = "") -> str:
    return f"postgresql://clerk{password}@127.0.0.1:{server.port}/shouhe{more}"


OPENERS: list[Callable[[str], Any]] = [EventLog, lambda url: open_lease(url, "sink")]


@pytest.mark.parametrize("opener", OPENERS, ids=["log", "lease"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://shouhe:{secret}@127.0.0.1:1/shouhe", "Connection refused"),
        ("postgresql://shouhe:{secret}@no-such-host.invalid/shouhe", "no-such-host.invalid"),
        ("postgresql://clerk:{secret}@127.0.0.1:{port}/shouhe", "password authentication failed"),
        ("postgresql://clerk@127.0.0.1:{port}/shouhe", "no password supplied"),
        ("postgresql://shouhe:{secret}@127.0.0.1:{port}/nowhere", '"nowhere" does not exist'),
    ],
    ids=["refused", "unknown host", "wrong password", "no password", "no database"],
)
def test_what_can_not_be_reached_is_one_clear_error_in_seconds(
    server: Postgres, opener: Callable[[str], Any], url: str, said: str
) -> None:
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        opener(url.format(port=server.port, secret=WRONG))
    assert time.monotonic() - began < SOON
    assert said in str(caught.value)
    assert "SHOUHE_EVENT_STORE" in str(caught.value)
    assert WRONG not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shouhe:not%the-one@127.0.0.1/shouhe",
        "postgresql://shouhe:not the-one@127.0.0.1/shouhe",
        "postgresql://shouhe:not@the-one@127.0.0.1/shouhe",
        'postgresql://shouhe:"not"the-one@[::1/shouhe',
        "postgresql://shouhe:secret@127.0.0.1/shouhe?the-one=1",
    ],
    ids=["percent", "space", "at", "bracket", "parameter"],
)
def test_an_address_that_can_not_be_read_is_refused_without_repeating_what_it_holds(
    url: str,
) -> None:
    with pytest.raises(SettingsError, match="SHOUHE_EVENT_STORE: ") as caught:
        EventLog(url)
    assert "?password_file=/run/secrets/" in str(caught.value)
    assert "the-one" not in str(caught.value)


def test_the_password_may_lie_in_a_file(server: Postgres, tmp_path: Path) -> None:
    secret = tmp_path / "event_store"
    secret.write_text(f"{PASSWORD}\n")
    lease = open_lease(clerk(server, more=f"?password_file={secret}"), "sink")
    assert lease.execute("SELECT current_user") == [("clerk",)]
    lease.close()


def test_a_password_file_that_is_missing_is_named(server: Postgres, tmp_path: Path) -> None:
    missing = tmp_path / "nothing-here"
    with pytest.raises(SettingsError, match=rf"password_file {missing} can't be read"):
        EventLog(clerk(server, more=f"?password_file={missing}"))


def test_options_of_ones_own_stand_beside_ours(own_database: str) -> None:
    url = f"{own_database}?options=-c%20work_mem%3D7MB&application_name=county%20office"
    lease = open_lease(url, "sink")
    assert lease.execute("SELECT current_setting('work_mem')") == [("7MB",)]
    assert lease.execute("SELECT current_setting('timezone')") == [("UTC",)]
    assert lease.execute("SELECT current_setting('application_name')") == [("county office",)]
    lease.close()
