"""Whose event is it? The child index: our child id or an ID number → the child.

The index says only what intake needs of a child: that it is registered and where it lives now. It
lives in the event store's database and changes with the events it follows from.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from domain.child_state import ChildState
from domain.errors import Refusal
from domain.identity import check_id_number
from infra.event_store import Cursor
from infra.intake.decode import EARLIEST
from infra.keys import KeyRing
from infra.recent import Recent

RETRACTED, KNOWN, FORGOTTEN = 0, 1, 2
FILES = {
    RETRACTED: ChildState(),
    KNOWN: ChildState(registered_at=EARLIEST),
    FORGOTTEN: ChildState(registered_at=EARLIEST, forgotten=True),
}
"""What a guard outside the child's own stream may ask of the child: registered? forgotten?"""

CACHED = 32_768
CHUNK = 500
UUID_LENGTH = 36

SELECT = "SELECT child_id, blind_index, village, status FROM children WHERE "
UPSERT = (
    "INSERT INTO children VALUES (?, ?, ?, ?) ON CONFLICT (child_id) DO UPDATE SET"
    " blind_index = excluded.blind_index, village = excluded.village, status = excluded.status"
)


class Child(msgspec.Struct):
    """One line of the index. `text` is the child id as text, `blind` that of the ID number."""

    id: UUID
    text: str
    village: str
    status: int
    blind: bytes | None = None


class Children:
    """The index, with a bounded memory; changes are kept until `flush`."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._recent: Recent[str, Child] = Recent(CACHED)
        self._recent_blind: Recent[bytes, Child] = Recent(CACHED // 4)
        self._changed: dict[UUID, Child] = {}
        self._claimed: dict[bytes, Child | None] = {}

    def clear(self) -> None:
        """Forget everything: the transaction failed, or another process wrote."""
        self._recent.clear()
        self._recent_blind.clear()
        self._changed.clear()
        self._claimed.clear()

    def load(self, cursor: Cursor, subjects: Iterable[str]) -> None:
        """Read the children of a batch at once."""
        wanted = {s for s in subjects if len(s) == UUID_LENGTH and self._recent.get(s) is None}
        ids = sorted(found.bytes for s in wanted if (found := _uuid(s)) is not None)
        for at in range(0, len(ids), CHUNK):
            some = ids[at : at + CHUNK]
            marks = ",".join("?" * len(some))
            for row in cursor.execute(f"{SELECT}child_id IN ({marks})", some):
                self._remember(row)

    def peek(self, subject: str) -> Child | None:
        """The child of a subject that is a child id, if it was loaded."""
        return self._recent.get(subject)

    def find(self, cursor: Cursor, subject: str) -> Child | Refusal:
        """The child a subject names."""
        known = self._recent.get(subject)
        if known is not None:
            return known
        if not subject:
            return Refusal(
                "subject_missing",
                "subject",
                "",
                "name the child by our child id or by its 18-character ID number",
            )
        if (child_id := _uuid(subject)) is not None:
            return self.by_id(cursor, child_id) or unknown(subject)
        found = self.by_blind(cursor, self.blind(subject))
        if found is not None:
            return found
        refusal = check_id_number(subject)
        if refusal is None:
            return unknown("")
        message = f"neither a child id (UUID) nor an ID number: {refusal.message}"
        return Refusal(refusal.code, "subject", "", message)

    def by_id(self, cursor: Cursor, child_id: UUID) -> Child | None:
        """By our child id."""
        known = self._recent.get(str(child_id)) or self._changed.get(child_id)
        if known is not None:
            return known
        row = cursor.execute(SELECT + "child_id = ?", (child_id.bytes,)).fetchone()
        return None if row is None else self._remember(row)

    def blind(self, id_number: str) -> bytes:
        """The blind index of a number."""
        return bytes.fromhex(self._keys.blind_index(id_number))

    def by_blind(self, cursor: Cursor, blind: bytes) -> Child | None:
        """The child registered with a number, as this batch sees it."""
        if blind in self._claimed:
            return self._claimed[blind]
        known = self._recent_blind.get(blind)
        if known is None:
            row = cursor.execute(SELECT + "blind_index = ?", (blind,)).fetchone()
            if row is None:
                return None
            known = self._changed.get(UUID(bytes=row[0])) or self._remember(row)
            self._recent_blind.put(blind, known)
        return known

    def put(self, child: Child, village: str, status: int, blind: bytes | None) -> None:
        """Change a child's line."""
        if child.blind != blind:
            if child.blind is not None:
                self._claimed[child.blind] = None
                self._recent_blind.discard(child.blind)
            if blind is not None:
                self._claimed[blind] = child
        child.village, child.status, child.blind = village, status, blind
        self._changed[child.id] = child
        self._recent.put(child.text, child)

    def flush(self, cursor: Cursor) -> None:
        """Write the changes. Numbers given up are freed first: another child may have claimed."""
        freed = [(blind,) for blind in self._claimed]
        cursor.executemany("UPDATE children SET blind_index = NULL WHERE blind_index = ?", freed)
        cursor.executemany(
            UPSERT, [(c.id.bytes, c.blind, c.village, c.status) for c in self._changed.values()]
        )
        self._changed.clear()
        self._claimed.clear()

    def _remember(self, row: tuple[bytes, bytes | None, str, int]) -> Child:
        child_id = UUID(bytes=row[0])
        child = Child(child_id, str(child_id), row[2], row[3], row[1])
        self._recent.put(child.text, child)
        return child


def unknown(value: str) -> Refusal:
    """No such child. Not final: the event is kept and lands by replay."""
    return Refusal(
        "child_unknown",
        "subject",
        value,
        "this child is not registered yet; the event is kept and lands by"
        " `shouhe rejected replay` once child.registered has been sent",
    )


def unknown_subject(subject: str) -> Refusal:
    """As `find` says it of a child that is not there: of one outside the sender's places too."""
    return unknown(subject if _uuid(subject) else "")


def _uuid(text: str) -> UUID | None:
    if len(text) != UUID_LENGTH:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
