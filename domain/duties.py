"""What is due for a child, when, and by whom: T5.1, T5.5, T8.4 to T8.7 as pure policies.

The same definitions stand in projections (`duties`). `base` is the last time it was done, or the
day of registration if never; n is the setting's value on the day asked about.

    duty                     due_on
    supervisor_contact       last day of the n-month calendar period after that of base (T8.4: year)
    director_contact         same, n = 1 (T8.5: the calendar month after that of the last contact)
    director_visit           addMonths(base, n), the day clamped to the month's end (T8.6: n = 3),
                             or earlier: base + days of the tier, of a T8.7 factor, of the child's
                             own plan, whichever is least
    care_agreement           the day on which no parent was left at home, + n days; once an
                             agreement is active and filed: its end, or FAR if it has none (T5.1)
    parent_contact_child     Sunday of the n-th week after the week of base (T5.5); base is the
    parent_contact_delegate  last contact since the parents left, or the day they left

The calendar period of a day d with n months: i = year·12 + month − 1; its successor ends with month
(i // n + 2)·n − 1. A director's visit is a contact too; so is a supervisor's.
interval_days = due_on − base. overdue_days = day asked about − due_on (> 0: overdue).

Visits that were tried and failed since base (`failed_visits`, counted by day) put the next try off:

    again_on    the last attempt + again_days_REASON, never past first_due_on + again_cap_days;
                none after more than again_times attempts in a row: then it is the supervisor's
    due_on      of a T8.7 visit the later of first_due_on and again_on, never past T8.6's day. T8.6
                is the law's: its day stays, and so does what is overdue; again_on orders the work

Only children on the ledger have duties. `care_agreement` applies while no parent is at home and at
least one went away (the other away as well, or unable: UNABLE_PARENT); `parent_contact_child` while
a parent is away; `parent_contact_delegate` while, besides, an agreement is active.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from domain.child_file import RiskFactor
from domain.duty_settings import SETTINGS, Setting, values_on
from domain.guardianship import ParentStatus
from domain.terms import Tier
from domain.visiting import NotVisited

DutyName = Literal[
    "director_visit",
    "director_contact",
    "supervisor_contact",
    "care_agreement",
    "parent_contact_child",
    "parent_contact_delegate",
]

QUARTER, YEAR = 3, 12

FAR = date(2299, 12, 31)
"""No end in sight."""

RAISING_FACTORS = frozenset(
    {
        RiskFactor.BOTH_PARENTS_AWAY,
        RiskFactor.PARENT_DISABILITY,
        RiskFactor.CHILD_DISABILITY,
        RiskFactor.PSYCHOLOGICAL,
    }
)
"""T8.7 (L48): these raise the frequency. The other factors call for attention (T8.8)."""

UNABLE_PARENT = frozenset(ParentStatus) - {ParentStatus.NORMAL, ParentStatus.DIVORCED}
"""A parent of this status is not at home to care, or not able to (domain.md §2)."""


TELL_SUPERVISOR = frozenset({NotVisited.MOVED, NotVisited.REFUSED, NotVisited.UNSAFE})
"""Going again is not enough: the supervisor hears of it."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The care agreement in force: neither ended nor past its end date."""

    signed_on: date
    filed_on: date | None = None
    end: date | None = None


class ChildFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the policies need of a child, as known on the day asked about. Shanghai days.

    away_since         the earliest departure among the parents now away
    unparented_since   the latest of those departures, where no parent is at home and able
    *_contact_on       the last contact or visit by that role
    failed_visits      the director's failed attempts, day and reason, in the order of time
    """

    child_id: UUID
    village_code: str
    registered_on: date
    on_ledger: bool = True
    tier: Tier | None = None
    factors: frozenset[RiskFactor] = frozenset()
    plan_days: int | None = None
    director_visit_on: date | None = None
    director_contact_on: date | None = None
    supervisor_contact_on: date | None = None
    failed_visits: tuple[tuple[date, NotVisited], ...] = ()
    away_since: date | None = None
    unparented_since: date | None = None
    agreement: Agreement | None = None
    parent_contact_child_on: date | None = None
    parent_contact_delegate_on: date | None = None


class DutyStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One duty of one child on one day, with the reason in Chinese. `actor` is who owes it.

    first_due_on   due_on before failed attempts put it off; None where they did not
    attempts       days since base on which a visit was tried and failed
    again_on       by when to try again; None where nothing is put off
    """

    duty: DutyName
    rule: str
    actor: Literal["director", "supervisor", "parent"]
    interval_days: int
    last_done: date | None
    due_on: date
    overdue_days: int
    reason: str
    first_due_on: date | None = None
    attempts: int = 0
    again_on: date | None = None


def add_months(start: date, months: int) -> date:
    """The same day so many months later, or that month's last day (ClickHouse addMonths)."""
    index = start.year * 12 + start.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return min(first + timedelta(days=start.day - 1), month_end(index))


def month_end(index: int) -> date:
    """The last day of a month, by its index year·12 + month − 1."""
    return date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)


def next_period_end(start: date, months: int) -> date:
    """The last day of the calendar period of so many months after the one that holds `start`."""
    index = start.year * 12 + start.month - 1
    return month_end((index // months + 2) * months - 1)


def next_weeks_end(start: date, weeks: int) -> date:
    """The Sunday of the n-th week (Monday to Sunday) after the one that holds `start`."""
    return start + timedelta(days=6 - start.weekday() + 7 * weeks)


class _Owed(msgspec.Struct, frozen=True):
    """A duty by name: its rule, who owes it, what is to be done and how often, in Chinese."""

    duty: DutyName
    rule: str
    actor: Literal["director", "supervisor", "parent"]
    what: str
    how_often: str


def _status(owed: _Owed, base: date, last_done: date | None, due_on: date, on: date) -> DutyStatus:
    overdue = (on - due_on).days
    when = f"已逾期{overdue}天未" if overdue > 0 else f"应于{due_on:%Y-%m-%d}前"
    if due_on == FAR:
        when = "未约定期限,暂无需"
    return DutyStatus(
        duty=owed.duty,
        rule=owed.rule,
        actor=owed.actor,
        interval_days=(due_on - base).days,
        last_done=last_done,
        due_on=due_on,
        overdue_days=overdue,
        reason=f"{when}{owed.what}({owed.how_often})",
    )


def _visit_days(facts: ChildFacts, values: Mapping[str, int]) -> int | None:
    """The tightest of tier, factor and own plan (T8.7); None where T8.6 alone holds."""
    days = [] if facts.plan_days is None else [facts.plan_days]
    if facts.tier is not None:
        days.append(values[f"visit_days_{facts.tier.value}"])
    if not RAISING_FACTORS.isdisjoint(facts.factors):
        days.append(values["visit_days_factor"])
    return min(days, default=None)


def director_visit(facts: ChildFacts, on: date, values: Mapping[str, int]) -> DutyStatus:
    """T8.6, tightened by T8.7, with what failed attempts put off."""
    base = facts.director_visit_on or facts.registered_on
    months = values["visit_months"]
    words = "应每三个月一次" if months == QUARTER else f"应每{months}个月一次"
    law = first = add_months(base, months)
    rule, days = "T8.6", _visit_days(facts, values)
    if days is not None and base + timedelta(days=days) < law:
        first, rule, words = base + timedelta(days=days), "T8.7", f"应每{days}天一次"
    failed = [each for each in facts.failed_visits if each[0] > base]
    again = _again(failed, first, values)
    due = first if again is None else min(max(first, again), law)
    owed = _Owed("director_visit", rule, "director", "入户走访", words)
    status = _status(owed, base, facts.director_visit_on, due, on)
    return msgspec.structs.replace(
        status,
        reason=status.reason + _tried(failed, again),
        first_due_on=first if due != first else None,
        attempts=len({day for day, _ in failed}),
        again_on=again,
    )


Failed = Sequence[tuple[date, NotVisited]]


def _again(failed: Failed, due: date, values: Mapping[str, int]) -> date | None:
    """By when to try again; None where nothing failed, or too often, or the cap is past."""
    if not failed or len({day for day, _ in failed}) > values["again_times"]:
        return None
    last, reason = failed[-1]
    cap = due + timedelta(days=values["again_cap_days"])
    again = min(last + timedelta(days=values[f"again_days_{reason.value}"]), cap)
    return again if again > last else None


def _tried(failed: Failed, again: date | None) -> str:
    """What was tried, for a reason sentence; empty where nothing was."""
    if not failed:
        return ""
    last, reason = failed[-1]
    if again is None:
        days = len({day for day, _ in failed})
        return f";已{days}次未访成(最近{last:%Y-%m-%d}因{reason.label}),不再改期,由督导员处理"
    told = ",并告知督导员" if reason in TELL_SUPERVISOR else ""
    return f";{last:%Y-%m-%d}因{reason.label}未访成,改于{again:%Y-%m-%d}前再访{told}"


def _latest(*days: date | None) -> date | None:
    return max((each for each in days if each is not None), default=None)


def director_contact(facts: ChildFacts, on: date, values: Mapping[str, int]) -> DutyStatus:
    """T8.5: each calendar month. A visit is a contact."""
    last = _latest(facts.director_contact_on, facts.director_visit_on)
    base = last or facts.registered_on
    due = next_period_end(base, values["director_contact_months"])
    owed = _Owed("director_contact", "T8.5", "director", "联系", "应每月一次")
    return _status(owed, base, last, due, on)


def supervisor_contact(facts: ChildFacts, on: date, values: Mapping[str, int]) -> DutyStatus:
    """T8.4: each calendar year."""
    last, months = facts.supervisor_contact_on, values["supervisor_contact_months"]
    base = last or facts.registered_on
    due = next_period_end(base, months)
    words = "应每年一次" if months == YEAR else f"应每{months}个月一次"
    owed = _Owed("supervisor_contact", "T8.4", "supervisor", "由督导员联系", words)
    return _status(owed, base, last, due, on)


def care_agreement(facts: ChildFacts, on: date, values: Mapping[str, int]) -> DutyStatus | None:
    """T5.1: a written agreement, filed, before the last parent leaves."""
    since, held = facts.unparented_since, facts.agreement
    if since is None:
        return None
    filed = held.filed_on if held is not None else None
    if held is not None and filed is not None:
        due, what = held.end or FAR, "续签委托照护协议"
    else:
        due, what = since + timedelta(days=values["agreement_days"]), "签订并报备委托照护协议"
    late = held is not None and held.signed_on > since
    words = "外出后才签订" if late else "外出务工前应签订"
    return _status(_Owed("care_agreement", "T5.1", "parent", what, words), since, filed, due, on)


def parent_contacts(facts: ChildFacts, on: date, values: Mapping[str, int]) -> list[DutyStatus]:
    """T5.5: each week, with the child, and with the delegate where there is one."""
    since = facts.away_since
    if since is None:
        return []
    legs: list[tuple[DutyName, date | None, str]] = [
        ("parent_contact_child", facts.parent_contact_child_on, "由父母与孩子联系")
    ]
    if facts.agreement is not None:
        last = facts.parent_contact_delegate_on
        legs.append(("parent_contact_delegate", last, "由父母与被委托人联系"))
    found = []
    for duty, last_contact, what in legs:
        last = last_contact if last_contact is not None and last_contact >= since else None
        base = last or since
        due = next_weeks_end(base, values["parent_contact_weeks"])
        owed = _Owed(duty, "T5.5", "parent", what, "应每周一次")
        found.append(_status(owed, base, last, due, on))
    return found


def duties_of(
    facts: ChildFacts, on: date, settings: Sequence[Setting] = SETTINGS
) -> list[DutyStatus]:
    """Every duty that holds for a child on a day; none for a child off the ledger."""
    if not facts.on_ledger:
        return []
    values = values_on(settings, facts.village_code, on)
    agreement = care_agreement(facts, on, values)
    return [
        director_visit(facts, on, values),
        director_contact(facts, on, values),
        supervisor_contact(facts, on, values),
        *([] if agreement is None else [agreement]),
        *parent_contacts(facts, on, values),
    ]
