"""Sent twice, or two bodies under one id? Told by content, not by bytes.

Spacing, order of keys, defaults left out or written, a time's offset: none of it matters. What
can't be known any more (a forgotten child's name, a number corrected since) is not held against
the second sending. So nothing has to be kept of a body but its event.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain.contract import personal_fields
from domain.event import NO_CHILD, Event, Recorded, current, event_class, event_id
from infra.event_store import RECORDED, Cursor
from infra.intake.decode import Candidate
from infra.intake.locate import Child, Children
from infra.keys import KeyRing


def scope_of(kind: str, child_id: UUID, event: Event) -> str:
    """Whose key encrypts a personal field (`personal_fields`: kind `child` or `reporter`).

    Who reported is under a key of its own: the child's file must not open it (ADV 14).
    """
    if kind == "child":
        return f"child/{child_id}"
    return f"report/{getattr(event, type(event).KEY or '')}"


def same_as_accepted(
    candidate: Candidate, earlier: Candidate, cursor: Cursor, children: Children
) -> bool:
    """Whether a candidate says what one accepted in this batch said.

    The same answer as `same_as_stored`: where a batch ends must not matter.
    """
    envelope = _envelope(earlier)
    return (
        candidate.event == earlier.event
        and _same_envelope(candidate, envelope)
        and _same_child(candidate, envelope, cursor, children)
    )


def _envelope(each: Candidate) -> Recorded:
    """What the log will hold of an accepted candidate, but for its data."""
    i = each.incoming
    return Recorded(
        event_id=each.event_id,
        source=i.source,
        id=i.id,
        type=i.type,
        child_id=each.child_id,
        occurred_at=each.occurred_at,
        recorded_at=each.recorded_at,
        actor=i.actor or "",
        role=i.actorrole or "",
        place=each.place,
        rule=i.rule or "",
        corrects=each.corrects,
        data=msgspec.Raw(),
    )


def same_as_stored(
    candidate: Candidate,
    state: bytes,
    cursor: Cursor,
    children: Children,
    keys: KeyRing,
) -> bool:
    """Whether a candidate says what the log holds under its id (`state`: JSON of Recorded)."""
    recorded = RECORDED.decode(state)
    return (
        _same_envelope(candidate, recorded)
        and _same_child(candidate, recorded, cursor, children)
        and _same_data(candidate.event, recorded, keys)
    )


def _same_envelope(candidate: Candidate, recorded: Recorded) -> bool:
    i = candidate.incoming
    return (
        (candidate.occurred_at, i.actor or "", i.actorrole or "", i.rule or "")
        == (recorded.occurred_at, recorded.actor, recorded.role, recorded.rule)
        and (i.recordedtime is None or i.recordedtime == recorded.recorded_at)
        and (i.place is None or i.place == recorded.place)
        and _same_correction(i.source, i.corrects, recorded.corrects)
    )


def _same_correction(source: str, corrects: str | None, recorded: UUID) -> bool:
    if corrects is None:
        return recorded == NO_CHILD
    return recorded == event_id(source, corrects) or str(recorded) == corrects.lower()


def _same_child(
    candidate: Candidate, recorded: Recorded, cursor: Cursor, children: Children
) -> bool:
    subject = candidate.incoming.subject
    if not subject or not type(candidate.event).ABOUT_CHILD:
        return True
    found = children.find(cursor, subject)
    return found.id == recorded.child_id if isinstance(found, Child) else True


def _same_data(event: Event, recorded: Recorded, keys: KeyRing) -> bool:
    name, stored = current(recorded.type, msgspec.json.decode(recorded.data))
    if name != event.TYPE:
        return False
    cls = event_class(name)
    for field, kind in personal_fields(cls):
        token, sent = stored.get(field), getattr(event, field)
        if (token is None) != (sent is None):
            return False
        if token is None:
            continue
        text = keys.decrypt(scope_of(kind, recorded.child_id, event), token)
        stored[field] = sent if text is None else text
    return msgspec.convert(stored, cls) == event
