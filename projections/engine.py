"""The projection engine: events to read models, live and rebuilt by the same SELECT.

Each read model pulls: everything after its checkpoint, up to the head, range by range.

    plan → INSERT … SELECT with the range's token → checkpoint

A crash between the steps leaves a planned range. It is read back: complete, it is noted as done;
otherwise what is there is removed and the range is repeated. An event that its read model can't
take is found by halving the range, set aside with the reason, and the rest goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from clickhouse_connect.driver.exceptions import DatabaseError

from projections.checkpoints import Checkpoints, Span
from projections.definition import Definition, DefinitionError, load, named
from projections.events_table import create_events
from projections.rendering import matching, select_range
from projections.settings import load_settings
from projections.storages import Shelf, Storage, read_storage

RANGE = 1_000_000
"""Events a range, of those that a read model takes: bounds memory, and what a crash can cost."""

IN_VIEW = (
    "async_insert = 0, max_insert_threads = 1,"
    " min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0"
)
"""While readers look on, a range becomes one block and one part: it appears as a whole."""

BESIDE = "async_insert = 0"
"""A version that nobody reads yet is filled by all threads, in as many blocks as they like."""

UNREADABLE = frozenset({6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 190, 349, 376, 395, 407, 691})
"""ClickHouse errors that one event's content causes; anything else (disk, memory) is raised."""


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
        load_settings(client)
        self._shelf, self._checkpoints = Shelf(client), Checkpoints(client)
        self._lock = threading.Lock()

    def head(self) -> int:
        """The last log position in `events`; 0 when empty."""
        rows = self._client.query("SELECT max(offset) FROM events WHERE partition = 0").result_rows
        return int(rows[0][0])

    def positions(self) -> dict[str, int]:
        """Read model → the log position its views show."""
        done, live = self._checkpoints.done(), self._shelf.live()
        stored = [each.name for each in self._definitions if each.stored]
        return {name: done.get(live[name].table, 0) if name in live else 0 for name in stored}

    def parked(self) -> dict[str, list[tuple[int, str]]]:
        """Read model → (position, reason) of events set aside; `events`: unreadable states."""
        live = {storage.table: name for name, storage in self._shelf.live().items()}
        rows = self._checkpoints.parked().items()
        found = {live[table]: events for table, events in rows if table in live}
        unreadable = self._client.query(
            "SELECT offset FROM events WHERE type = '' ORDER BY offset LIMIT 1000"
        ).result_rows
        if unreadable:
            found["events"] = [(int(row[0]), "the stored state is not JSON") for row in unreadable]
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
        head = self.head()
        self._bring(targets, head)
        for each in targets:
            self._shelf.show(each.definition, each.storage)
        live = self._shelf.live()
        if all(each.name in live for each in self._definitions if each.stored):
            for definition in self._definitions:
                if not definition.stored:
                    self._shelf.show(definition, None)
        return {each.definition.name: head for each in targets}

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
        table = self._client.query(f"DESCRIBE TABLE {storage.table}").result_rows
        select = f"DESCRIBE TABLE ({select_range(definition, 0, 0)})"
        stored = [row[0] for row in table if row[2] != "ALIAS"]
        selected = [row[0] for row in self._client.query(select).result_rows]
        if stored != selected:
            self._shelf.drop(storage)
            raise DefinitionError(
                f"{definition.name}.sql: the table's columns {stored} must be the select's, in"
                f" order: {selected}"
            )
        return storage

    def _unused(self, definition: Definition, tables: list[Storage]) -> int:
        """A generation that no storage of this file ever had: checkpoints outlive their tables."""
        ever = [*tables, *filter(None, map(read_storage, self._checkpoints.storages()))]
        same = (e for e in ever if (e.name, e.hash) == (definition.name, definition.hash))
        return 1 + max((each.generation for each in same), default=0)

    def _bring(self, targets: list[Target], head: int) -> None:
        unfinished = self._checkpoints.unfinished()
        for each in targets:
            if each.table in unfinished:
                self._settle(each, unfinished[each.table])
        done = self._checkpoints.done()
        for position in sorted({done.get(each.table, 0) for each in targets}):
            group = [each for each in targets if done.get(each.table, 0) == position]
            if position < head <= position + self._span:
                self._take_together(group, Span(position + 1, head))
            else:
                for each in group:
                    for span in self._spans(each, position, head):
                        self._take([each], span)

    def _spans(self, target: Target, position: int, head: int) -> Iterator[Span]:
        """Ranges of at most so many of its own events, however thinly they lie in the log."""
        rows = self._client.query(
            f"SELECT intDiv(offset, {self._span}) AS bucket, count() FROM events"  # noqa: S608
            f" WHERE {matching(target.definition, position + 1, head)}"
            " GROUP BY bucket ORDER BY bucket"
        ).result_rows
        first, filled = position + 1, 0
        for bucket, count in rows:
            start = int(bucket) * self._span
            if filled and filled + int(count) > self._span:
                yield Span(first, start - 1)
                first, filled = start, 0
            filled += int(count)
        if first <= head:
            yield Span(first, head)

    def _take_together(self, targets: list[Target], span: Span) -> None:
        """One range into several storages, leaving out those that no event of it concerns."""
        rows = self._client.query(
            "SELECT DISTINCT type FROM events WHERE partition = 0"  # noqa: S608 - integers
            f" AND offset BETWEEN {span.first} AND {span.last}"
        ).result_rows
        present = {row[0] for row in rows}
        concerned = [e for e in targets if not present.isdisjoint(e.definition.sources)]
        self._take(concerned, span)
        self._checkpoints.note("done", [e.table for e in targets if e not in concerned], span)

    def _take(self, targets: list[Target], span: Span) -> None:
        tables = [each.table for each in targets]
        self._checkpoints.note("planned", tables, span)
        for each in targets:
            self._fill(each, span, _token(each.storage, span))
        self._checkpoints.note("done", tables, span)

    def _fill(self, target: Target, span: Span, token: str) -> None:
        """One range into one storage; an event that can't be taken is found and set aside."""
        select = select_range(target.definition, span.first, span.last)
        settings = IN_VIEW if target.in_view else BESIDE
        try:
            self._client.command(
                f"INSERT INTO {target.table} {select}"
                f" SETTINGS {settings}, insert_deduplication_token = '{token}'"
            )
        except DatabaseError as error:
            if error.code not in UNREADABLE:
                raise
            # Of several blocks some may have landed; a clean start makes the halves exact.
            self._clear(target, span)
            if span.first == span.last:
                self._checkpoints.park(target.table, span.first, str(error)[:300])
                return
            middle = (span.first + span.last) // 2
            for half in (Span(span.first, middle), Span(middle + 1, span.last)):
                self._fill(target, half, f"{token}:{half.first}-{half.last}")

    # --- after a crash ------------------------------------------------------------------------

    def _settle(self, target: Target, span: Span) -> None:
        """Make a planned range complete, whatever a crash left of it."""
        there = self._number(f"{target.table} WHERE {_within(span)}")
        wanted = self._number(f"events WHERE {matching(target.definition, *span)}")
        if there != wanted:
            self._clear(target, span)
            # A new token: the old one may be remembered although its rows never came to be.
            self._fill(target, span, f"{_token(target.storage, span)}:{uuid4().hex}")
        self._checkpoints.note("done", [target.table], span)

    def _clear(self, target: Target, span: Span) -> None:
        if self._number(f"{target.table} WHERE {_within(span)}"):
            self._client.command(f"DELETE FROM {target.table} WHERE {_within(span)}")  # noqa: S608

    def _number(self, source: str) -> int:
        query = f"SELECT count() FROM {source}"  # noqa: S608 - our own names and integers
        return int(self._client.query(query).result_rows[0][0])


def _within(span: Span) -> str:
    return f"position BETWEEN {span.first} AND {span.last}"


def _token(storage: Storage, span: Span) -> str:
    """`NAME:hash:events:partition:first-last`, with the generation: a rebuild is another table."""
    version = f"{storage.hash}:{storage.generation}"
    return f"{storage.name}:{version}:events:0:{span.first}-{span.last}"
