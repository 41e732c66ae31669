"""申请办理时限: the steps of an application, each due so many working days after the one before.

Intake ≤ 3, township ≤ 15, county ≤ 15, telling the family ≤ 3 working days: from a secondary source
(domain.md §4), so these are service levels of this platform, not law. SQL twin:
projections/application_steps.sql.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from domain.rules.judging import State
from domain.workdays import workday_after


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """The days on which the steps were taken, as far as they were."""

    applied_on: date
    accepted_on: date | None = None
    checked_on: date | None = None
    decided_on: date | None = None
    notified_on: date | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step: since when it is owed, by when, and when it was taken."""

    check: str
    since: date
    due_on: date
    done_on: date | None
    state: State
    overdue_days: int


def steps(one: Application, on: date, values: Mapping[str, int]) -> list[Step]:
    """Every step that is owed by then. A later step that was taken shows the earlier one, too."""
    owed = (
        ("T9.1/accepted", one.applied_on, one.accepted_on or one.checked_on or one.decided_on),
        ("T9.1/checked", one.accepted_on or one.applied_on, one.checked_on or one.decided_on),
        ("T9.1/decided", one.checked_on, one.decided_on),
        ("T9.1/notified", one.decided_on, one.notified_on),
    )
    return [_step(check, since, done, on, values[check]) for check, since, done in owed if since]


def _step(check: str, since: date, done: date | None, on: date, limit: int) -> Step:
    due = workday_after(since, limit)
    state: State
    state = "late" if done and done > due else "met"
    if done is None:
        state = "overdue" if on > due else "open"
    return Step(
        check=check, since=since, due_on=due, done_on=done, state=state,
        overdue_days=0 if done else (on - due).days,
    )  # fmt: skip
