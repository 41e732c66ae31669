"""Into the log: encrypt what is personal, write the rows, all in the batch's one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.contract import personal_fields
from domain.event import ATTRIBUTES, NO_CHILD, Event
from infra.event_store import Cursor, LogRecorder, NewRow, head
from infra.intake.decode import Candidate
from infra.intake.same import scope_of
from infra.keys import KeyRing

Sealing = list[tuple[str, str]]
"""(field, scope) of the personal fields that an event fills."""


class Row(
    msgspec.Struct, omit_defaults=True, tag_field="specversion", tag="1.0", rename=ATTRIBUTES
):
    """`domain.event.Recorded` as it is written: the same fields in the same order.

    Its data is the event itself, so that envelope and data are encoded in one go.
    """

    event_id: UUID
    source: str
    id: str
    type: str
    child_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: str = ""
    role: str = ""
    place: str = ""
    rule: str = ""
    corrects: UUID = NO_CHILD
    data: Any = None


class Personal:
    """Which fields of an event class are encrypted, and under which scope."""

    def __init__(self) -> None:
        self._fields: dict[type[Event], tuple[tuple[str, str], ...]] = {}

    def sealing(self, each: Candidate) -> Sealing:
        """The filled personal fields of one event."""
        cls = type(each.event)
        fields = self._fields.get(cls)
        if fields is None:
            fields = self._fields[cls] = personal_fields(cls)
        if not fields:
            return []
        return [
            (name, scope_of(kind, each.child_id, each.event))
            for name, kind in fields
            if getattr(each.event, name) is not None
        ]


def land(
    store: LogRecorder,
    cursor: Cursor,
    accepted: Collection[Candidate],
    keys: KeyRing,
    personal: Personal,
) -> int:
    """Append the accepted events. Keys are durable before the events that need them.

    Returns the log's new head.
    """
    after = head(cursor)
    if not accepted:
        return after
    sealings = {each.key: found for each in accepted if (found := personal.sealing(each))}
    keys.ensure({scope for sealing in sealings.values() for _, scope in sealing})
    encode = msgspec.json.Encoder().encode
    rows: list[NewRow] = []
    seen: list[tuple[bytes, int]] = []
    position = after
    for each in accepted:
        sealing = sealings.get(each.key)
        event = each.event if sealing is None else _sealed(each.event, sealing, keys)
        position += 1
        rows.append((each.stream, each.version, event.TYPE, encode(_row(each, event))))
        if event.STREAM != "fact" or each.corrects.int:
            seen.append((each.key, position))
    store.append(cursor, after, rows)
    seen.sort()
    cursor.executemany("INSERT INTO seen VALUES (?, ?)", seen)
    return position


def _sealed(event: Event, sealing: Sealing, keys: KeyRing) -> Event:
    tokens = {name: keys.encrypt(scope, getattr(event, name)) for name, scope in sealing}
    return msgspec.structs.replace(event, **tokens)


def _row(each: Candidate, event: Event) -> Row:
    incoming = each.incoming
    return Row(
        each.event_id,
        incoming.source,
        incoming.id,
        event.TYPE,
        each.child_id,
        each.occurred_at,
        each.recorded_at,
        incoming.actor or "",
        incoming.actorrole or "",
        each.place,
        incoming.rule or "",
        each.corrects,
        event,
    )
