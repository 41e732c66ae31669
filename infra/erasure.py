"""A child forgotten, and looked for afterwards: every word of it, everywhere in the home.

    1  the words are read while they can be: name, number, phone, address, notes of all its events
    2  the key is destroyed (infra/intake/forget.py), attachments are taken away
    3  every file of the home, and every row of every ClickHouse table (its files are compressed, so
       they are asked as rows), is searched for the words

What stays by design stands in docs/privacy.md: the facts, under a pseudonym that nothing leads to.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.errors import Refusal
from infra import attachments
from infra.home import Home
from infra.intake.forget import By
from infra.intake.locate import Children
from infra.keys import PREFIX, KeyRingError

LEAST = 6
"""Bytes of a word that is searched for: two Chinese characters. Shorter ones occur by chance."""

EVENTS = "SELECT data FROM timeline WHERE child_id = {child:UUID}"
TABLES = """
SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
ORDER BY name
"""


class Found(NamedTuple):
    """A word that is still there. `what`: the field it was of, never the word itself."""

    where: str
    what: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and what the search found. `words`: how many were searched for."""

    child_id: UUID
    already: bool
    rejections: int
    attachments: int
    words: int
    files: int
    bytes: int
    tables: int
    found: list[Found]


def erase(home: Home, child: str, *, basis: str = "not_stated") -> Erased:
    """Forget a child, named by our child id or its ID number, and search the home for it.

    Raises ChildUnknownError, KeyRingError.
    """
    words = personal_words(home, child)
    done = home.intake.forget(child, by=By(basis))
    removed = attachments.remove(home, done.child_id)
    home.catch_up()
    files, size, found = search_files(home.settings.home, words)
    tables, more = search_tables(home.warehouse, words)
    return Erased(
        child_id=done.child_id, already=done.already, rejections=done.rejections,
        attachments=removed, words=len(words), files=files, bytes=size, tables=tables,
        found=[*found, *more],
    )  # fmt: skip


def personal_words(home: Home, child: str) -> dict[str, str]:
    """Word → the field it is of: whatever of the child's events its key opens."""
    with home.log.store.reading() as cursor:
        known = Children(home.keys).find(cursor, child)
    if isinstance(known, Refusal):
        return {}
    home.catch_up()
    scope, words = f"child/{known.id}", {}
    for (data,) in home.warehouse.query(EVENTS, {"child": known.id}).result_rows:
        for field, token in _tokens(msgspec.json.decode(data)):
            try:
                text = home.keys.decrypt(scope, token)
            except KeyRingError:  # who reported lies under another key, of the receiving desk
                continue
            if text and len(text.encode()) >= LEAST:
                words[text] = field
    return words


def _tokens(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _tokens(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _tokens(each, field)
    elif isinstance(value, str) and value.startswith(PREFIX):
        yield field, value


def forms(text: str) -> set[bytes]:
    """A word as it may lie on a disk: UTF-8, escaped in JSON, UTF-16."""
    return {text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")}


def search_files(home: Path, words: dict[str, str]) -> tuple[int, int, list[Found]]:
    """Every byte of every file. → (files, bytes, what was found)."""
    field_of = {form: field for text, field in words.items() for form in forms(text)}
    pattern = re.compile(b"|".join(map(re.escape, sorted(field_of)))) if field_of else None
    files, size, found = 0, 0, []
    for path in sorted(home.rglob("*")):
        try:
            if path.is_symlink() or not path.is_file():
                continue
            length = path.stat().st_size
            files, size = files + 1, size + length
            if pattern is not None and length:
                fields = {field_of[each] for each in _matches(path, pattern)}
                found += [Found(str(path.relative_to(home)), each) for each in sorted(fields)]
        except FileNotFoundError:
            continue  # ClickHouse merges its parts while we look
    return files, size, found


def _matches(path: Path, pattern: re.Pattern[bytes]) -> set[bytes]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return set(pattern.findall(content))


def search_tables(client: Any, words: dict[str, str]) -> tuple[int, list[Found]]:
    """Every row of every table, as text. → (tables, what was found)."""
    names = [row[0] for row in client.query(TABLES).result_rows]
    by_field: dict[str, list[str]] = {}
    for text, field in words.items():
        by_field.setdefault(field, []).extend({text, json.dumps(text)[1:-1]})
    return len(names), list(_in_tables(client, names, by_field))


def _in_tables(
    client: Any, names: Iterable[str], by_field: dict[str, list[str]]
) -> Iterator[Found]:
    if not by_field:
        return
    every = sorted({word for words in by_field.values() for word in words})
    for name in names:
        query = (
            f"SELECT count() FROM (SELECT toString(tuple(*)) AS row FROM `{name}`)"  # noqa: S608 - its own names
            " WHERE arrayExists(w -> position(row, w) > 0, {words:Array(String)})"
        )
        if not client.query(query, {"words": every}).result_rows[0][0]:
            continue
        for field, words in by_field.items():
            if client.query(query, {"words": words}).result_rows[0][0]:
                yield Found(f"clickhouse {name}", field)
