"""A log is closed while other threads still read: they end in peace, and nothing crashes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from eventsourcing.persistence import ConnectionPoolClosedError

from infra import sqlite_store
from infra.event_store import EventLog

SLOW = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
SELECT count(*) FROM n
"""


def test_a_statement_of_another_thread_is_waited_for(new_log: Callable[[str], EventLog]) -> None:
    """SQLite crashes the process when a connection is closed under a statement."""
    log, begun = new_log("sqlite"), threading.Event()

    def read() -> int:
        with log.store.reading() as cursor:
            begun.set()
            return int(cursor.execute(SLOW).fetchone()[0])

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(read)
        begun.wait()
        log.close()
        assert slow.result() == 1_000_000
    with pytest.raises(ConnectionPoolClosedError):
        log.head()


def test_closing_under_readers_that_never_rest_harms_none(
    new_log: Callable[[str], EventLog],
) -> None:
    def read(log: EventLog) -> None:
        with suppress(ConnectionPoolClosedError):
            while True:
                log.rows(0, None, 10)

    with ThreadPoolExecutor(4) as others:
        for _ in range(20):
            log = new_log("sqlite")
            readers = [others.submit(read, log) for _ in range(4)]
            log.rows(0, None, 10)
            log.close()
            assert [each.result(10) for each in readers] == [None] * 4


def test_a_connection_that_is_never_given_back_does_not_hold_closing_up_for_ever(
    new_log: Callable[[str], EventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "CLOSING", 0.1)
    log = new_log("sqlite")
    with suppress(ConnectionPoolClosedError), log.store.reading() as cursor:
        log.close()
        assert cursor.execute("SELECT 1").fetchone() == (1,)
