"""What the pages ask of ClickHouse. No names come from here: see people.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.duties import FAR
from infra.one_child import all_owed
from infra.web.telling import Row
from projections.around import around

PLACES = """
SELECT d.village_code, uniqExact(d.child_id),
    uniqExactIf(d.child_id, d.duty = 'director_visit' AND d.overdue_days > 0),
    uniqExactIf(d.child_id, d.duty = 'director_contact' AND d.overdue_days > 0),
    any(l.lines)
FROM duties_as_of(as_of = {today:Date}) AS d
LEFT JOIN (
    SELECT village_code, count() AS lines FROM visit_list WHERE week = {week:String}
    GROUP BY village_code
) AS l ON l.village_code = d.village_code
WHERE startsWith(d.village_code, {place:String})
GROUP BY d.village_code ORDER BY d.village_code
"""
ANYONE = "SELECT count() FROM children WHERE startsWith(village_code, {place:String})"
WEEKS = """
SELECT DISTINCT week FROM visit_list WHERE startsWith(village_code, {place:String}) ORDER BY week
"""
CHILD = """
SELECT child_id, sex, birth_month, village_code, categories, risk_factors, tier, health,
    school_stage, boarding, in_school, on_ledger, left_reason, registered_at, forgotten
FROM children WHERE child_id = {child:UUID}
"""
HISTORY = """
SELECT position, type, event_id, occurred_at, recorded_at, actor, role, source, corrects, data
FROM timeline WHERE child_id = {child:UUID} AND type NOT IN {hidden:Array(String)} ORDER BY position
"""
READINGS = """
SELECT count(), max(occurred_at) FROM timeline
WHERE type = 'access.logged.v1' AND child_id = {child:UUID}
"""
HIDDEN = ("access.logged.v1", "risk.scored.v1")
"""Not on a timeline: readings are counted beside it; a score is never shown as a bare number."""


class Village(NamedTuple):
    """One row of the overview."""

    code: str
    children: int
    visits_overdue: int
    contacts_overdue: int
    lines: int


class Child(NamedTuple):
    """A child's file as it stands, nameless."""

    child_id: UUID
    sex: str
    birth_month: date
    village_code: str
    categories: list[str]
    risk_factors: list[str]
    tier: str
    health: str
    school_stage: str
    boarding: int
    in_school: int
    on_ledger: int
    left_reason: str
    registered_at: datetime
    forgotten: int


class Duty(NamedTuple):
    """A duty that holds for a child today."""

    duty: str
    actor: str
    due_on: date
    overdue_days: int
    reason: str


def _rows(client: Any, sql: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
    rows: Sequence[Sequence[Any]] = client.query(sql, parameters).result_rows
    return rows


def villages(client: Any, place: str, week: str, today: date) -> list[Village]:
    """Every village of a place that has children on the ledger, in code order."""
    asked = {"place": place, "week": week, "today": today}
    only = around(client, [place])
    return [Village(*row) for row in client.query(PLACES, asked, settings=only).result_rows]


def anyone(client: Any, place: str) -> bool:
    """Whether any child was ever registered at a place."""
    return bool(_rows(client, ANYONE, {"place": place})[0][0])


def weeks(client: Any, place: str) -> list[str]:
    """The weeks for which a place has lists, earliest first."""
    return [row[0] for row in _rows(client, WEEKS, {"place": place})]


def child(client: Any, child_id: UUID) -> Child | None:
    """A child's file; None where there is none."""
    rows = _rows(client, CHILD, {"child": child_id})
    return Child(*rows[0]) if rows else None


def duties(client: Any, child_id: UUID, today: date) -> list[Duty]:
    """What is owed to a child, the longest overdue first; not what has no end in sight."""
    found = all_owed(client, child_id, today)
    owed = [each for each in found.duties if each.due_on < FAR] if found else []
    return [
        Duty(each.duty, each.actor, each.due_on, each.overdue_days, each.reason)
        for each in sorted(owed, key=lambda each: each.overdue_days, reverse=True)
    ]


def history(client: Any, child_id: UUID) -> list[Row]:
    """Every event of a child that a timeline tells, in log order."""
    return [
        Row(*row) for row in _rows(client, HISTORY, {"child": child_id, "hidden": list(HIDDEN)})
    ]


def readings(client: Any, child_id: UUID) -> tuple[int, datetime]:
    """How often a child's data was looked at, and when last."""
    count, last = _rows(client, READINGS, {"child": child_id})[0]
    return int(count), last
