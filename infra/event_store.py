"""The event store: an `eventsourcing` application on SQLite, and the one source of truth.

A stored event's topic is its stable type name and its state is the JSON of `domain.event.Recorded`,
so that nothing in the log depends on where a class lives. What belongs to an append (idempotency
keys, the child index, kept rejections) lies in the same database and commits with it.

`EventLog.save` appends without asking a guard: the intake is the door for everyone else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    StoredEvent,
    Transcoder,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType

from domain.errors import ShouheError
from domain.event import Recorded

Row = tuple[int, str, int, str, bytes]
"""(position, stream id as 32 hex digits, version, type name, JSON of Recorded)"""

LOCK_SECONDS = 60
"""How long a batch waits for another process to commit its own."""

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


class StoreError(ShouheError):
    """The event store can't be read or written; nothing of the batch was recorded."""


class Logged(msgspec.Struct, frozen=True):
    """A recorded event in its stream: what `save` takes and `events.get` gives."""

    originator_id: UUID
    originator_version: int
    recorded: Recorded


class LogMapper(Mapper[UUID]):
    """Recorded ↔ StoredEvent: the type name as topic, plain JSON as state."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The row of a `Logged` event."""
        if not isinstance(domain_event, Logged):
            msg = f"event: {type(domain_event).__name__} is not a Logged event; wrap it in Logged"
            raise TypeError(msg)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.recorded.type,
            state=msgspec.json.encode(domain_event.recorded),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The `Logged` event of a row; its data stays JSON until `domain.streams.read_stored`."""
        recorded = RECORDED.decode(stored_event.state)
        stream = stored_event.originator_id
        stream = stream if isinstance(stream, UUID) else UUID(stream)
        return Logged(stream, stored_event.originator_version, recorded)


RECORDED = msgspec.json.Decoder(Recorded)


class LogPool(SQLiteConnectionPool):
    """Connections whose durability does not hang on anyone's defaults."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        with connection.cursor() as cursor:
            for pragma in PRAGMAS:
                cursor.execute(pragma)
        return connection


class LogRecorder(SQLiteApplicationRecorder):
    """The library's recorder, with the intake's tables beside the events."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's table, then ours."""
        return [*super().construct_create_table_statements(), *TABLES]

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append; returns positions."""
        with self.writing() as cursor:
            return self._insert_events(SQLiteCursor(cursor), stored_events, **kwargs)

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
        return range(after + 1, after + 1 + len(rows))

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


class LogFactory(SQLiteFactory):
    """The library's SQLite factory, making our recorder on durable connections."""

    application_recorder_class = LogRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        db_name = self.datastore.pool.db_name
        self.datastore = SQLiteDatastore(db_name, lock_timeout=LOCK_SECONDS)
        self.datastore.pool = LogPool(db_name=db_name, lock_timeout=LOCK_SECONDS)


class EventLog(Application[UUID]):
    """The log. Positions run from 1 without a gap."""

    name = "Shouhe"
    recorder: LogRecorder
    """Narrower than the library's."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            path.touch(mode=0o600)
            super().__init__({LogFactory.SQLITE_DBNAME: str(path)})
        except Exception as error:
            if isinstance(error, sqlite3.Error) or isinstance(error.__cause__, sqlite3.Error):
                raise StoreError(f"event store: {path} can't be opened: {error}") from error
            raise

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what we say: the process environment can't change the store's class or cipher."""
        return Environment(name, dict(env or {}))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Our factory."""
        return LogFactory(env)

    def construct_mapper(self) -> LogMapper:
        """Our mapper."""
        return LogMapper(transcoder=_NoTranscoder())

    def construct_recorder(self) -> ApplicationRecorder:
        """Our recorder."""
        return self.factory.application_recorder()

    def head(self) -> int:
        """The last position; 0 when the log is empty."""
        with self.recorder.reading() as cursor:
            return head(cursor)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        """Rows with after < position ≤ upto, in order, at most `limit`: tuples, no objects."""
        with self.recorder.reading() as cursor:
            return cursor.execute(
                "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events"
                " WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?",
                (after, 2**62 if upto is None else upto, limit),
            ).fetchall()


class _NoTranscoder(Transcoder):
    """The library wants one; our mapper writes JSON itself."""

    def encode(self, obj: Any) -> bytes:
        """JSON."""
        return msgspec.json.encode(obj)

    def decode(self, data: bytes) -> Any:
        """JSON."""
        return msgspec.json.decode(data)


def head(cursor: sqlite3.Cursor) -> int:
    """The last position, as this transaction sees it."""
    return int(cursor.execute("SELECT max(rowid) FROM stored_events").fetchone()[0] or 0)
