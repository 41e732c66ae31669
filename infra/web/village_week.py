"""A village's lists of a week, as its page shows them. No names come from here: see people.py.

Asked for more than anything else, over weak networks and by everyone at once, so in few
statements: what a statement costs here is nearly all its planning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from infra.visit_lists import week_of
from infra.web.showing import shown_week

LISTS = """
SELECT week, groupArrayIf(
    (worker_id, child_id, rank, duty, reasons, model_id), week = {wanted:String})
FROM visit_list WHERE village_code = {village:String} GROUP BY week ORDER BY week
"""
FILES = """
SELECT child_id, sex, birth_month, village_code, tier, categories, forgotten, on_ledger,
    registered_at
FROM children WHERE child_id IN {children:Array(UUID)} OR child_id IN (
    SELECT child_id FROM residences WHERE village_code = {village:String})
"""
VISITS = """
SELECT child_id,
    toDate(maxOrNullIf(occurred_at, visited), 'Asia/Shanghai'),
    toDate(maxOrNullIf(occurred_at, NOT visited), 'Asia/Shanghai'),
    JSONExtractString(argMaxIf(data, (occurred_at, position), NOT visited), 'reason')
FROM (
    SELECT *, type = 'visit.completed.v1' AS visited FROM timeline
    WHERE child_id IN {children:Array(UUID)}
        AND type IN ('visit.completed.v1', 'visit.attempt_failed.v1') AND replaced_at > now()
)
GROUP BY child_id
"""
"""From the timeline, which lies in the order of children: the views of visits and of attempts say
the same, and take twice as long together."""


class Facts(NamedTuple):
    """A child, nameless."""

    sex: str
    birth_month: date
    village_code: str
    tier: str
    categories: list[str]
    forgotten: int
    on_ledger: int
    registered_at: datetime


class Visits(NamedTuple):
    """The last visit of a child; the last that failed, and why."""

    last: date | None = None
    tried_on: date | None = None
    tried_reason: str = ""


NO_FILE = Facts("", date(1970, 1, 1), "", "", [], 0, 0, datetime(1970, 1, 1, tzinfo=UTC))
"""Of a line whose child has no file: it is nowhere, and nobody's to see."""
NEVER = Visits()


class Line(NamedTuple):
    """One line of a list."""

    worker_id: str
    child_id: UUID
    rank: int
    duty: str
    reasons: list[str]
    model_id: str
    facts: Facts = NO_FILE
    visits: Visits = NEVER


class VillageWeek(NamedTuple):
    """What a village's page shows.

    week       2026-W48
    weeks      all for which the village has lists, earliest first
    lines      by director and rank
    unlisted   children on the village's ledger whom no list of the week names
    """

    week: str
    weeks: list[str]
    lines: list[Line]
    unlisted: int


def village_week(client: Any, village: str, asked: str, today: date) -> VillageWeek:
    """The lists of the week asked for; of none ("") see `shown_week`. Raises WrongUsageError."""
    lists = _lists(client, village, asked or week_of(today))
    week = shown_week(list(lists), asked, today)
    if week in lists and not lists[week]:  # not the one that was guessed
        lists = _lists(client, village, week)
    lines = sorted(lists.get(week, []), key=lambda line: (line.worker_id, line.rank))
    listed = sorted({line.child_id for line in lines})
    facts = _facts(client, village, listed)
    visits = _visits(client, listed) if listed else {}
    here = {each for each, own in facts.items() if own.village_code == village and own.on_ledger}
    return VillageWeek(
        week=week,
        weeks=list(lists),
        lines=[
            line._replace(
                facts=facts.get(line.child_id, NO_FILE), visits=visits.get(line.child_id, NEVER)
            )
            for line in lines
        ],
        unlisted=len(here.difference(listed)),
    )


def _lists(client: Any, village: str, wanted: str) -> dict[str, list[Line]]:
    """Every week with lists → its lines, for the wanted one."""
    rows = client.query(LISTS, {"village": village, "wanted": wanted}).result_rows
    return {week: [Line(*line) for line in lines] for week, lines in rows}


def _facts(client: Any, village: str, listed: Sequence[UUID]) -> dict[UUID, Facts]:
    """Of the listed children, and of all who ever lived in the village."""
    asked = {"village": village, "children": listed}
    return {row[0]: Facts(*row[1:]) for row in client.query(FILES, asked).result_rows}


def _visits(client: Any, listed: Sequence[UUID]) -> dict[UUID, Visits]:
    rows = client.query(VISITS, {"children": listed}).result_rows
    return {row[0]: Visits(*row[1:]) for row in rows}
