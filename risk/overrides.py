"""What came of the children whom a director put on a list or took off it, judged once it is known.

An override is judged as a place on a list is: as of the Sunday before its week, by whether the
question's outcome came to light within the horizon. Who was not looked at has no answer. Beside
them stands what the list itself gave a place for their risk in the same weeks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Any

import msgspec

from risk.counting import wilson
from risk.labels import answers
from risk.questions import SERIOUS_PROBLEM, Question, end_of

EVERY_REASON = ""
OVERRIDES = """
SELECT week, toString(child_id), argMax(action, occurred_at), argMax(reason, occurred_at)
FROM list_overrides_history
WHERE recorded_at < {end:DateTime64(6, 'UTC')} AND replaced_at >= {end:DateTime64(6, 'UTC')}
GROUP BY week, child_id
"""
LISTED = """
SELECT DISTINCT week, toString(child_id) FROM visit_list_history
WHERE (listed_for = 'risk' OR raised_for = 'risk') AND week IN {weeks:Array(String)}
    AND recorded_at < {end:DateTime64(6, 'UTC')} AND replaced_at >= {end:DateTime64(6, 'UTC')}
"""

Places = Mapping[date, set[str]]
"""As-of date (a Sunday) → children."""


class Overridden(msgspec.Struct, frozen=True, kw_only=True):
    """Of one kind of override, how many had the question's outcome found.

    action     `added`, `dropped`; `listed`: whom the list gave a visit for risk, in the same weeks
    reason     why the director did so; empty: every reason
    children   child-weeks whose answer is due; looked_at: of those, with an answer
    share      found ÷ looked_at, (low, high) its 95 % interval; None where nobody was looked at
    """

    action: str
    reason: str
    children: int
    looked_at: int
    found: int
    share: float | None
    interval: tuple[float, float] | None


def overrides(client: Any, as_of: date, question: Question = SERIOUS_PROBLEM) -> list[Overridden]:
    """A row for each action, then one for each of its reasons; empty where nothing is due yet."""
    end = end_of(as_of).astimezone(UTC).replace(tzinfo=None)
    kinds: dict[tuple[str, str], dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    touched: dict[date, set[str]] = defaultdict(set)
    for week, child, action, reason in client.query(OVERRIDES, {"end": end}).result_rows:
        day = eve(week)
        if question.matured(day, as_of):
            touched[day].add(child)
            for why in (EVERY_REASON, reason):
                kinds[action, why][day].add(child)
    if not touched:
        return []
    weeks = [_week(day) for day in touched]
    for week, child in client.query(LISTED, {"end": end, "weeks": weeks}).result_rows:
        if child not in touched[eve(week)]:
            kinds["listed", EVERY_REASON][eve(week)].add(child)
    known = dict(answers(client, question, sorted(touched), as_of))
    return [_counted(*kind, kinds[kind], known) for kind in sorted(kinds)]


def eve(week: str) -> date:
    """The as-of date of a week's list: the Sunday before. `2026-W12` → 2026-03-15."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1) - timedelta(days=1)


def _week(day: date) -> str:
    year, number, _ = (day + timedelta(days=1)).isocalendar()
    return f"{year}-W{number:02d}"


def _counted(
    action: str, reason: str, places: Places, told: Mapping[tuple[date, str], bool]
) -> Overridden:
    each = [(day, child) for day, children in places.items() for child in children]
    known = [told[key] for key in each if key in told]
    found = sum(known)
    return Overridden(
        action=action,
        reason=reason,
        children=len(each),
        looked_at=len(known),
        found=found,
        share=found / len(known) if known else None,
        interval=wilson(found, len(known)) if known else None,
    )
