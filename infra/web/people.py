"""Names, for one reader and one page: recorded first, then read (网保条例 36).

Nothing is decrypted before the reading of that child's data stands in the log; where it can't be
recorded, the page fails. A forgotten child has no name any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from domain.child_file import AccessLogged, ChildForgotten, ChildMoved, ChildRegistered
from domain.errors import ShouheError
from domain.guardianship import GuardianLinked
from domain.streams import effective
from infra.access import Reader
from infra.home import Home
from infra.own_events import own_event

SOURCE = "shouhe/pages"
FORGOTTEN = "(信息已删除)"
UNNAMED = ("child_forgotten", "child_unknown")

FACTS = """
SELECT event_id, type, child_id, corrects, data FROM events
WHERE type IN {types:Array(String)} AND child_id IN {children:Array(UUID)} ORDER BY offset
"""
TYPES = [
    each.TYPE
    for each in (ChildRegistered, ChildMoved, GuardianLinked, ChildForgotten)
] + ["record.retracted.v1"]  # fmt: skip


class AccessNotRecordedError(ShouheError):
    """A reading could not be recorded, so nothing is shown."""


class Person(msgspec.Struct, frozen=True):
    """What a worker needs at the door. Empty where nothing was stated."""

    name: str = FORGOTTEN
    phone: str = ""
    address: str = ""
    shown: bool = False
    """Whether this child's data may be read: the reading of it is recorded."""


class _Fact(msgspec.Struct, frozen=True):
    event_id: UUID
    type: str
    child_id: UUID
    corrects: UUID
    data: str


def read_people(
    home: Home, reader: Reader, children: Sequence[UUID], *, purpose: str, page: str
) -> dict[UUID, Person]:
    """Record that `reader` saw these children, and read who they are.

    Raises AccessNotRecordedError.
    """
    named = record_reading(home, reader, children, purpose=purpose, page=page)
    facts: dict[UUID, list[_Fact]] = {child: [] for child in named}
    if named:
        parameters = {"types": TYPES, "children": sorted(named)}
        for row in home.warehouse.query(FACTS, parameters).result_rows:
            facts[row[2]].append(_Fact(*row))
    people = {child: _person(home, child, effective(own)) for child, own in facts.items()}
    return {child: people.get(child, Person()) for child in children}


def record_reading(
    home: Home, reader: Reader, children: Iterable[UUID], *, purpose: str, page: str
) -> set[UUID]:
    """One `access.logged` a child. → those whose data may be shown: not the forgotten ones."""
    listed = list(dict.fromkeys(children))
    fact, now = AccessLogged(purpose=purpose, page=page), home.clock()
    outcomes = home.intake.record(
        [
            msgspec.structs.replace(
                own_event(SOURCE, str(uuid4()), now, fact, str(child)),
                actor=reader.person,
                actorrole=reader.role.value,
            )
            for child in listed
        ]
    )
    for each in outcomes:
        if each.status != "accepted" and each.code not in UNNAMED:
            raise AccessNotRecordedError(f"{each.field}: {each.message}; nothing is shown")
    return {
        child
        for child, each in zip(listed, outcomes, strict=True)
        if each.status == "accepted"
    }  # fmt: skip


def _person(home: Home, child: UUID, facts: Sequence[_Fact]) -> Person:
    """The latest word of each kind; a guardian's phone where the child has none."""
    found: dict[str, str] = {}
    carer_phone = ""
    for fact in facts:
        data: dict[str, Any] = msgspec.json.decode(fact.data)
        if fact.type == GuardianLinked.TYPE:
            carer_phone = carer_phone or data.get("phone") or ""
            continue
        found |= {k: data[k] for k in ("name", "phone", "address") if data.get(k)}
    found.setdefault("phone", carer_phone)
    texts = {k: _open(home, child, token) for k, token in found.items() if token}
    return Person(**texts, shown=True)


def _open(home: Home, child: UUID, token: str) -> str:
    return home.keys.decrypt(f"child/{child}", token) or FORGOTTEN
