"""Who owes what, and how far the 18 tasks are: read from `duties`, `obligations`, `indicators`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from domain.entitlement import FOUND
from domain.errors import WrongUsageError
from domain.rules.register import BY_ID
from domain.subsidy import Benefit
from infra.home import Home
from infra.places import check_code, check_known
from projections.around import around
from projections.differences import Difference, differences

DUTIES = """
SELECT rule, check, subject, subject_id, place, actor, what, since, due_on, done_on, state, overdue_days, child
FROM (
    SELECT rule::String AS rule, rule AS check, 'child' AS subject, toString(child_id) AS subject_id,
        village_code::String AS place,
        transform(actor, ['director', 'supervisor', 'parent'], ['儿童主任', '儿童督导员', '父母'], actor) AS actor,
        reason AS what, last_done AS since, due_on, last_done AS done_on,
        multiIf(overdue_days > 0, 'overdue', last_done IS NULL, 'open', 'met') AS state,
        greatest(overdue_days, 0) AS overdue_days, toString(child_id) AS child
    FROM duties_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) WHERE startsWith(village_code::String, {place:String})
    UNION ALL
    SELECT rule::String, check::String, subject::String, subject_id, place, actor, what, since, due_on, done_on, state,
        greatest(overdue_days, 0), if(child_id = toUUID('00000000-0000-0000-0000-000000000000'), '', toString(child_id))
    FROM obligations_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) WHERE startsWith(place, {place:String})
    UNION ALL
    SELECT e.rule, concat(e.rule, '/covered'), 'child', toString(e.child_id), e.village_code, c.actor, e.benefit, e.since,
        e.due_on, e.done_on, e.state, greatest(e.overdue_days, 0), toString(e.child_id)
    FROM entitlements_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) AS e
    INNER JOIN rule_checks AS c ON c.check = concat(e.rule, '/covered')
    WHERE e.answer = 'yes' AND startsWith(e.village_code, {place:String})
    UNION ALL
    SELECT a.rule, a.check, 'case', a.application_id, a.place, c.actor, c.what, a.since, a.due_on, a.done_on, a.state,
        greatest(a.overdue_days, 0), toString(a.child_id)
    FROM application_steps_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) AS a
    INNER JOIN rule_checks AS c ON c.check = a.check
    WHERE startsWith(a.place, {place:String})
    UNION ALL
    -- a benefit is overdue once, since what was found first: so the indicators count it
    SELECT f.rule, concat(f.rule, '/paid'), 'case', benefit_id, f.place, any(c.actor),
        argMin(concat(f.kind, ' ', f.benefit, ' ', f.period), (f.day, f.kind, f.period)), min(f.day), min(f.day), NULL,
        'overdue', toInt32(greatest(dateDiff('day', min(f.day), {as_of:Date}), 0)), toString(f.child_id)
    FROM payment_findings_as_known(as_of = {as_of:Date}, known_by = {known_by:Date}) AS f
    ARRAY JOIN f.benefit_ids AS benefit_id
    INNER JOIN rule_checks AS c ON c.check = concat(f.rule, '/paid')
    WHERE startsWith(f.place, {place:String})
    GROUP BY f.rule, benefit_id, f.place, f.child_id
)
WHERE ({all:UInt8} OR state IN ('open', 'overdue')) AND ({rule:String} = '' OR rule = {rule:String})
ORDER BY overdue_days DESC, rule, check, place, subject_id
"""  # noqa: E501 - a column a line

INDICATORS = """
SELECT rule::String AS rule, check::String AS check, place, subjects, met, late, open, overdue
FROM indicators_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
WHERE (place = {place:String}
        OR startsWith(place, {place:String}) AND length(place) = {digits:UInt8})
    AND ({rule:String} = '' OR rule = {rule:String})
"""

WORDS = {each.value: each.label for each in Benefit} | FOUND

BELOW = {2: 4, 4: 6, 6: 9, 9: 12}
"""Digits of a place → of the places in it."""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that someone owes; the JSON keys of `shouhe duties`.

    child   whom it is about, by pseudonym; empty where it is about no child
    """

    rule: str
    check: str
    subject: str
    subject_id: str
    place: str
    actor: str
    what: str
    since: date | None
    due_on: date
    done_on: date | None
    state: str
    overdue_days: int
    child: str


def in_words(what: str) -> str:
    """What is owed, for people: benefits and findings by their names, the rest as it is."""
    return " ".join(WORDS.get(each, each) for each in what.split(" "))


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One check at one place; the JSON keys of `shouhe indicators`.

    rate    of those the check is about, how many are not overdue; None where there are none
    """

    rule: str
    check: str
    kind: str
    label: str
    place: str
    subjects: int
    met: int
    late: int
    open: int
    overdue: int
    rate: float | None


def asked_of(home: Home, place: str, rule: str = "") -> None:
    """Bring the read models to the head of the log, for a question of a place and a rule.

    Raises WrongUsageError for a place or rule that is none.
    """
    check_code(place)
    if rule and rule not in BY_ID:
        raise WrongUsageError(f"--rule: {rule!r} is no rule of the plan; use T1.1 … T18.2, M1 … G6")
    home.catch_up()
    check_known(home.warehouse, place)


def owed(
    home: Home,
    as_of: date,
    place: str = "",
    *,
    rule: str = "",
    all_: bool = False,
    known_by: date | None = None,
) -> list[Owed]:
    """What is due or overdue at a place on a day, most overdue first.

    all_       what is met, too
    known_by   as known at the end of this day; if None, as known on the day asked about
    """
    asked_of(home, place, rule)
    days = {"as_of": as_of, "known_by": known_by or as_of}
    given = {**days, "place": place, "rule": rule, "all": int(all_)}
    only = around(home.warehouse, [place], happened=True)
    rows = home.warehouse.query(DUTIES, given, settings=only).result_rows
    return [Owed(**dict(zip(Owed.__struct_fields__, row, strict=True))) for row in rows]


def indicators(
    home: Home, as_of: date, place: str = "52", *, rule: str = "", known_by: date | None = None
) -> list[Indicator]:
    """Every check at a place and at the places in it, in the plan's order; as known on a day."""
    asked_of(home, place, rule)
    days = {"as_of": as_of, "known_by": known_by or as_of}
    given = {**days, "place": place, "digits": BELOW.get(len(place), 0), "rule": rule}
    only = around(home.warehouse, [place], happened=True)
    rows = home.warehouse.query(INDICATORS, given, settings=only).result_rows
    return in_plan_order(counted(row) for row in rows)


def explained(
    home: Home, as_of: date, known_by: date | None, place: str = "52", *, rule: str = ""
) -> list[Difference]:
    """Why a day's numbers, as known on a later day, are not those known then: event by event.

    Raises WrongUsageError without a later day.
    """
    if known_by is None or known_by <= as_of:
        raise WrongUsageError(
            f"--explain: compares what was known on {as_of} with a later day; give it by --known-by"
        )
    asked_of(home, place, rule)
    return differences(home.warehouse, as_of, as_of, known_by, place=place, rule=rule)


def in_plan_order(found: Iterable[Indicator]) -> list[Indicator]:
    """Place by place, each in the order of the plan's rules."""
    order = {id_: number for number, id_ in enumerate(BY_ID)}
    return sorted(found, key=lambda each: (each.place, order[each.rule], each.check))


def counted(row: Sequence[Any]) -> Indicator:
    """A row of `indicators`: rule, check, place, subjects, met, late, open, overdue."""
    rule, check, place, subjects, met, late, open_, overdue = row
    return Indicator(
        rule=rule,
        check=check,
        kind=BY_ID[rule].kind,
        label=BY_ID[rule].label,
        place=place,
        subjects=subjects,
        met=met,
        late=late,
        open=open_,
        overdue=overdue,
        rate=round(1 - overdue / subjects, 4) if subjects else None,
    )
