"""The projection engine: events to read models, live and rebuilt by the same SELECT.

Each read model pulls: everything after its checkpoint, up to the head, range by range.

    plan → INSERT … SELECT (one block, one token) → checkpoint

A crash between the steps leaves a planned range. It is read back: complete, it is noted as done;
otherwise what is there is removed and the range is repeated. An event that its read model can't
take is found by halving the range, set aside with the reason, and the rest goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import uuid4

from clickhouse_connect.driver.exceptions import DatabaseError

from projections.checkpoints import Checkpoints, Span
from projections.definition import Definition, DefinitionError, load, named
from projections.events_table import create_events
from projections.rendering import matching, select_range
from projections.settings import load_settings
from projections.storages import Shelf, Storage

RANGE = 1_000_000
"""Log positions a range: bounds ClickHouse's memory, and what a crash can cost."""

ONE_BLOCK = (
    "async_insert = 0, max_insert_threads = 1,"
    " min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0"
)
"""A range becomes one block and one part: it lands whole or not at all."""

UNREADABLE = frozenset({6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 190, 349, 376, 395, 407, 691})
"""ClickHouse errors that one event's content causes; anything else (disk, memory) is raised."""


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
        for definition, storage in targets:
            self._shelf.show(definition, storage)
        live = self._shelf.live()
        if all(each.name in live for each in self._definitions if each.stored):
            for each in self._definitions:
                if not each.stored:
                    self._shelf.show(each, None)
        return {definition.name: head for definition, _ in targets}

    def _targets(
        self, definitions: list[Definition], *, rebuilt: bool
    ) -> list[tuple[Definition, Storage]]:
        """The storage to fill for each read model; makes new ones, removes those left over."""
        live, tables = self._shelf.live(), self._shelf.tables()
        targets = []
        for definition in definitions:
            shown = live.get(definition.name)
            least = shown.generation if shown and shown.hash == definition.hash else 0
            own = [each for each in tables if each.name == definition.name]
            wanted = [e for e in own if e.hash == definition.hash and e.generation >= least]
            target = max(wanted, default=None)
            if target is None or (rebuilt and target == shown):
                target = Storage(definition.name, definition.hash, 1 + max(least, 0))
                self._create(definition, target)
            for each in own:
                if each not in (shown, target):
                    self._shelf.drop(each)
                    self._checkpoints.forget(each.table)
            targets.append((definition, target))
        return targets

    def _create(self, definition: Definition, storage: Storage) -> None:
        self._checkpoints.forget(storage.table)
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

    def _bring(self, targets: list[tuple[Definition, Storage]], head: int) -> None:
        unfinished = self._checkpoints.unfinished()
        for definition, storage in targets:
            if storage.table in unfinished:
                self._settle(definition, storage, unfinished[storage.table])
        done = self._checkpoints.done()

        def reached(target: tuple[Definition, Storage]) -> int:
            return done.get(target[1].table, 0)

        for position, group in groupby(sorted(targets, key=reached), key=reached):
            together = sorted(group, key=lambda each: each[0].name)
            for first in range(position + 1, head + 1, self._span):
                self._take(together, Span(first, min(first + self._span - 1, head)))

    def _take(self, targets: list[tuple[Definition, Storage]], span: Span) -> None:
        tables = [storage.table for _, storage in targets]
        self._checkpoints.note("planned", tables, span)
        present = self._types_in(span)
        for definition, storage in targets:
            if not present.isdisjoint(definition.sources):
                self._fill(definition, storage, span, _token(storage, span))
        self._checkpoints.note("done", tables, span)

    def _types_in(self, span: Span) -> set[str]:
        rows = self._client.query(
            "SELECT DISTINCT type FROM events WHERE partition = 0"  # noqa: S608 - integers
            f" AND offset BETWEEN {span.first} AND {span.last}"
        ).result_rows
        return {row[0] for row in rows}

    def _fill(self, definition: Definition, storage: Storage, span: Span, token: str) -> None:
        """One range into one storage; an event that can't be taken is found and set aside."""
        select = select_range(definition, span.first, span.last)
        try:
            self._client.command(
                f"INSERT INTO {storage.table} {select}"
                f" SETTINGS {ONE_BLOCK}, insert_deduplication_token = '{token}'"
            )
        except DatabaseError as error:
            if error.code not in UNREADABLE:
                raise
            if span.first == span.last:
                self._checkpoints.park(storage.table, span.first, str(error)[:300])
                return
            middle = (span.first + span.last) // 2
            for half in (Span(span.first, middle), Span(middle + 1, span.last)):
                self._fill(definition, storage, half, f"{token}:{half.first}-{half.last}")

    # --- after a crash ------------------------------------------------------------------------

    def _settle(self, definition: Definition, storage: Storage, span: Span) -> None:
        """Make a planned range complete, whatever a crash left of it."""
        where = f"position BETWEEN {span.first} AND {span.last}"
        there = self._number(f"{storage.table} WHERE {where}")
        wanted = self._number(f"events WHERE {matching(definition, span.first, span.last)}")
        if there != wanted:
            if there:
                self._client.command(f"DELETE FROM {storage.table} WHERE {where}")  # noqa: S608
            # A new token: the old one may be remembered although its rows never came to be.
            self._fill(definition, storage, span, f"{_token(storage, span)}:{uuid4().hex}")
        self._checkpoints.note("done", [storage.table], span)

    def _number(self, source: str) -> int:
        query = f"SELECT count() FROM {source}"  # noqa: S608 - our own names and integers
        return int(self._client.query(query).result_rows[0][0])


def _token(storage: Storage, span: Span) -> str:
    """`NAME:hash:events:partition:first-last`, with the generation: a rebuild is another table."""
    version = f"{storage.hash}:{storage.generation}"
    return f"{storage.name}:{version}:events:0:{span.first}-{span.last}"
