"""The index of children beside the log, made again from each child's own stream."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec

from domain.child_state import ChildState
from domain.streams import fold
from infra.audit.fault import Fault
from infra.event_store import RECORDED, Cursor, EventLog
from infra.intake.guard import history
from infra.intake.locate import FORGOTTEN, KNOWN, RETRACTED
from infra.keys import KeyRing

PAGE = 500
Line = tuple[bytes, bytes | None, str, int]
"""child id, blind index of the ID number, village, status"""


def children_faults(log: EventLog, keys: KeyRing | None) -> Iterator[Fault]:
    """One for each line of the index that its child's stream does not bear out."""
    with log.store.reading() as cursor:
        (registered,) = cursor.execute(
            "SELECT count(DISTINCT originator_id) FROM stored_events"
            " WHERE topic = 'child.registered.v1'"
        ).fetchone()
        count, after = 0, b""
        while rows := _page(cursor, after):
            for row in rows:
                if row != _again(cursor, row, keys):
                    yield Fault("children", 0, f"the index says otherwise of {_name(row[0])}")
            count, after = count + len(rows), rows[-1][0]
    if count != registered:
        yield Fault("children", 0, f"the index has {count} children, the log {registered}")


def _page(cursor: Cursor, after: bytes) -> list[Line]:
    found: list[Line] = cursor.execute(
        "SELECT child_id, blind_index, village, status FROM children WHERE child_id > ?"
        " ORDER BY child_id LIMIT ?",
        (after, PAGE),
    ).fetchall()
    return found


def _again(cursor: Cursor, row: Line, keys: KeyRing | None) -> Line:
    """The line as the stream gives it; the blind index as it stands where it can't be made."""
    child_id, blind = row[0], row[1]
    facts = history(cursor, child_id.hex())
    state = fold("child", facts)
    if not isinstance(state, ChildState):
        return (child_id, None, "", RETRACTED)
    status = FORGOTTEN if state.forgotten else KNOWN if state.registered_at else RETRACTED
    if status != KNOWN:
        blind = None
    elif keys is not None:
        blind = _blind(cursor, keys, child_id)
    return (child_id, blind, state.village, status)


def _blind(cursor: Cursor, keys: KeyRing, child_id: bytes) -> bytes | None:
    """Of the number in the latest registration, which may be a corrected one."""
    (state,) = cursor.execute(
        "SELECT state FROM stored_events WHERE originator_id = ?"
        " AND topic = 'child.registered.v1' ORDER BY rowid DESC LIMIT 1",
        (child_id.hex(),),
    ).fetchone()
    token = msgspec.json.decode(RECORDED.decode(state).data).get("id_number")
    number = keys.decrypt(f"child/{_name(child_id)}", token) if token else None
    return bytes.fromhex(keys.blind_index(number)) if number else None


def _name(child_id: bytes) -> str:
    return str(UUID(bytes=child_id)) if len(child_id) == 16 else "?"  # noqa: PLR2004 - of a UUID
