"""A whole event store, moved: from SQLite to PostgreSQL, or back.

Events go over page by page at their own positions, each page durable; then what belongs to them
(idempotency keys, the child index, kept rejections, the sink's ledger) in one transaction; then
both stores are read again and compared. Killed anywhere and run again, it goes on where it was.

While something still writes to the source it goes round again, until nothing has changed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol, cast

import msgspec

from domain.errors import ShouheError
from infra.event_store import Cursor, EventLog, head
from infra.ledger import SCHEMA as LEDGER
from infra.wire import Row

PAGE = 2000
"""Events a transaction, and rows of a narrow table a query."""

WIDE_PAGE = 200
"""Rejections a query: a body may have 64 kB."""

ROUNDS, PAUSE = 20, 0.5
"""How often a source that moves is gone after, and the seconds in between."""

EVENTS = "stored_events"
COPIED = "CREATE TABLE IF NOT EXISTS copied (name TEXT PRIMARY KEY, size BIGINT, hash TEXT)"
"""In the target: what the last copy brought beside the events; anything else is its own."""

_encode = msgspec.msgpack.Encoder().encode


class CopyError(ShouheError):
    """The copy can't be made; what was copied so far stands, and the source is as it was."""


class OnProgress(Protocol):
    """Told how many events the target has, and of how many."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


class OnMoved(Protocol):
    """Told that the source moved on during the copy, and to which position."""

    def __call__(self, position: int) -> None: ...


class _Bulk(Protocol):
    """PostgreSQL's cursor: it takes rows by COPY."""

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows."""
        ...


class Digest(msgspec.Struct, frozen=True):
    """How many rows a table has, and a hash over all of them in the order of their key."""

    rows: int
    hash: str


class Compared(msgspec.Struct, frozen=True):
    """One table on both sides."""

    table: str
    source: Digest
    target: Digest


class Report(msgspec.Struct, frozen=True):
    """What a copy did and what its check found.

    head              the last position of either side, equal when `same`
    copied            events that this run brought; the others were there before
    first_difference  the first position whose events differ; None when there is none
    """

    head: int
    copied: int
    first_difference: int | None
    tables: list[Compared]

    @property
    def same(self) -> bool:
        """Whether the two stores hold the same."""
        return all(each.source == each.target for each in self.tables)


class _Side(NamedTuple):
    """A table beside the events. Without a key it is small, and put in order here."""

    table: str
    columns: tuple[str, ...]
    key: str
    page: int = PAGE


SIDES = (
    _Side("seen", ("event_id", "position"), "event_id"),
    _Side("children", ("child_id", "blind_index", "village", "status"), "child_id"),
    _Side(
        "rejections",
        ("seq", "key", "source", "id", "type", "code", "field", "value", "message",
         "received_at", "attempts", "body"),
        "seq", WIDE_PAGE,
    ),
    _Side("sink_ledger", ("topic", "part", "first", "last", "size", "state"), ""),
)  # fmt: skip


def copy(source: EventLog, target: EventLog, on_progress: OnProgress, on_moved: OnMoved) -> Report:
    """Bring the target to what the source is, and compare the two. Raises CopyError, StoreError."""
    before = target.head()
    _refuse_other_events(source, target, before)
    chain = _Chain(source, target)
    for _ in range(ROUNDS):
        at = _copy_events(source, target, on_progress)
        brought = _copy_sides(source, target, at)
        chain.extend(at)
        if source.head() == at and _digests(source) == brought:
            return _report(chain, at, before, brought, _digests(target))
        on_moved(source.head())
        time.sleep(PAUSE)
    raise CopyError(
        "--from: something still writes to this store; stop it (shouhe serve, intake, imports)"
        " and run the copy again: it goes on from where it is"
    )


# --- events -----------------------------------------------------------------------------------


def _refuse_other_events(source: EventLog, target: EventLog, at: int) -> None:
    """The target's events must be the first ones of the source: looked at here, the last page."""
    after = max(at - PAGE, 0)
    found = _first_difference(source.rows(after, at, PAGE), target.rows(after, at, PAGE))
    if found is not None:
        raise CopyError(
            f"--to: its event at position {found} is not the source's; a store with events of its"
            " own can't be a copy: name an empty one"
        )


def _copy_events(source: EventLog, target: EventLog, on_progress: OnProgress) -> int:
    """Append to the target what it hasn't. → the position that both have."""
    at, total = target.head(), source.head()
    while rows := source.rows(at, None, PAGE):
        if rows[-1][0] != at + len(rows):
            raise CopyError(
                f"--from: no event at position {_gap(rows, at)}; positions must run without a gap:"
                " was this log written by another program?"
            )
        with target.store.writing() as cursor:
            _refuse_movement(cursor, at)
            target.store.append(cursor, at, [row[1:] for row in rows])
        at += len(rows)
        on_progress(at, max(at, total))
    return at


def _gap(rows: Sequence[Row], after: int) -> int:
    return next(n for n, row in enumerate(rows, after + 1) if row[0] != n)


def _refuse_movement(cursor: Cursor, at: int) -> None:
    if head(cursor) != at:
        raise CopyError(
            "--to: another process writes to this store; let nothing use it before the copy is done"
        )


def _first_difference(ours: Sequence[Row], theirs: Sequence[Row]) -> int | None:
    """The first position at which two stretches of a log differ."""
    if ours == theirs:
        return None
    known, other = {row[0]: row for row in ours}, {row[0]: row for row in theirs}
    return min(at for at in known.keys() | other.keys() if known.get(at) != other.get(at))


class _Chain:
    """Both logs, read side by side once and hashed; goes on where it was."""

    def __init__(self, source: EventLog, target: EventLog) -> None:
        self._logs = source, target
        self._hashes, self._counts, self._at = (_hasher(), _hasher()), [0, 0], 0
        self.first_difference: int | None = None

    def extend(self, upto: int) -> None:
        """Up to a position."""
        while self._at < upto:
            until = min(self._at + PAGE, upto)
            pages = [log.rows(self._at, until, PAGE) for log in self._logs]
            for number, rows in enumerate(pages):
                _add(self._hashes[number], rows)
                self._counts[number] += len(rows)
            if self.first_difference is None:
                self.first_difference = _first_difference(*pages)
            self._at = until

    def compared(self) -> Compared:
        """What was found up to here."""
        source, target = (
            Digest(count, hasher.hexdigest())
            for count, hasher in zip(self._counts, self._hashes, strict=True)
        )
        return Compared(EVENTS, source, target)


# --- what stands beside them ------------------------------------------------------------------


def _copy_sides(source: EventLog, target: EventLog, at: int) -> dict[str, Digest]:
    """Make the target's side tables those of the source, in one transaction. → what they hold."""
    wanted = _digests(source)
    if _digests(target) == wanted:
        return wanted
    with target.store.writing() as into, source.store.reading() as cursor:
        _refuse_movement(into, at)
        _refuse_own_rows(into)
        brought = {side.table: _replace(side, cursor, into) for side in SIDES}
        into.execute(COPIED)
        into.execute("DELETE FROM copied")
        into.executemany(
            "INSERT INTO copied VALUES (?, ?, ?)",
            [(name, digest.rows, digest.hash) for name, digest in brought.items()],
        )
    return brought


def _refuse_own_rows(cursor: Cursor) -> None:
    """What lies beside the target's events must be what an earlier copy brought, or nothing."""
    known: dict[str, Digest] = {}
    if _exists(cursor, "copied"):
        rows = cursor.execute("SELECT name, size, hash FROM copied").fetchall()
        known = {name: Digest(size, digest) for name, size, digest in rows}
    for side in SIDES:
        found = _digest(_pages(cursor, side))
        if found != known.get(side.table, _digest(())):
            raise CopyError(
                f"--to: its table {side.table} ({found.rows} rows) holds what no copy brought; a"
                " store that was in use can't be a copy: name an empty one"
            )


def _replace(side: _Side, source: Cursor, into: Cursor) -> Digest:
    """One table, row by row. → what was read."""
    if side.table == "sink_ledger" and _exists(source, side.table):
        into.execute(LEDGER)
    if _exists(into, side.table):
        into.execute(f"DELETE FROM {side.table}")  # noqa: S608 - a constant

    def filled() -> Iterator[Sequence[Any]]:
        for rows in _pages(source, side):
            _fill(into, side, rows)
            yield rows

    brought = _digest(filled())
    if side.table == "rejections" and not isinstance(into, sqlite3.Cursor):
        into.execute(
            "SELECT setval(pg_get_serial_sequence('rejections', 'seq'), ?, false)",
            (_last_seq(into) + 1,),
        )
    return brought


def _last_seq(cursor: Cursor) -> int:
    return int(cursor.execute("SELECT max(seq) FROM rejections").fetchone()[0] or 0)


def _fill(into: Cursor, side: _Side, rows: Sequence[Any]) -> None:
    if isinstance(into, sqlite3.Cursor):
        marks = ", ".join("?" * len(side.columns))
        into.executemany(
            f"INSERT INTO {side.table} ({', '.join(side.columns)}) VALUES ({marks})",  # noqa: S608 - constants
            rows,
        )
    else:
        cast("_Bulk", into).copy_in(side.table, side.columns, rows)


def _pages(cursor: Cursor, side: _Side) -> Iterator[Sequence[Any]]:
    """The rows of a table in the order of its key; none where there is no such table."""
    if not _exists(cursor, side.table):
        return
    clean = _without_nul if side.table == "rejections" else list
    select = f"SELECT {', '.join(side.columns)} FROM {side.table}"  # noqa: S608 - constants
    if not side.key:  # databases may order text differently
        yield sorted(cursor.execute(select).fetchall())
        return
    order = f"ORDER BY {side.key} LIMIT {side.page}"
    rows = cursor.execute(f"{select} {order}").fetchall()
    while rows:
        yield clean(rows)
        last = rows[-1][side.columns.index(side.key)]
        rows = cursor.execute(f"{select} WHERE {side.key} > ? {order}", (last,)).fetchall()


def _without_nul(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """PostgreSQL takes no NUL in a text; what an older file kept may have one."""
    return [
        tuple(each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row)
        for row in rows
    ]


def _exists(cursor: Cursor, table: str) -> bool:
    if isinstance(cursor, sqlite3.Cursor):
        query = "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = ?"
    else:
        query = "SELECT to_regclass(?) IS NOT NULL"
    return bool(cursor.execute(query, (table,)).fetchone()[0])


def _digests(log: EventLog) -> dict[str, Digest]:
    with log.store.reading() as cursor:
        return {side.table: _digest(_pages(cursor, side)) for side in SIDES}


def _digest(pages: Iterable[Sequence[Any]]) -> Digest:
    hasher, count = _hasher(), 0
    for rows in pages:
        _add(hasher, rows)
        count += len(rows)
    return Digest(count, hasher.hexdigest())


def _hasher() -> blake2b:
    return blake2b(digest_size=16)


def _add(hasher: blake2b, rows: Iterable[Sequence[Any]]) -> None:
    """Each row with the lengths of its values: no two logs make the same bytes."""
    hasher.update(b"".join(map(_encode, rows)))


def _report(
    chain: _Chain, at: int, before: int, source: dict[str, Digest], target: dict[str, Digest]
) -> Report:
    sides = [Compared(name, source[name], target[name]) for name in source]
    return Report(at, at - before, chain.first_difference, [chain.compared(), *sides])
