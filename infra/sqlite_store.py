"""The event store on one machine: SQLite in WAL mode, whose commits survive a power cut."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import ConnectionPoolClosedError, IntegrityError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
    SQLiteProcessRecorder,
)
from eventsourcing.utils import Environment, EnvType

from infra.event_store import LOCK_SECONDS, Cursor, NewRow, StoreError

PRAGMAS = (
    "PRAGMA synchronous = FULL",  # a commit that returned survives a power cut
    "PRAGMA secure_delete = ON",  # what is deleted (a forgotten child's rejections) is overwritten
    "PRAGMA cache_size = -49152",  # 48 MiB: stream ids are random, the index is read all over
    "PRAGMA wal_autocheckpoint = 16384",  # pages: fewer, larger write-backs of the same index pages
    "PRAGMA temp_store = MEMORY",
)

TABLES = (
    """CREATE TABLE IF NOT EXISTS seen (
        event_id BLOB PRIMARY KEY, position INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS children (
        child_id BLOB PRIMARY KEY, blind_index BLOB UNIQUE, village TEXT NOT NULL,
        status INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS rejections (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, source TEXT NOT NULL,
        id TEXT NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL, field TEXT NOT NULL,
        value TEXT NOT NULL, message TEXT NOT NULL, received_at TEXT NOT NULL,
        attempts INTEGER NOT NULL, body TEXT
    )""",
)

INSERT = "INSERT INTO stored_events VALUES (?,?,?,?)"

CLOSING, LOOK = 5.0, 0.02
"""Seconds that closing waits for other threads' statements, and between two looks."""


class LogPool(SQLiteConnectionPool):
    """Connections whose durability does not hang on anyone's defaults.

    None is closed while another thread works with it: that would crash the process.
    """

    _shut = False

    def get_connection(self, *given: Any, **named: Any) -> SQLiteConnection:
        """One for the calling thread. Raises ConnectionPoolClosedError."""
        if self._shut:
            raise ConnectionPoolClosedError
        return super().get_connection(*given, **named)

    def close(self) -> None:
        """Give out none any more; close each once it is given back."""
        self._shut, ends = True, time.monotonic() + CLOSING
        with self._put_condition:
            while self._in_use and not self._closed and time.monotonic() < ends:
                self._put_condition.wait(LOOK)
            self._in_use.clear()  # whoever still works keeps its connection
            super().close()

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        with connection.cursor() as cursor:
            for pragma in PRAGMAS:
                cursor.execute(pragma)
        return connection


class SqliteRecorder(SQLiteApplicationRecorder):
    """The library's recorder, with the intake's tables beside the events."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's table, then ours."""
        return [*super().construct_create_table_statements(), *TABLES]

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append; returns positions. Raises IntegrityError when a version is taken."""
        try:
            with self.writing() as cursor:
                return self._insert_events(SQLiteCursor(cursor), stored_events, **kwargs)
        except StoreError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                raise IntegrityError(*error.args) from error
            raise

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int] | None:
        rows = [
            (e.originator_id.hex if isinstance(e.originator_id, UUID) else e.originator_id,
             e.originator_version, e.topic, e.state)
            for e in stored_events
        ]  # fmt: skip
        c.execute("SELECT max(rowid) FROM stored_events")
        after = c.fetchone()[0] or 0
        c.executemany(INSERT, rows)
        return list(range(after + 1, after + 1 + len(rows)))

    def append(self, cursor: Cursor, after: int, rows: Sequence[NewRow]) -> None:  # noqa: ARG002 - PostgreSQL needs it
        """SQLite numbers them itself: from the last position on, alone in its transaction."""
        cursor.executemany(INSERT, rows)

    def scrub(self) -> None:
        """Empty the write-ahead log; deleted rows are overwritten as they go (PRAGMAS)."""
        with self.reading() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """One durable transaction, alone from its first statement; plain tuples.

        Raises StoreError.
        """
        with self.datastore.get_connection(commit=True) as connection:
            cursor = connection.cursor().sqlite_cursor
            cursor.row_factory = None
            try:
                cursor.execute("BEGIN IMMEDIATE")
                yield cursor
                connection.commit()
            except sqlite3.Error as error:
                connection.rollback()
                raise _store_error(error) from error
            except BaseException:
                connection.rollback()
                raise
            finally:
                cursor.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """A cursor that gives plain tuples; each statement sees one moment of the log."""
        with self.datastore.get_connection(commit=False) as connection:
            cursor = connection.cursor().sqlite_cursor
            cursor.row_factory = None
            try:
                yield cursor
            except sqlite3.Error as error:
                raise _store_error(error) from error
            finally:
                cursor.close()


def _store_error(error: sqlite3.Error) -> StoreError:
    return StoreError(
        f"event store: {error}; nothing of this batch was recorded:"
        " free the disk or wait for the other process, then run it again"
    )


class SqliteProcess(SQLiteProcessRecorder, SqliteRecorder):
    """The library's recorder of events and the position they came from, durable as ours is."""


class SqliteFactory(SQLiteFactory):
    """The library's SQLite factory, making our recorder on durable connections."""

    application_recorder_class = SqliteRecorder
    process_recorder_class = SqliteProcess

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        db_name = self.datastore.pool.db_name
        self.datastore = SQLiteDatastore(db_name, lock_timeout=LOCK_SECONDS)
        self.datastore.pool = LogPool(db_name=db_name, lock_timeout=LOCK_SECONDS)


def open_factory(env: Environment, path: Path) -> SqliteFactory:
    """The factory over one file, made with its folder when need be. Raises StoreError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        path.touch(mode=0o600)
        env[SqliteFactory.SQLITE_DBNAME] = str(path)
        factory = SqliteFactory(env)
        with factory.datastore.get_connection(commit=False):
            return factory
    except Exception as error:
        if isinstance(error, sqlite3.Error) or isinstance(error.__cause__, sqlite3.Error):
            raise StoreError(f"event store: {path} can't be opened: {error}") from error
        raise
