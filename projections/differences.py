"""Why the numbers of a past day are other numbers by now: event by event.

What changed between two days of knowledge is found by ClickHouse (`judged_as_known` on either day);
which events did it is said here, by the register: what was recorded in between, about the same
subject, of a type that the check looks at. Were none of them recorded, the old numbers would stand:
they suffice. That each of them was needed is not said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from domain.event import NO_CHILD
from domain.rules.happening import REFERENCES, REGISTERING, SUBJECTS, matches
from domain.rules.register import CHECKS
from domain.rules.shape import Chain, Counted, Each, Own
from projections.around import around
from projections.definition import RETRACTION

DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}

FILE = frozenset({
    "child.registered.v1", "child.moved.v1", "child.left_ledger.v1", "child.returned_to_ledger.v1",
})  # fmt: skip
"""Of a child's file: whether it is on the ledger, since when and where."""
SCOPES = {
    "in_school": frozenset({"school.enrolled.v1", "school.left.v1"}),
    "key_attention": frozenset({"risk.factor_recorded.v1"}),
}
OFFICE = frozenset({"worker.appointed.v1", "worker.ended.v1"})

STATES = ("met", "late", "open", "overdue")

CHANGED = """
SELECT check, rule, subject, subject_id, part, any(child_id), groupArrayIf((place, state), late = 0) AS before,
    groupArrayIf((place, state), late = 1) AS after
FROM (
    SELECT 0 AS late, check, rule, subject, subject_id, part, child_id, place, state
    FROM judged_as_known(as_of = {as_of:Date}, known_by = {earlier:Date})
    UNION ALL
    SELECT 1, check, rule, subject, subject_id, part, child_id, place, state
    FROM judged_as_known(as_of = {as_of:Date}, known_by = {later:Date})
)
WHERE startsWith(place, {place:String}) AND ({rule:String} = '' OR rule = {rule:String})
GROUP BY check, rule, subject, subject_id, part
HAVING before != after
ORDER BY check, subject_id, part
"""  # noqa: E501 - a column a line

RECORDED = """
WITH
    toDateTime64(toString({as_of:Date} + 1), 6, 'Asia/Shanghai') AS day_end,
    toDateTime64(toString({earlier:Date} + 1), 6, 'Asia/Shanghai') AS known,
    toDateTime64(toString({later:Date} + 1), 6, 'Asia/Shanghai') AS known_by,
    toUUID('00000000-0000-0000-0000-000000000000') AS nil,
    late AS (
        SELECT event_id, type::String AS type, child_id, occurred_at, recorded_at, corrects, place::String AS place, data
        FROM events
        WHERE recorded_at >= known AND recorded_at < known_by AND (occurred_at < day_end OR corrects != nil)
    )
SELECT l.event_id, l.type, l.child_id, l.occurred_at, l.recorded_at, l.corrects, l.place, l.data, o.type, o.place, o.data
FROM late AS l
LEFT JOIN (
    SELECT event_id, type::String AS type, place::String AS place, data FROM events
    WHERE event_id IN (SELECT corrects FROM late)
) AS o ON o.event_id = l.corrects
ORDER BY l.recorded_at, l.event_id
"""  # noqa: E501 - a column a line


REFERENCE = """
SELECT toString(event_id), any(reference) FROM evidence_history
WHERE event_id IN {cases:Array(UUID)} GROUP BY event_id
"""
"""What a case is about, in the sender's numbering."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was recorded in between. `corrects`: the event it replaces or takes back."""

    event_id: UUID
    type: str
    occurred_at: datetime
    recorded_at: datetime
    why: Literal["late", "corrects", "retracts"]
    corrects: UUID | None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A subject (or case) of a check that counts otherwise now. Empty: it didn't count.

    part   which duty, where a check has several about one child
    """

    subject: str
    subject_id: str
    part: str
    place: str
    before: str
    after: str
    events: list[Cause]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A check at a place: its numbers then and now (in the order of STATES), and all that changed.

    The JSON keys of `shouhe indicators --explain`.
    """

    rule: str
    check: str
    place: str
    before: dict[str, int]
    after: dict[str, int]
    changed: list[Changed]


class Said(msgspec.Struct, frozen=True):
    """What an event (or the one it replaces) is about."""

    type: str
    child_id: UUID
    place: str
    data: dict[str, Any]

    @property
    def reference(self) -> str:
        """As in domain.rules.happening."""
        return next((str(self.data[name]) for name in REFERENCES if name in self.data), "")


class Recorded(msgspec.Struct, frozen=True):
    """A cause and what it is about: itself, and what it replaces."""

    cause: Cause
    said: tuple[Said, ...]


def differences(
    client: Any, as_of: date, earlier: date, later: date, *, place: str = "", rule: str = ""
) -> list[Difference]:
    """Every check whose numbers of a day, at a place, are others as known later, and why."""
    days = {"as_of": as_of, "earlier": earlier, "later": later}
    only = around(client, [place], happened=True)
    given = {**days, "place": place, "rule": rule}
    rows = client.query(CHANGED, given, settings=only).result_rows
    if not rows:
        return []
    recorded = _index(_recorded(row) for row in client.query(RECORDED, days).result_rows)
    cases = [row[3] for row in rows if row[2] == "case" and LOOKED_AT.get(row[0])]
    about = dict(client.query(REFERENCE, {"cases": cases}).result_rows) if cases else {}
    found: dict[str, Difference] = {}
    for check, rule_, subject, subject_id, part, child_id, before, after in rows:
        known = found.setdefault(check, Difference(
            rule=rule_, check=check, place=place, before=dict.fromkeys(STATES, 0),
            after=dict.fromkeys(STATES, 0), changed=[],
        ))  # fmt: skip
        for numbers, side in ((known.before, before), (known.after, after)):
            for _, state in side:
                numbers[state] += 1
        item = _Item(check, subject, subject_id, child_id, about.get(subject_id, ""))
        known.changed.append(Changed(
            subject=subject, subject_id=subject_id, part=part, place=[*before, *after][-1][0],
            before=before[0][1] if before else "", after=after[0][1] if after else "",
            events=[each.cause for each in recorded.near(item) if _concerns(each, item)],
        ))  # fmt: skip
    return list(found.values())


class _Item(msgspec.Struct, frozen=True):
    check: str
    subject: str
    subject_id: str
    child_id: UUID
    reference: str


class _Index:
    """What was recorded, by child; a child's items look no further."""

    def __init__(self) -> None:
        self._all: list[Recorded] = []
        self._children: dict[UUID, list[Recorded]] = {}

    def add(self, each: Recorded) -> None:
        self._all.append(each)
        self._children.setdefault(each.said[0].child_id, []).append(each)

    def near(self, item: _Item) -> list[Recorded]:
        if item.child_id != NO_CHILD:
            return self._children.get(item.child_id, [])
        return self._all


def _index(every: Iterator[Recorded]) -> _Index:
    made = _Index()
    for each in every:
        made.add(each)
    return made


def _recorded(row: Any) -> Recorded:
    own, type_, child, occurred, recorded, corrects, place, data, old, old_place, old_data = row
    said = [Said(type_, child, place, json.loads(data))]
    if old:
        said.append(Said(old, child, old_place, json.loads(old_data)))
    cause = Cause(
        event_id=own, type=type_, occurred_at=occurred, recorded_at=recorded,
        why="late" if corrects == NO_CHILD else "retracts" if type_ == RETRACTION else "corrects",
        corrects=None if corrects == NO_CHILD else corrects,
    )  # fmt: skip
    return Recorded(cause, tuple(said))


# --- which events concern an item -----------------------------------------------------------------

LOOKED_AT: Mapping[str, frozenset[str]] = {
    check.key: frozenset(name for _, match in matches(check) for name in match.types)
    for check in CHECKS
}
_BY_KEY = {check.key: check for check in CHECKS}


def _concerns(recorded: Recorded, item: _Item) -> bool:
    check = _BY_KEY.get(item.check)
    if isinstance(check, Each | Counted):
        cause = recorded.cause
        return item.subject_id in (str(cause.event_id), str(cause.corrects))
    return any(_about(said, item) for said in recorded.said)


def _about(said: Said, item: _Item) -> bool:
    check, looked_at = _BY_KEY.get(item.check), LOOKED_AT.get(item.check, frozenset())
    if check is None or isinstance(check, Own):
        return said.child_id == item.child_id  # by a policy of its own: all of the child's
    if isinstance(check, Chain):
        same = check.by == "child" or said.reference == item.reference
        of_file = said.type in FILE and item.child_id != NO_CHILD
        return of_file or (said.type in looked_at and same)
    if item.subject == "child":
        return said.type in looked_at | FILE | SCOPES.get(getattr(check, "scope", ""), frozenset())
    if item.subject in DIGITS:
        return _at(said, item, looked_at)
    begins = {REGISTERING.get(item.subject, "")} | (OFFICE if item.subject == "director" else set())
    named = str(said.data.get(SUBJECTS[item.subject], "")) == item.subject_id
    return named and said.type in looked_at | begins


def _at(said: Said, item: _Item, looked_at: frozenset[str]) -> bool:
    if said.type in looked_at and said.place[: len(item.subject_id)] == item.subject_id:
        return True
    home = str(said.data.get("residence_division", item.subject_id))
    return said.type in FILE and home.startswith(item.subject_id)
