"""What is owed about one child, now: its events from `timeline`, folded with domain/. Some ms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.duty_settings import Setting
from domain.event import current, day
from domain.one_child import Owed as All
from domain.one_child import Told, owed_to
from domain.rules.register import ALL_SETTINGS, CHECKS
from domain.rules.shape import AnyCheck
from domain.standards import Set
from domain.subsidy import BenefitGranted
from domain.tightening import KNOWN
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

TIGHTENED = """
SELECT rule::String AS rule, key::String AS key, value, area AS place, valid_from,
    actor::String AS set_by
FROM tightened_settings_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
"""

STANDARDS = """
SELECT place::String, standard::String, from_month::String, amount_fen
FROM standards_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) ORDER BY said
"""

BY_KEY = {check.key: check for check in CHECKS}
ACTORS = {"director": "儿童主任", "supervisor": "儿童督导员", "parent": "父母"}


def told(client: Any, child_id: UUID, as_of: date, known_by: date | None = None) -> list[Told]:
    """A child's events that counted at the end of a day, as known at the end of another."""
    asked = {"child": child_id, "as_of": as_of, "known_by": known_by or as_of}
    return [_told(*row) for row in client.query(TIMELINE, asked).result_rows]


def _told(type_: str, occurred_at: Any, data: str, event_id: UUID, place: str) -> Told:
    name, read = current(type_, msgspec.json.decode(data))
    return Told(day(occurred_at), name, DEFAULTS[name] | read, event_id, place)


def settings(client: Any, as_of: date, known_by: date | None = None) -> list[Setting]:
    """The numbers of the rules: ours, and what places tightened."""
    asked = {"as_of": as_of, "known_by": known_by or as_of}
    rows = client.query(TIGHTENED, asked).named_results()
    return [*ALL_SETTINGS, *(_tightened(row) for row in rows if row["key"] in KNOWN)]


def _tightened(row: dict[str, Any]) -> Setting:
    by = row.pop("set_by") or row["place"]
    return Setting(**row, unit=KNOWN[row["key"]].unit, is_law=False, source=f"set by {by}")


def standards(client: Any, as_of: date, known_by: date | None = None) -> list[Set]:
    """The local standards of benefits, in the order in which they were set."""
    asked = {"as_of": as_of, "known_by": known_by or as_of}
    return [Set(*row) for row in client.query(STANDARDS, asked).result_rows]


def all_owed(client: Any, child_id: UUID, as_of: date, known_by: date | None = None) -> All | None:
    """Every duty, check and claim about a child; None where none such is registered."""
    facts = told(client, child_id, as_of, known_by)
    numbers = settings(client, as_of, known_by)
    paid_for = any(each.type == BenefitGranted.TYPE for each in facts)
    sets = standards(client, as_of, known_by) if paid_for else []
    return owed_to(child_id, facts, as_of, numbers, sets)


def owed_about(
    client: Any, child_id: UUID, as_of: date, known_by: date | None = None
) -> list[Owed]:
    """The same as `shouhe duties` says of everyone: met, late, open or overdue; most overdue first.

    A child that isn't registered is owed nothing.
    """
    found = all_owed(client, child_id, as_of, known_by)
    if found is None:
        return []
    rows = [
        *_duties(child_id, found),
        *_cases(child_id, found),
        *_claims(child_id, found),
        *_steps(child_id, found),
        *_money(child_id, found, as_of),
    ]
    return sorted(rows, key=lambda e: (-e.overdue_days, e.rule, e.check, e.place, e.subject_id))


def _duties(child_id: UUID, found: All) -> Iterator[Owed]:
    for each in found.duties:
        undone = "open" if each.last_done is None else "met"
        yield Owed(
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
            state="overdue" if each.overdue_days > 0 else undone,
            overdue_days=max(each.overdue_days, 0),
            child=str(child_id),
        )


def _cases(child_id: UUID, found: All) -> Iterator[Owed]:
    for check, said, place, event_id in found.cases:
        days = Days(said.since, said.due_on, said.done_on, said.state, said.overdue_days)
        yield _owed(child_id, check, place, days, case=str(event_id or ""))


def _claims(child_id: UUID, found: All) -> Iterator[Owed]:
    """Benefits that the child has a claim to, covered or not."""
    for each in found.claims.claims:
        if each.due_on is None or each.state is None:
            continue  # no claim
        days = Days(each.since, each.due_on, each.done_on, each.state, each.overdue_days)
        check = BY_KEY[f"{each.rule}/covered"]
        yield _owed(child_id, check, found.facts.village_code, days, what=each.benefit)


def _steps(child_id: UUID, found: All) -> Iterator[Owed]:
    """The steps of its applications."""
    for key, steps in found.claims.steps.items():
        for each in steps:
            days = Days(each.since, each.due_on, each.done_on, each.state, each.overdue_days)
            yield _owed(child_id, BY_KEY[each.check], found.facts.village_code, days, case=key)


def _money(child_id: UUID, found: All, on: date) -> Iterator[Owed]:
    """What is wrong with its benefits: each is overdue once, since what was found first."""
    for (rule, key), (first, *_) in found.claims.money.items():
        days = Days(first.day, first.day, None, "overdue", (on - first.day).days)
        what, check = f"{first.kind} {first.benefit} {first.period}", BY_KEY[f"{rule}/paid"]
        yield _owed(child_id, check, found.facts.village_code, days, case=key, what=what)


class Days(NamedTuple):
    """How far something is."""

    since: date | None
    due_on: date
    done_on: date | None
    state: str
    overdue_days: int


def _owed(
    child_id: UUID, check: AnyCheck, place: str, days: Days, *, case: str = "", what: str = ""
) -> Owed:
    """What a check says of the child itself, or of a case of it."""
    return Owed(
        rule=check.rule,
        check=check.key,
        subject="case" if case else "child",
        subject_id=case or str(child_id),
        place=place,
        actor=check.actor,
        what=what or check.what,
        since=days.since,
        due_on=days.due_on,
        done_on=days.done_on,
        state=days.state,
        overdue_days=max(days.overdue_days, 0),
        child=str(child_id),
    )
