"""What the indicators room asks: ClickHouse counts, Python only draws. Places are codes.

The figures are those of `shouhe indicators` and the reports: views `indicators`, `duties` and
`obligations`, on a day, as known by a day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from domain.rules.register import BY_ID
from domain.rules.tasks import ACTIONS, BESIDES
from infra.oversight import BELOW, DUTIES, Owed
from infra.reports.words import KINDS

INDICATORS = """
SELECT rule::String AS rule, check::String AS check, place, subjects, met, late, open, overdue
FROM indicators_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
WHERE startsWith(place, {place:String}) AND has({levels:Array(UInt8)}, length(place))
ORDER BY place, rule, check
"""
PLACES = """
SELECT DISTINCT left(village_code, {digits:UInt8}) AS place
FROM children_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
WHERE on_ledger AND startsWith(village_code, {place:String}) ORDER BY place
"""

TASKS = {
    task.number: f"{task.number}.{task.title}" if task.number.isdigit() else task.title
    for action in (*ACTIONS, BESIDES)
    for task in action.tasks
}
"""Task → its title, in the plan's order."""

COUNTS = ["subjects", "met", "late", "open", "overdue"]


def indicators(client: Any, place: str, as_of: date, known_by: date) -> pd.DataFrame:
    """A row per check and place: at `place` and at the places in it; `task` and `kind` beside."""
    levels = [len(place), *([BELOW[len(place)]] if len(place) in BELOW else [])]
    asked = {"place": place, "as_of": as_of, "known_by": known_by, "levels": levels}
    found = client.query_df(INDICATORS, asked)
    if not len(found):
        found = pd.DataFrame(columns=["rule", "check", "place", *COUNTS])
    return found.assign(
        task=[BY_ID[rule].task for rule in found["rule"]],
        kind=[BY_ID[rule].kind for rule in found["rule"]],
        label=[BY_ID[rule].label for rule in found["rule"]],
    )


def places(client: Any, place: str, digits: int, as_of: date, known_by: date) -> list[str]:
    """Codes of so many digits within a place that have children on the ledger."""
    asked = {"place": place, "digits": digits, "as_of": as_of, "known_by": known_by}
    return [row[0] for row in client.query(PLACES, asked).result_rows]


def tasks(found: pd.DataFrame) -> pd.DataFrame:
    """A row per place and task: what can be due, added up, with the share that is not overdue."""
    due = found[found["kind"] != "D"]
    summed = due.groupby(["place", "task"], as_index=False)[COUNTS].sum()
    return summed.assign(
        title=summed["task"].map(TASKS), rate=1 - summed["overdue"] / summed["subjects"]
    )


def overdue(client: Any, place: str, as_of: date, known_by: date) -> pd.DataFrame:
    """Everything overdue at a place, the longest first: who owes what since when."""
    asked = {"place": place, "as_of": as_of, "known_by": known_by, "all": 0, "rule": ""}
    rows = client.query(DUTIES, asked).result_rows
    found = pd.DataFrame(rows, columns=list(Owed.__struct_fields__))
    late = found[found["state"] == "overdue"]
    return late.assign(
        task=[BY_ID[rule].task for rule in late["rule"]],
        kind=[KINDS[BY_ID[rule].kind] for rule in late["rule"]],
        label=[BY_ID[rule].label for rule in late["rule"]],
    )
