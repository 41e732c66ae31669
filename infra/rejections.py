"""Kept rejections: what was refused, why, and the body, so that it can land after a fix.

Bodies hold personal data, so they are encrypted; what is readable here (source, id, code, field,
value, message) never does. A rejection goes when its event is accepted after all, or when the child
it speaks of is forgotten.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from domain.errors import Refusal
from infra.event_store import Cursor
from infra.keys import KeyRing

SCOPE = "rejections"
KEPT_BYTES = 64 * 1024
"""Larger bodies are not kept: no event is that large, so none could land by replay."""

PAGE = 1000
COLUMNS = "seq, source, id, type, code, field, value, message, received_at, attempts"
UPSERT = (
    "INSERT INTO rejections (key, source, id, type, code, field, value, message, received_at,"
    " attempts, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET"
    " source = excluded.source, id = excluded.id, type = excluded.type, code = excluded.code,"
    " field = excluded.field, value = excluded.value, message = excluded.message,"
    " attempts = rejections.attempts + 1, body = excluded.body"
)
_NUMBER = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)


class Rejection(msgspec.Struct, frozen=True):
    """One kept rejection, without its body. `received_at`: the first attempt, RFC 3339 UTC."""

    seq: int
    source: str
    id: str
    type: str
    code: str
    field: str
    value: str
    message: str
    received_at: str
    attempts: int


class Rejections:
    """The table of kept rejections; every method works inside the caller's transaction."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def any(self, cursor: Cursor) -> bool:
        """Whether any is kept."""
        return cursor.execute("SELECT 1 FROM rejections LIMIT 1").fetchone() is not None

    def keep(
        self,
        cursor: Cursor,
        refused: Iterable[tuple[bytes, str, str, str, Refusal, bytes]],
        at: datetime,
    ) -> None:
        """Keep (key, source, id, type, refusal, body). A new attempt replaces the last one."""
        moment = at.isoformat().replace("+00:00", "Z")
        rows = [
            (key, *map(_printable, (*named, why.code, why.field, why.value, why.message)),
             moment, self._seal(body))
            for key, *named, why, body in refused
        ]  # fmt: skip
        cursor.executemany(UPSERT, rows)

    def drop(self, cursor: Cursor, keys: Sequence[bytes]) -> None:
        """These events have landed."""
        cursor.executemany("DELETE FROM rejections WHERE key = ?", [(key,) for key in keys])

    def listed(self, cursor: Cursor) -> Iterator[Rejection]:
        """All of them, in the order in which they first came."""
        query = f"SELECT {COLUMNS} FROM rejections ORDER BY seq"  # noqa: S608 - a constant
        for row in cursor.execute(query):
            yield Rejection(*row)

    def bodies(self, cursor: Cursor, after: int, upto: int) -> list[tuple[int, bytes | None]]:
        """(seq, body) with after < seq ≤ upto, one page; None for a body that was too large."""
        rows = cursor.execute(
            "SELECT seq, body FROM rejections WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (after, upto, PAGE),
        ).fetchall()
        return [(seq, self._open(body)) for seq, body in rows]

    def last(self, cursor: Cursor) -> int:
        """The highest seq; 0 when none is kept."""
        return int(cursor.execute("SELECT max(seq) FROM rejections").fetchone()[0] or 0)

    def forget(self, cursor: Cursor, child: str, blind: str, index: Callable[[str], str]) -> int:
        """Delete every rejection that speaks of a child, by its id or by its ID number.

        child   the child id as text
        blind   its blind index, "" when it has none; `index` makes one of a number
        Returns how many.
        """
        found = [
            (seq,)
            for seq, sealed in cursor.execute("SELECT seq, body FROM rejections").fetchall()
            if (body := self._open(sealed)) is not None and _speaks_of(body, child, blind, index)
        ]
        cursor.executemany("DELETE FROM rejections WHERE seq = ?", found)
        return len(found)

    def _seal(self, body: bytes) -> str | None:
        if len(body) > KEPT_BYTES:
            return None
        return self._keys.encrypt(SCOPE, body.decode("latin-1"))

    def _open(self, sealed: str | None) -> bytes | None:
        if sealed is None:
            return None
        text = self._keys.decrypt(SCOPE, sealed)
        return None if text is None else text.encode("latin-1")


def _printable(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return text.replace("\0", "\ufffd")


def _speaks_of(body: bytes, child: str, blind: str, index: Callable[[str], str]) -> bool:
    text = unicodedata.normalize("NFKC", body.decode("utf-8", "replace"))
    if child in text.lower():
        return True
    return bool(blind) and any(index(n) == blind for n in set(_NUMBER.findall(text.upper())))
