"""What is owed about one child, now: its events from `timeline`, folded with domain/. Some ms."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.duty_settings import Setting
from domain.event import current, day
from domain.one_child import Case, Told, owed_to
from domain.one_child import Owed as All
from infra.oversight import Owed
from projections.fold import DEFAULTS

TIMELINE = """
SELECT type, occurred_at, data, event_id, place FROM timeline
WHERE child_id = {child:UUID} AND type != 'record.retracted.v1'
    AND occurred_at < toDateTime64(toString({as_of:Date} + 1), 6, 'Asia/Shanghai')
    AND recorded_at < toDateTime64(toString({known_by:Date} + 1), 6, 'Asia/Shanghai')
    AND replaced_at >= toDateTime64(toString({known_by:Date} + 1), 6, 'Asia/Shanghai')
ORDER BY occurred_at, position
"""

SETTINGS = """
SELECT rule, key, value, unit, place, valid_from, is_law,
    if(set_by = '', 'duty_settings', concat('set by ', set_by)) AS source
FROM settings_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
"""

ACTORS = {"director": "儿童主任", "supervisor": "儿童督导员", "parent": "父母"}


def told(client: Any, child_id: UUID, as_of: date, known_by: date | None = None) -> list[Told]:
    """A child's events that counted at the end of a day, as known at the end of another."""
    asked = {"child": child_id, "as_of": as_of, "known_by": known_by or as_of}
    return [_told(*row) for row in client.query(TIMELINE, asked).result_rows]


def _told(type_: str, occurred_at: Any, data: str, event_id: UUID, place: str) -> Told:
    name, read = current(type_, msgspec.json.decode(data))
    return Told(day(occurred_at), name, DEFAULTS[name] | read, event_id, place)


def settings(client: Any, as_of: date, known_by: date | None = None) -> list[Setting]:
    """The numbers of the rules, as the read models have them: ours, and what places tightened."""
    asked = {"as_of": as_of, "known_by": known_by or as_of}
    names = ("rule", "key", "value", "unit", "place", "valid_from", "is_law", "source")
    rows = client.query(SETTINGS, asked).result_rows
    return [Setting(**dict(zip(names, row, strict=True))) for row in rows]


def all_owed(client: Any, child_id: UUID, as_of: date, known_by: date | None = None) -> All | None:
    """Every duty and check about a child; None where none such is registered."""
    facts = told(client, child_id, as_of, known_by)
    return owed_to(child_id, facts, as_of, settings(client, as_of, known_by))


def owed_about(
    client: Any, child_id: UUID, as_of: date, known_by: date | None = None
) -> list[Owed]:
    """The same as `shouhe duties` says of everyone: met, late, open or overdue; most overdue first.

    A child that isn't registered is owed nothing.
    """
    found = all_owed(client, child_id, as_of, known_by)
    if found is None:
        return []
    rows = [*_duties(child_id, found), *(_case(child_id, each) for each in found.cases)]
    return sorted(rows, key=lambda e: (-e.overdue_days, e.rule, e.check, e.place, e.subject_id))


def _duties(child_id: UUID, found: All) -> list[Owed]:
    return [
        Owed(
            rule=each.rule,
            check=each.rule,
            subject="child",
            subject_id=str(child_id),
            place=found.facts.village_code,
            actor=ACTORS[each.actor],
            what=each.reason,
            since=each.last_done,
            due_on=each.due_on,
            done_on=each.last_done,
            state="overdue"
            if each.overdue_days > 0
            else "open"
            if each.last_done is None
            else "met",
            overdue_days=max(each.overdue_days, 0),
        )
        for each in found.duties
    ]


def _case(child_id: UUID, case: Case) -> Owed:
    check, found = case.check, case.obligation
    return Owed(
        rule=check.rule,
        check=check.key,
        subject="case" if case.event_id else "child",
        subject_id=str(case.event_id or child_id),
        place=case.place,
        actor=check.actor,
        what=check.what,
        since=found.since,
        due_on=found.due_on,
        done_on=found.done_on,
        state=found.state,
        overdue_days=max(found.overdue_days, 0),
    )
