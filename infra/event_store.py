"""The event store: an `eventsourcing` application, and the one source of truth.

    event_store.py     the application, the mapper, what a recorder must offer (this file)
    sqlite_store.py    on one machine: SQLite in WAL mode, durable commits
    postgres_store.py  beyond: PostgreSQL, positions in commit order

A stored event's topic is its stable type name and its state is the JSON of `domain.event.Recorded`,
so that nothing in the log depends on where a class lives. What belongs to an append (idempotency
keys, the child index, kept rejections) lies in the same database and commits with it.

`EventLog.save` appends without asking a guard: the intake is the door for everyone else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, Self, cast
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    Notification,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType

from domain.errors import ShouheError
from domain.event import Recorded
from infra.wire import Row

LOCK_SECONDS = 60
"""How long a batch waits for another process to commit its own."""

NewRow = tuple[str, int, str, bytes]
"""(stream id as 32 hex digits, version, type name, JSON of Recorded)"""

POSTGRES = ("postgresql://", "postgres://")


class StoreError(ShouheError):
    """The event store can't be read or written; nothing of the batch was recorded."""


class Cursor(Protocol):
    """SQL on the event store, in the words of SQLite: `?` for a value, `rowid` for the position.

    Rows are plain tuples; stream ids are 32 hex digits.
    """

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Self:
        """Run one statement."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Self:
        """Run one statement for each row."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class LogRecorder(Protocol):
    """What the intake and the road need of a store, beyond the library's own recorder."""

    def writing(self) -> AbstractContextManager[Cursor]:
        """One durable transaction, alone from its first statement. Raises StoreError."""
        ...

    def reading(self) -> AbstractContextManager[Cursor]:
        """A cursor; each statement sees one moment of the log. Raises StoreError."""
        ...

    def append(self, cursor: Cursor, after: int, rows: Sequence[NewRow]) -> None:
        """Add rows at the positions after + 1, … inside `writing`."""
        ...

    def scrub(self) -> None:
        """See to it that what was deleted can't be read back, as far as the database goes."""
        ...

    def select_notifications(self, start: int | None, limit: int) -> Sequence[Notification]:
        """The library's own reading."""
        ...

    def insert_events(self, stored_events: Sequence[StoredEvent]) -> Sequence[int] | None:
        """The library's own appending."""
        ...


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


class EventLog(Application[UUID]):
    """The log. Positions run from 1 without a gap."""

    name = "Shouhe"

    def __init__(self, where: Path | str, environment: EnvType | None = None) -> None:
        """Open the store, and make it when there is none. Raises StoreError.

        where         a file for SQLite, or `postgresql://user@host/database`
        environment   the library's own variables: looked at only to refuse what would lose events
        """
        self._where, self._refusable = where, environment or {}
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what we say: the process environment can't change the store's class or cipher."""
        return Environment(name, dict(env or {}))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Our factory, for SQLite or PostgreSQL."""
        if isinstance(self._where, str) and self._where.startswith(POSTGRES):
            from infra.postgres_store import open_factory as postgres  # noqa: PLC0415 - an extra

            return postgres(env, self._where, self._refusable)
        from infra.sqlite_store import open_factory as sqlite  # noqa: PLC0415 - as above

        return sqlite(env, Path(self._where))

    def construct_mapper(self) -> LogMapper:
        """Our mapper."""
        return LogMapper(transcoder=_NoTranscoder())

    def construct_recorder(self) -> ApplicationRecorder:
        """Our recorder."""
        return self.factory.application_recorder()

    @property
    def store(self) -> LogRecorder:
        """The recorder, with what the intake needs of it."""
        return cast("LogRecorder", self.recorder)  # both factories make one

    def head(self) -> int:
        """The last position; 0 when the log is empty."""
        with self.store.reading() as cursor:
            return head(cursor)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        """Rows with after < position ≤ upto, in order, at most `limit`: tuples, no objects."""
        with self.store.reading() as cursor:
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


def head(cursor: Cursor) -> int:
    """The last position, as this transaction sees it."""
    return int(cursor.execute("SELECT max(rowid) FROM stored_events").fetchone()[0] or 0)
