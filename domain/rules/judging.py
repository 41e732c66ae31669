"""A check over the events of one subject, on a day: what is met, open, late, overdue.

One definition of overdue for lists, pages, indicators and reports: the day asked about is later
than `due_on`. Days are Shanghai days. The SQL twin is projections/obligations.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from domain.duties import add_months, month_end
from domain.rules.shape import (
    AnyCheck,
    Cadence,
    Chain,
    Counted,
    Deadline,
    Each,
    Match,
    Own,
    Standing,
)

State = Literal["met", "late", "open", "overdue"]
"""met: done in time. late: done, after its day. open: still in time. overdue: not done."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event, as a check needs it. Those of one subject come in the order of time.

    reference   the event's own reference (`dropout_id`, `site_id`, ...), empty where it has none
    """

    day: date
    type: str
    marks: frozenset[str] = frozenset()
    reference: str = ""


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """What one check says of one subject, or of one triggering event.

    since     the day it came about, or was last done
    """

    check: str
    since: date
    due_on: date
    done_on: date | None
    state: State
    overdue_days: int


def fits(event: Happened, match: Match) -> bool:
    """Whether an event is such a one."""
    return (
        event.type in match.types
        and event.marks.issuperset(match.marks)
        and event.marks.isdisjoint(match.without)
    )


def period_end(start: date, months: int, anchor: int) -> date:
    """The last day of the period after the one that holds `start`."""
    index = start.year * 12 + start.month - anchor
    return month_end((index // months + 2) * months - 1 + anchor - 1)


def period_start(on: date, months: int, anchor: int) -> date:
    """The first day of the period that holds a day."""
    index = on.year * 12 + on.month - anchor
    first = index // months * months + anchor - 1
    return date(first // 12, first % 12 + 1, 1)


def _open(check: AnyCheck, since: date, due: date, on: date) -> Obligation:
    late = (on - due).days
    state: State = "overdue" if late > 0 else "open"
    return Obligation(
        check=check.key, since=since, due_on=due, done_on=None, state=state, overdue_days=late
    )


def _done(check: AnyCheck, since: date, due: date, done: date) -> Obligation:
    late = (done - due).days
    state: State = "late" if late > 0 else "met"
    return Obligation(
        check=check.key, since=since, due_on=due, done_on=done, state=state, overdue_days=0
    )


def cadence(
    check: Cadence, facts: Iterable[Happened], since: date, on: date, months: int
) -> Obligation:
    """Due by the end of the period after the last time; done while that period is the next one."""
    last = max((each.day for each in facts if fits(each, check.match)), default=None)
    base = last or since
    due = period_end(base, months, check.anchor)
    if last is None or last < period_start(on, months, check.anchor):
        open_ = _open(check, base, due, on)
        return open_ if last is None else msgspec.structs.replace(open_, done_on=last)
    return Obligation(
        check=check.key, since=base, due_on=due, done_on=last, state="met", overdue_days=0
    )


def standing(
    check: Standing, facts: Sequence[Happened], since: date, on: date, days: int
) -> Obligation:
    """What holds is what the latest event says."""
    due = since + timedelta(days=days)
    said = [each for each in facts if each.type in check.match.types]
    if said and fits(said[-1], check.match):
        return Obligation(
            check=check.key,
            since=since,
            due_on=due,
            done_on=said[-1].day,
            state="met",
            overdue_days=0,
        )
    return _open(check, since, due, on)


def deadline(check: Deadline, facts: Iterable[Happened], since: date, on: date) -> Obligation:
    """By its date; for a subject that came about after it, by the day it did."""
    due = max(check.by, since)
    first = min((each.day for each in facts if fits(each, check.match)), default=None)
    return _open(check, since, due, on) if first is None else _done(check, since, due, first)


def chain(check: Chain, facts: Sequence[Happened], on: date, limit: int) -> list[Obligation]:
    """One for each triggering event: the first response on its day or later."""
    responses = [each for each in facts if fits(each, check.response)]
    found = []
    for trigger in facts:
        if not fits(trigger, check.trigger):
            continue
        due = _after(trigger.day, limit, check.unit)
        days = [
            each.day
            for each in responses
            if each.day >= trigger.day
            and (check.by == "child" or each.reference == trigger.reference)
        ]
        done = min(days, default=None)
        found.append(
            _open(check, trigger.day, due, on)
            if done is None
            else _done(check, trigger.day, due, done)
        )
    return found


def _after(start: date, limit: int, unit: str) -> date:
    return add_months(start, limit) if unit == "months" else start + timedelta(days=limit)


def each(check: Each, facts: Iterable[Happened], on: date) -> list[Obligation]:
    """An event either conforms or is a breach from its own day on."""
    return [
        Obligation(
            check=check.key,
            since=fact.day,
            due_on=fact.day,
            done_on=fact.day if conforms else None,
            state="met" if conforms else "overdue",
            overdue_days=0 if conforms else (on - fact.day).days,
        )
        for fact in facts
        if fits(fact, check.match)
        for conforms in [bool(check.must) and fact.marks.issuperset(check.must)]
    ]


def judge(
    check: AnyCheck,
    facts: Sequence[Happened],
    on: date,
    *,
    since: date,
    values: Mapping[str, int],
) -> list[Obligation]:
    """What a check says of a subject on a day.

    facts    the subject's events known and happened by that day, in the order of time
    since    the day the subject came about (registered, appointed)
    values   the settings that hold at its place that day, by the check's key
    """
    match check:
        case Cadence():
            return [cadence(check, facts, since, on, values[check.key])]
        case Standing():
            return [standing(check, facts, since, on, values[check.key])]
        case Deadline():
            return [deadline(check, facts, since, on)]
        case Chain():
            return chain(check, facts, on, values[check.key])
        case Each():
            return each(check, facts, on)
        case Counted() | Own():
            return []
