"""A read model's file, read: `projections/<name>.sql`.

    -- One row per completed home visit (入户走访). Rules T8.6, T8.7.     ← the grain, first line
    -- from: visit.completed.v1                                          ← the events it is made of

    -- table
    CREATE TABLE {table} (day Date COMMENT '…', {envelope}) ENGINE = … ORDER BY …
    -- select
    SELECT toDate(occurred_at, 'Asia/Shanghai') AS day, {envelope} FROM {events}
    -- view visits
    SELECT
        day,   -- a comment for a column that the table hasn't got
    FROM {facts}

The engine fills in:

    {table}     the versioned storage
    {events}    the events of this file's types, in the range at hand
    {envelope}  the columns every fact has; so the file writes only its own
    {facts}     the facts that count now; in the view's `_as_of` twin, those that counted on a day
    {day}       the day asked about: today in Shanghai, or the twin's
    {rows}      every row, replaced or retracting too, with `replaced_at`: to be read by child; in a
                twin, those that counted

`-- from: every event about a child` names them all; `but` leaves some out.

`sequence`, a column of every storage, is the order of facts: argMax(x, sequence) is the latest x.

Besides the views it declares, a file with a table gets `NAME_history` (every fact ever, with
`replaced_at`), and each view over {facts} two twins:

    VIEW_as_of(as_of = '2026-03-31')                              as known then
    VIEW_as_known(as_of = '2026-03-31', known_by = '2026-06-30')  as known on another day

A file that writes its `VIEW_as_of` itself, of others' `X_as_of(as_of = {as_of:Date})`, gets the
second one, too: made of their `X_as_known`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path

from domain.errors import ShouheError, UnknownEventType
from domain.vocabulary import EVENTS

FOLDER = Path(__file__).parent
RETRACTION = "record.retracted.v1"
EVERY = "every event about a child"

_SECTION = re.compile(r"^-- (table|select|view (\w+))\s*$", re.MULTILINE)
_FROM = re.compile(r"^-- from:((?:.*)(?:\n--  .*)*)$", re.MULTILINE)
_COMMENT = re.compile(r"(\w+),?\s+-- (.+)$", re.MULTILINE)


class DefinitionError(ShouheError):
    """A projection's .sql file is malformed; the message names the file and what is missing."""


@dataclass(frozen=True)
class View:
    """A view of a projection: its name, its SELECT, and the comments written beside its columns."""

    name: str
    select: str
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def over_facts(self) -> bool:
        """Whether it can also be asked as of a day."""
        return "{facts}" in self.select or "{rows}" in self.select


@dataclass(frozen=True)
class Definition:
    """One read model, as its file says. Made of views alone: no table, no select."""

    name: str
    grain: str
    types: tuple[str, ...]
    table: str
    select: str
    views: tuple[View, ...]
    hash: str

    @property
    def stored(self) -> bool:
        """Whether it has a table of its own, filled from events."""
        return bool(self.table)

    @property
    def sources(self) -> tuple[str, ...]:
        """The event types that make a difference to it: its own, and retractions."""
        return (*self.types, RETRACTION)


def parse(name: str, text: str) -> Definition:
    """Read one file's text. Raises DefinitionError, UnknownEventType."""
    head, *rest = _SECTION.split(text)
    grain = head.strip().splitlines()[0].removeprefix("--").strip() if head.strip() else ""
    if not grain.startswith("One row per "):
        raise DefinitionError(f"{name}.sql: the first line must be its grain, `-- One row per …`")
    bodies: dict[str, str] = {}
    views: list[View] = []
    for title, view_name, body in zip(*[iter(rest)] * 3, strict=True):
        select = body.strip().rstrip(";").strip()
        if view_name:
            views.append(View(view_name, select, dict(_COMMENT.findall(select))))
        else:
            bodies[title] = select
    table, select = bodies.get("table", ""), bodies.get("select", "")
    types = _types(name, head)
    if bool(table) != bool(select) or bool(table) != bool(types):
        raise DefinitionError(f"{name}.sql: a stored read model needs `from`, `table` and `select`")
    digest = hashlib.sha256("\0".join((*types, table, select)).encode()).hexdigest()[:8]
    return Definition(name, grain, types, table, select, tuple(views), digest)


def _types(name: str, head: str) -> tuple[str, ...]:
    found = _FROM.search(head)
    if found is None:
        return ()
    types = tuple(re.findall(r"[\w.]+\.v\d+", found[1]))
    if found[1].strip().startswith(EVERY):
        about = sorted(name for name, cls in EVENTS.items() if cls.ABOUT_CHILD)
        return tuple(name for name in about if name not in {*types, RETRACTION})
    if not types:
        raise DefinitionError(f"{name}.sql: `-- from:` names no event type")
    for each in types:
        if each not in EVENTS:
            raise UnknownEventType(each)
    return types


def load(folder: Path = FOLDER) -> list[Definition]:
    """Every read model of a folder: stored ones first, then views of others after those."""
    found = [parse(file.stem, file.read_text("utf-8")) for file in sorted(folder.glob("*.sql"))]
    stored = [each for each in found if each.stored]
    views = {each.name: each for each in found if not each.stored}
    needs = {
        name: sorted(other for other in views if other != name and _uses(each, views[other]))
        for name, each in views.items()
    }
    return [*stored, *(views[name] for name in TopologicalSorter(needs).static_order())]


def _uses(one: Definition, other: Definition) -> bool:
    words = {word for view in one.views for word in re.findall(r"\w+", view.select)}
    return any(view.name in words for view in other.views)


def named(definitions: Sequence[Definition], names: Sequence[str] | None) -> list[Definition]:
    """Those of the given names, or all. Raises DefinitionError for a name that no file has."""
    if not names:
        return list(definitions)
    by_name = {each.name: each for each in definitions}
    for name in names:
        if name not in by_name:
            known = ", ".join(sorted(by_name))
            raise DefinitionError(f"projection: no read model {name!r}; known: {known}")
    return [by_name[name] for name in dict.fromkeys(names)]
