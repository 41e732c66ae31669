"""What a model must beat: the statutory order, a county's points sheet, last week's list, chance.

Why the sheet is what it is, and what stronger rules find: docs/decisions/0006-judging.md. Chance
needs no code: the expected finds are the share of each village that the hours can reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from risk.features import FEATURES
from risk.matrix import Matrix, Scores, fetch

SHEET: dict[str, float] = {
    "small_child": 7,
    "of_school_age": 5,
    "ill": 10,
    "disability": 10,
    "psychological": 5,
    "behaviour": 5,
    "family_violence": 10,
    "poverty": 10,
    "single_parent": 10,
    "parents_unable": 10,
    "both_away": 10,
    "unguarded": 10,
    "guardianship_improper": 10,
    "carer_capacity": 5,
    "other_carer": 5,
    "unentrusted": 5,
    "no_call_90": 5,
}
"""Risk points of a county's sheet: 100 less the form's own. Items and weights of age, body, mind,
conduct, danger at home, income and broken family are those of a form of Qianxi county, Guizhou
(黔西县农村留守儿童风险等级评估表, filled in each March and September). Guardianship, which the copy
we could read breaks off before, follows the plan (L48) and Hubei's standard of 2023 (guardian's
health, contact; absent, improper, insufficient)."""

HISTORY: dict[str, float] = {
    "both_away": 2,
    "mother_away": 1,
    "unentrusted": 1,
    "tier": 1,
    "serious_365": 3,
    "problems_365": 1,
    "reports_ever": 2,
    "unfit_365": 2,
    "unguarded": 2,
    "guardianship_improper": 2,
    "family_violence": 3,
    "psychological": 2,
    "truancy": 1,
    "dropped_out": 2,
    "carer_capacity": 1,
    "care_grade": 1,
    "carers": -1,
    "poverty": 1,
    "concerns_last": 1,
    "disability": 0.5,
}
"""A stronger rule than any sheet: it counts what this log alone can tell on any day."""

MOST_COUNTED = 3
"""More than three of a kind are counted as three."""

ASSESSED = ((3, 1), (9, 1))
"""Month and day: the form is filled in twice a year."""

_READ = (
    "age", "ill", "disability", "psychological", "truancy", "dropped_out", "family_violence",
    "poverty", "single_parent", "parents_unable", "both_away", "unguarded",
    "guardianship_improper", "carer_capacity", "other_carer", "unentrusted", "days_since_call",
    "days_on_ledger",
)  # fmt: skip
SHEET_FEATURES = tuple(each for each in FEATURES if each.name in _READ)


def sheet(matrix: Matrix) -> Scores:
    """The county's sheet with the facts as of each row's date, shape (rows,)."""
    total = np.zeros(len(matrix), np.float64)
    for name, worth in SHEET.items():
        total += worth * _item(matrix, name)
    return total


def _item(matrix: Matrix, name: str) -> Scores:
    """An item of the form, mostly 0 or 1."""
    if name == "small_child":
        return (matrix.column("age") < 6).astype(np.float64)  # noqa: PLR2004 - the form's ages
    if name == "of_school_age":
        age = matrix.column("age")
        return ((age >= 6) & (age < 11)).astype(np.float64)  # noqa: PLR2004 - the form's ages
    if name == "behaviour":
        return np.maximum(matrix.column("truancy"), matrix.column("dropped_out")).astype(np.float64)
    if name == "no_call_90":
        return (matrix.column("days_since_call") > 90).astype(np.float64)  # noqa: PLR2004 - a quarter
    if name == "carer_capacity":
        return matrix.column(name).astype(np.float64)
    return (matrix.column(name) > 0).astype(np.float64)


def history(matrix: Matrix) -> Scores:
    """The stronger rule, shape (rows,)."""
    total = np.zeros(len(matrix), np.float64)
    for name, worth in HISTORY.items():
        total += worth * np.minimum(matrix.column(name), MOST_COUNTED)
    return total


def assessment_day(day: date) -> date:
    """The last day on which the sheets were filled in, on or before a day."""
    days = [date(year, *when) for year in (day.year - 1, day.year) for when in ASSESSED]
    return max(each for each in days if each <= day)


class Sheets:
    """The sheets as they lie in the cupboard: filled in at the last assessment, or on entry."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._filled: dict[date, Mapping[str, float]] = {}

    def __call__(self, matrix: Matrix, day: date) -> Scores:
        """Points of the rows of one as-of date, shape (rows,)."""
        known, today = self._on(assessment_day(day)), sheet(matrix)
        children = matrix.text("child")
        return np.array([known.get(c, now) for c, now in zip(children, today, strict=True)])

    def _on(self, day: date) -> Mapping[str, float]:
        if day not in self._filled:
            filled = fetch(self._client, [day], features=SHEET_FEATURES)
            points = sheet(filled) if len(filled) else np.empty(0)
            self._filled[day] = dict(zip(filled.text("child"), points, strict=True))
        return self._filled[day]


def statutory(client: Any, matrix: Matrix, day: date) -> Scores:
    """Days by which the director's visit is overdue (T8.6, T8.7) on one day, shape (rows,)."""
    rows = client.query(
        "SELECT toString(child_id), overdue_days FROM duties_as_of(as_of = {day:Date})"
        " WHERE duty = 'director_visit'",
        parameters={"day": day},
    ).result_rows
    overdue = dict(rows)
    least = min(overdue.values(), default=0) - 1
    return np.array([overdue.get(child, least) for child in matrix.text("child")], np.float64)
