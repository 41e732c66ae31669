"""Which files have been kept long enough, as of a day: domain/retention.py over the read models."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.event import day as shanghai_day
from domain.retention import Kept, Retention, Step, retention

FILES = """
SELECT c.child_id, c.village_code, c.birth_month, c.on_ledger, c.left_at, c.forgotten, k.open
FROM children_as_of(as_of = {day:Date}) AS c
LEFT JOIN (
    SELECT child_id, countIf(next_step != '') AS open FROM cases_as_of(as_of = {day:Date})
    GROUP BY child_id
) AS k ON k.child_id = c.child_id
WHERE startsWith(c.village_code, {place:String}) AND (c.child_id = {child:UUID} OR {all:Bool})
ORDER BY c.village_code, c.child_id
"""


class Held(NamedTuple):
    """One file, nameless."""

    child_id: UUID
    village_code: str
    retention: Retention


def held(
    client: Any, day: date, keep_years: int, place: str = "", *, child: UUID | None = None
) -> list[Held]:
    """Every file of a place, or one child's, with what to do about it on a day."""
    asked = {"day": day, "place": place, "child": child or UUID(int=0), "all": child is None}
    rows = client.query(FILES, asked).result_rows
    return [Held(row[0], row[1], retention(_kept(row), day, keep_years)) for row in rows]


def proposed(client: Any, day: date, keep_years: int, place: str = "") -> list[Held]:
    """Those whose time is over."""
    return [
        each for each in held(client, day, keep_years, place) if each.retention.step is Step.PROPOSE
    ]


def _kept(row: Any) -> Kept:
    _, _, birth_month, on_ledger, left_at, forgotten, open_cases = row
    left_on = None if left_at is None else shanghai_day(left_at)
    return Kept(birth_month, bool(on_ledger), left_on, open_cases, bool(forgotten))
