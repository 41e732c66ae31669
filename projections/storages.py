"""Versions of a read model side by side, and the swap from one to the next.

A storage is `NAME__<hash of its file>_<generation>`. Which one is live is written in the comment
of the view NAME, so that the swap is one atomic statement: readers see one or the other, whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projections.definition import Definition
from projections.rendering import Comments, create_table, view_texts

_STORAGE = re.compile(r"^(\w+)__([0-9a-f]{8})_(\d+)$")
_MARK = re.compile(r"\[(\w*) ([0-9a-f]{8})\]$")


@dataclass(frozen=True, order=True)
class Storage:
    """One version of one read model."""

    name: str
    hash: str
    generation: int

    @property
    def table(self) -> str:
        """The table's name in ClickHouse."""
        return f"{self.name}__{self.hash}_{self.generation}"


def read_storage(table: str) -> Storage | None:
    """The storage of a table's name; None for another kind of table."""
    found = _STORAGE.match(table)
    return Storage(found[1], found[2], int(found[3])) if found else None


class Shelf:
    """The storages and views that ClickHouse has."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def tables(self) -> list[Storage]:
        """Every storage, of every read model."""
        rows = self._client.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase()"
            " AND engine LIKE '%MergeTree'"
        ).result_rows
        found = (read_storage(row[0]) for row in rows)
        return sorted(each for each in found if each is not None)

    def live(self, marks: Mapping[str, tuple[str, str]] | None = None) -> dict[str, Storage]:
        """Read model → the storage its views show. `marks`: as just read, not to be read again."""
        told = self.marks() if marks is None else marks
        found = ((name, read_storage(table)) for name, (table, _) in told.items())
        existing = set(self.tables())
        return {name: each for name, each in found if each in existing and each.name == name}

    def marks(self) -> dict[str, tuple[str, str]]:
        """View → (storage shown, hash of the view's text)."""
        rows = self._client.query(
            "SELECT name, comment FROM system.tables WHERE database = currentDatabase()"
            " AND engine = 'View'"
        ).result_rows
        found = ((name, _MARK.search(comment)) for name, comment in rows)
        return {name: (mark[1], mark[2]) for name, mark in found if mark}

    def create(self, definition: Definition, storage: Storage) -> None:
        """Make the table of a new version."""
        self._client.command(create_table(definition, storage.table))

    def drop(self, storage: Storage) -> None:
        """Remove a version nobody reads any more."""
        self._client.command(f"DROP TABLE IF EXISTS {storage.table} SYNC")

    def show(
        self, definition: Definition, storage: Storage | None, marks: dict[str, tuple[str, str]]
    ) -> None:
        """Make the read model's views show a storage; its own view last. Skips what is right.

        marks   of all views, as `marks` gives them; changed with what is changed
        """
        table = storage.table if storage else ""
        texts = view_texts(definition, table)
        comments: Comments | None = None
        for name in sorted(texts, key=lambda each: (each == definition.name, each)):
            select, view = texts[name]
            own = view.comments if view else {}
            digest = hashlib.sha256(f"{select}\0{own}".encode()).hexdigest()[:8]
            if marks.get(name) == (table, digest):
                continue
            comments = comments or Comments(self._client, table, marks)
            columns = "" if "{as_of:Date}" in select else f"({comments.columns(select, own)})"
            words = _words(definition, name, select, own=view is not None)
            self._client.command(
                f"CREATE OR REPLACE VIEW {name} {columns} AS {select}\n"
                f"COMMENT '{words} [{table} {digest}]'"
            )
            marks[name] = (table, digest)


def _words(definition: Definition, name: str, select: str, *, own: bool) -> str:
    """What a view's comment says: its grain, and how it differs from the read model's own view."""
    grain = definition.grain.replace("'", "''")
    if not own:
        return f"One row per fact of {definition.name} ever, with replaced_at. {grain}"
    if "{known_by:Date}" in select:
        days = "as_of = 2026-03-31, known_by = 2026-06-30"
        return f"As of the end of a Shanghai day, as known on another, {name}({days}). {grain}"
    if "{as_of:Date}" in select:
        return f"As known at the end of a Shanghai day, {name}(as_of = 2026-03-31). {grain}"
    return grain
