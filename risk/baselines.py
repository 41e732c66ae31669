"""What a model must beat: the statutory order, a points rule, and chance.

Chance needs no code: the expected finds are the share of each village that the hours can reach.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from risk.matrix import Matrix, Scores

POINTS: dict[str, float] = {
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
"""Points for each step or count of a feature, as a county would draw them up from domain.md §5."""

MOST_COUNTED = 3
"""More than three of a kind are counted as three."""


def points(matrix: Matrix) -> Scores:
    """The points rule, shape (rows,)."""
    total = np.zeros(len(matrix), np.float64)
    for name, worth in POINTS.items():
        total += worth * np.minimum(matrix.column(name), MOST_COUNTED)
    return total


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
