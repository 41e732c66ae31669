"""The log folded in plain Python: what the read models must say, computed without ClickHouse.

Two passes over the log. The first learns which events were corrected or taken back; the second
folds those that count. Facts are ordered by (occurred_at, position): a late fact doesn't overrule a
newer one. Kept is a small sheet per child, agreement, report, ...; never an event. So memory grows
with the number of children (about 3 kB each), not with the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from domain.event import NO_CHILD, Recorded, current, day
from domain.vocabulary import EVENTS
from projections.definition import RETRACTION

PAGE = 50_000
Order = tuple[datetime, int]
Rows = list[tuple[int, str, int, str, bytes]]


class Log(Protocol):
    """What verify needs of the event store."""

    def rows(self, after: int, upto: int | None, limit: int) -> Rows:
        """Stored rows in order, positions in (after, upto], at most `limit`."""
        ...


class Fact(NamedTuple):
    """One event that counts: its order, its child, its type and data with defaults filled in."""

    order: Order
    child: UUID
    type: str
    data: dict[str, Any]
    recorded_at: datetime

    @property
    def day(self) -> date:
        """Shanghai day on which it happened."""
        return day(self.order[0].replace(tzinfo=UTC))


class Sheet:
    """What is remembered of one child, agreement, report, ...: latest values and running sums."""

    __slots__ = ("latest", "listed", "sums")

    def __init__(self) -> None:
        self.latest: dict[Any, tuple[Order, Any]] = {}
        self.sums: Counter[str] = Counter()
        self.listed: list[tuple[Any, ...]] = []

    def put(self, name: Any, fact: Fact, value: Any) -> None:
        """Keep the value of the latest fact."""
        known = self.latest.get(name)
        if known is None or known[0] < fact.order:
            self.latest[name] = (fact.order, value)

    def first(self, name: Any, fact: Fact, value: Any) -> None:
        """Keep the value of the earliest fact."""
        known = self.latest.get(name)
        if known is None or known[0] > fact.order:
            self.latest[name] = (fact.order, value)

    def get(self, name: Any, default: Any = "") -> Any:
        """The value kept."""
        known = self.latest.get(name)
        return default if known is None else known[1]

    def __contains__(self, name: Any) -> bool:
        return name in self.latest


class Book:
    """Every sheet: model → key → sheet. And what was counted on the way."""

    def __init__(self) -> None:
        self.sheets: dict[str, dict[Any, Sheet]] = {}
        self.types: Counter[str] = Counter()
        self.events = 0

    def sheet(self, model: str, key: Any) -> Sheet:
        """The sheet of a key, made if need be."""
        return self.sheets.setdefault(model, {}).setdefault(key, Sheet())


Step = Callable[[Book, Fact], None]
STEPS: dict[str, list[Step]] = {}
"""Event type → what a fact of it does to the book (projections/steps.py)."""


def on(*types: str) -> Callable[[Step], Step]:
    """Declare what facts of these types do."""

    def declare(step: Step) -> Step:
        for each in types:
            if each not in EVENTS:
                raise KeyError(each)
            STEPS.setdefault(each, []).append(step)
        return step

    return declare


def _defaults(type_name: str) -> dict[str, Any]:
    fields = msgspec.structs.fields(EVENTS[type_name])
    found = {each.name: each.default for each in fields if each.default is not msgspec.NODEFAULT}
    return {name: msgspec.to_builtins(value) for name, value in found.items()}


DEFAULTS = {name: _defaults(name) for name in EVENTS}


class _Correction(msgspec.Struct):
    corrects: UUID = NO_CHILD


_RECORDED = msgspec.json.Decoder(Recorded)
_CORRECTION = msgspec.json.Decoder(_Correction)
_CORRECTING = b'"corrects":'


def pages(log: Log, upto: int) -> Iterator[Rows]:
    """The log up to a position, page by page."""
    after = 0
    while after < upto and (rows := log.rows(after, upto, PAGE)):
        yield rows
        after = rows[-1][0]


def replaced(log: Log, upto: int) -> set[UUID]:
    """The events that a correction or a retraction names."""
    found: set[UUID] = set()
    for rows in pages(log, upto):
        for row in rows:
            if _CORRECTING in row[4]:
                found.add(_CORRECTION.decode(row[4]).corrects)
    found.discard(NO_CHILD)
    return found


def fold(log: Log, upto: int, seen: Callable[[Rows, list[UUID]], None] | None = None) -> Book:
    """Fold the log up to a position.

    seen   is given each page and its event ids, for other checks in the same reading
    """
    book, gone = Book(), replaced(log, upto)
    for rows in pages(log, upto):
        ids = [_take(book, row[0], row[4], gone) for row in rows]
        if seen is not None:
            seen(rows, ids)
    return book


def _take(book: Book, position: int, state: bytes, gone: set[UUID]) -> UUID:
    event = _RECORDED.decode(state)
    book.events += 1
    book.types[event.type] += 1
    if event.event_id in gone or event.type == RETRACTION:
        return event.event_id
    type_name, data = current(event.type, msgspec.json.decode(event.data))
    fact = Fact(
        (event.occurred_at.astimezone(UTC).replace(tzinfo=None), position),
        event.child_id,
        type_name,
        DEFAULTS[type_name] | data,
        event.recorded_at.astimezone(UTC).replace(tzinfo=None),
    )
    for step in STEPS.get(type_name, ()):
        step(book, fact)
    return event.event_id
