"""The projection engine: events to read models, live and rebuilt by the same SELECT.

Each read model pulls: everything after its checkpoint, a stretch at a time, over all partitions
of `events` in one statement.

    plan → INSERT … SELECT with the stretch's token → checkpoint

A crash between the steps leaves a planned stretch. It is read back: complete, it is noted as done;
otherwise what is there is removed and the stretch is repeated. An event that its read model can't
take is found by halving the stretch, set aside with the reason, and the rest goes on.

Partitions come at their own pace, so a read model can receive an older position after a newer one.
It makes no difference to what it says: facts are ordered by when they happened, then by position.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from clickhouse_connect.driver.exceptions import DatabaseError

from projections.backlog import backlog, counts, cuts, heads, last_position
from projections.checkpoints import Checkpoints
from projections.definition import Definition, DefinitionError, load, named
from projections.events_table import LOG, create_events
from projections.reference import load_references
from projections.rendering import matching, select_stretch
from projections.storages import Shelf, Storage, read_storage
from projections.stretch import Places, Span, Stretch, between, halves, least, worded

RANGE = 1_000_000
"""Events a stretch, of those that a read model takes: bounds memory, and what a crash can cost."""

IN_VIEW = (
    "async_insert = 0, max_insert_threads = 1,"
    " min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0"
)
"""While readers look on, a stretch becomes one block and one part: it appears as a whole."""

BESIDE = "async_insert = 0"
"""A version that nobody reads yet is filled by all threads, in as many blocks as they like."""

UNREADABLE = frozenset({6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 190, 349, 376, 395, 407, 691})
"""ClickHouse errors that one event's content causes; anything else (disk, memory) is raised."""


_FITTING: set[tuple[str, str]] = set()
"""(name, hash) of the files whose table was made here and has the columns of its select."""


@dataclass(frozen=True)
class Target:
    """What to fill: a read model's storage. `in_view`: its views show this one already."""

    definition: Definition
    storage: Storage
    in_view: bool

    @property
    def table(self) -> str:
        """The storage's table."""
        return self.storage.table


class Engine:
    """Brings read models to the head of `events`, rebuilds them, and says how far they are."""

    def __init__(
        self, client: Any, definitions: Sequence[Definition] | None = None, *, span: int = RANGE
    ) -> None:
        self._client, self._span = client, span
        self._definitions = list(load() if definitions is None else definitions)
        create_events(client)
        load_references(client)
        self._shelf, self._checkpoints = Shelf(client), Checkpoints(client)
        self._lock = threading.Lock()

    def head(self) -> int:
        """The greatest log position in `events`; 0 when empty.

        With several partitions, one that lags may still deliver positions below it.
        """
        return last_position(self._client)

    def positions(self) -> dict[str, int]:
        """Read model → the greatest log position up to which its views show all of `events`.

        The head when nothing is behind; else one less than the least position not taken yet. A
        partition that delivers an older position than that makes it go back until it is taken.
        """
        head, stored = self.head(), [each.name for each in self._definitions if each.stored]
        found = dict.fromkeys(stored, 0)
        for places, names in self._shown(stored):
            first = backlog(self._client, places).first
            found |= dict.fromkeys(names, first - 1 if first else head)
        return found

    def behind(self) -> dict[str, int]:
        """Read model → rows of `events` that it takes and that its views don't show yet.

        0 everywhere: all that `events` holds now is in every read model.
        """
        stored = {each.name: each for each in self._definitions if each.stored}
        found: dict[str, int] = {}
        for places, names in self._shown(stored):
            types = backlog(self._client, places).types
            for name in names:
                found[name] = sum(types.get(each, 0) for each in stored[name].sources)
        return {name: found[name] for name in stored}

    def parked(self) -> dict[str, list[tuple[int, str]]]:
        """Read model → (position, reason) of events set aside; `events`: unreadable states.

        A state that came by Kafka and can't be read doesn't tell its position: it counts as 0.
        """
        live = {storage.table: name for name, storage in self._shelf.live().items()}
        rows = self._checkpoints.parked().items()
        found = {live[table]: events for table, events in rows if table in live}
        unreadable = self._client.query(
            "SELECT position, topic, partition, offset FROM events WHERE type = ''"
            " ORDER BY partition, offset LIMIT 1000"
        ).result_rows
        if unreadable:
            found["events"] = [(int(row[0]), _unreadable(*row[1:])) for row in unreadable]
        return found

    def advance(self, names: Sequence[str] | None = None) -> dict[str, int]:
        """Bring read models to the head, build changed ones beside, swap them in. → positions."""
        with self._lock:
            return self._advance(named(self._definitions, names), rebuilt=False)

    def rebuild(self, names: Sequence[str] | None = None) -> dict[str, int]:
        """Build read models anew from the log beside the old ones, and swap them in. → positions.

        An interrupted rebuild goes on where it stopped, here or at the next `advance`.
        """
        with self._lock:
            return self._advance(named(self._definitions, names), rebuilt=True)

    # --- one round ----------------------------------------------------------------------------

    def _advance(self, chosen: list[Definition], *, rebuilt: bool) -> dict[str, int]:
        targets = self._targets([each for each in chosen if each.stored], rebuilt=rebuilt)
        # Asked first: what is there up to here is certainly among what is taken below.
        head = self.head()
        self._bring(targets)
        marks = self._shelf.marks()
        for each in targets:
            self._shelf.show(each.definition, each.storage, marks)
        live = self._shelf.live(marks)
        if all(each.name in live for each in self._definitions if each.stored):
            for definition in self._definitions:
                if not definition.stored:
                    self._shelf.show(definition, None, marks)
        return {each.definition.name: head for each in targets}

    def _shown(self, names: Iterable[str]) -> list[tuple[Places, list[str]]]:
        """Read models by the places that their views show; one never shown has none."""
        done, live = self._checkpoints.done(), self._shelf.live()
        tables = {name: live[name].table if name in live else "" for name in names}
        return _grouped({name: done.get(table, {}) for name, table in tables.items()})

    def _targets(self, definitions: list[Definition], *, rebuilt: bool) -> list[Target]:
        """The storage to fill for each read model; makes new ones, removes those left over."""
        live, tables = self._shelf.live(), self._shelf.tables()
        targets = []
        for definition in definitions:
            shown = live.get(definition.name)
            least = shown.generation if shown and shown.hash == definition.hash else 0
            own = [each for each in tables if each.name == definition.name]
            wanted = [e for e in own if e.hash == definition.hash and e.generation >= least]
            storage = max(wanted, default=None)
            if storage is None or (rebuilt and storage == shown):
                storage = self._create(definition, tables)
            for each in own:
                if each not in (shown, storage):
                    self._shelf.drop(each)
            targets.append(Target(definition, storage, storage == shown))
        return targets

    def _create(self, definition: Definition, tables: list[Storage]) -> Storage:
        storage = Storage(definition.name, definition.hash, self._unused(definition, tables))
        self._shelf.create(definition, storage)
        if (definition.name, definition.hash) not in _FITTING:
            self._fit(definition, storage)
            _FITTING.add((definition.name, definition.hash))
        return storage

    def _fit(self, definition: Definition, storage: Storage) -> None:
        """Whether a file's select fills its table. Raises DefinitionError."""
        table = self._client.query(f"DESCRIBE TABLE {storage.table}").result_rows
        select = f"DESCRIBE TABLE ({select_stretch(definition, (Span(0, 0, 0),))})"
        stored = [row[0] for row in table if row[2] != "ALIAS"]
        selected = [row[0] for row in self._client.query(select).result_rows]
        if stored != selected:
            self._shelf.drop(storage)
            raise DefinitionError(
                f"{definition.name}.sql: the table's columns {stored} must be the select's, in"
                f" order: {selected}"
            )

    def _unused(self, definition: Definition, tables: list[Storage]) -> int:
        """A generation that no storage of this file ever had: checkpoints outlive their tables."""
        ever = [*tables, *filter(None, map(read_storage, self._checkpoints.storages()))]
        same = (e for e in ever if (e.name, e.hash) == (definition.name, definition.hash))
        return 1 + max((each.generation for each in same), default=0)

    def _bring(self, targets: list[Target]) -> None:
        """Take all that `events` holds now, in as few statements as can be."""
        unfinished = self._checkpoints.unfinished()
        for each in targets:
            if each.table in unfinished:
                self._settle(each, unfinished[each.table])
        done, by_table = self._checkpoints.done(), {each.table: each for each in targets}
        places = {table: done.get(table, {}) for table in by_table}
        # One look at the heads for all: who is brought together stays together.
        upto = heads(self._client, least(list(places.values())))
        for after, tables in _grouped(places):
            if stretch := between(after, upto):
                self._take_all([by_table[each] for each in tables], stretch)

    def _take_all(self, targets: list[Target], stretch: Stretch) -> None:
        """One stretch into several storages: each in one go, or a big one in ranges."""
        there = counts(self._client, stretch)
        if sum(there.values()) > self._span:
            for each in targets:
                for part in cuts(self._client, each.definition, stretch, self._span):
                    self._take([each], part)
            return
        concerned = [e for e in targets if not there.keys().isdisjoint(e.definition.sources)]
        self._take(concerned, stretch)
        self._checkpoints.note("done", [e.table for e in targets if e not in concerned], stretch)

    def _take(self, targets: list[Target], stretch: Stretch) -> None:
        tables = [each.table for each in targets]
        self._checkpoints.note("planned", tables, stretch)
        for each in targets:
            self._fill(each, stretch)
        self._checkpoints.note("done", tables, stretch)

    def _fill(self, target: Target, stretch: Stretch, again: str = "") -> None:
        """One stretch into one storage; an event that can't be taken is found and set aside.

        again   makes the token of a repetition another one
        """
        select = select_stretch(target.definition, stretch)
        settings = IN_VIEW if target.in_view else BESIDE
        token = _token(target.storage, stretch) + again
        try:
            self._client.command(
                f"INSERT INTO {target.table} {select}"
                f" SETTINGS {settings}, insert_deduplication_token = '{token}'"
            )
        except DatabaseError as error:
            if error.code not in UNREADABLE:
                raise
            # Of several blocks some may have landed; a clean start makes the halves exact.
            self._clear(target, stretch)
            if not (parts := halves(stretch)):
                self._park(target, stretch, error)
            for half in parts:
                self._fill(target, half, again)

    def _park(self, target: Target, stretch: Stretch, error: DatabaseError) -> None:
        """Set aside the event at a single offset. Raises the error when no event is to blame."""
        query = f"SELECT position FROM events WHERE {matching(target.definition, stretch)}"  # noqa: S608
        rows = self._client.query(query).result_rows
        if not rows:
            raise error
        self._checkpoints.park(target.table, int(rows[0][0]), str(error)[:300])

    # --- after a crash ------------------------------------------------------------------------

    def _settle(self, target: Target, stretch: Stretch) -> None:
        """Make a planned stretch complete, whatever a crash left of it."""
        there = self._number(f"{target.table} WHERE {_of(target, stretch)}")
        wanted = self._number(f"events WHERE {matching(target.definition, stretch)}")
        if there != wanted:
            self._clear(target, stretch)
            # A new token: the old one may be remembered although its rows never came to be.
            self._fill(target, stretch, f":{uuid4().hex}")
        self._checkpoints.note("done", [target.table], stretch)

    def _clear(self, target: Target, stretch: Stretch) -> None:
        if self._number(f"{target.table} WHERE {_of(target, stretch)}"):
            self._client.command(f"DELETE FROM {target.table} WHERE {_of(target, stretch)}")  # noqa: S608

    def _number(self, source: str) -> int:
        query = f"SELECT count() FROM {source}"  # noqa: S608 - our own names and integers
        return int(self._client.query(query).result_rows[0][0])


def _of(target: Target, stretch: Stretch) -> str:
    """The condition on a storage for what it made of a stretch."""
    of_stretch = matching(target.definition, stretch)
    return f"position IN (SELECT position FROM events WHERE {of_stretch})"  # noqa: S608 - own SQL


def _token(storage: Storage, stretch: Stretch) -> str:
    """`NAME:hash:generation:events:0:1-100,1:1-98`. A rebuild is another generation."""
    return f"{storage.name}:{storage.hash}:{storage.generation}:events:{worded(stretch)}"


def _grouped(places: dict[str, Places]) -> list[tuple[Places, list[str]]]:
    """The names that stand at the same places, together."""
    groups: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for name, own in places.items():
        groups.setdefault(tuple(sorted(own.items())), []).append(name)
    return [(dict(key), names) for key, names in groups.items()]


def _unreadable(topic: str, partition: int, offset: int) -> str:
    where = "" if topic == LOG else f" ({topic}, partition {partition}, offset {offset})"
    return f"the stored state is not JSON{where}"
