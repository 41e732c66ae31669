"""Neither trivial nor hopeless: how far the truth, and the record, foresee harm."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HORIZON = 90
WARM_UP = 180
STEP = 28


def _dates(county: Any) -> list[int]:
    mondays = sorted(county.hazards)
    wanted = [each for each in mondays if mondays[0] + WARM_UP <= each <= mondays[-1] - HORIZON]
    return wanted[:: STEP // 7]


def test_the_hidden_truth_ranks_serious_harm_of_the_next_ninety_days(county: Any) -> None:
    starts = defaultdict(list)
    for each in county.episodes:
        starts[each["child_id"]].append(date.fromisoformat(each["start"]).toordinal())
    label, score = [], []
    for on in _dates(county):
        for row in county.hazards[on]:
            if not row["in_harm"]:
                label.append(any(on <= at < on + HORIZON for at in starts[row["child_id"]]))
                score.append(row["hazard"])
    assert 0.85 <= roc_auc_score(label, score) <= 0.92


def test_a_model_fitted_on_the_record_finds_serious_problems_of_later_days(county: Any) -> None:
    dates = _dates(county)
    split = dates[len(dates) // 2]
    early = [_rows(county, on) for on in dates if on <= split - HORIZON]
    late = [_rows(county, on) for on in dates if on > split]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, max_iter=500))
    model.fit(np.vstack([x for x, _ in early]), np.concatenate([y for _, y in early]))
    score = model.predict_proba(np.vstack([x for x, _ in late]))[:, 1]
    assert 0.70 <= roc_auc_score(np.concatenate([y for _, y in late]), score) <= 0.84


def _rows(county: Any, on: int) -> tuple[Any, Any]:
    """Features and labels of everyone on the ledger that day."""
    matrix, label = [], []
    for row in county.hazards[on]:
        events = county.by_child[row["child_id"]]
        known = [each for each in events if each.recorded < on]
        matrix.append(_features(known, on))
        label.append(any(_serious(each) and on <= each.recorded < on + HORIZON for each in events))
    return np.array(matrix, dtype=float), np.array(label)


def _serious(each: Any) -> bool:
    return bool(each.type == "problem.found.v1" and each.data["severity"] != "minor")


def _features(known: list[Any], on: int) -> list[float]:
    """What a file shows: how often seen, what seen, who is away, how it is graded."""
    year: Counter[str] = Counter()
    held: dict[str, float] = defaultdict(float)
    for each in known:
        data, recent = each.data, on - each.occurred <= 365
        if recent:
            year[each.type] += 1
            year["short:" + each.type] += on - each.occurred <= 120
            year["serious"] += _serious(each)
        match each.type:
            case "visit.completed.v1":
                held["concerns"] += len(data["concerns"])
                held["visits"] += 1
                year["concerns"] += recent * len(data["concerns"])
                held["last"] = max(held["last"], each.occurred)
            case "parent.departed.v1" | "parent.returned.v1":
                held[data["parent"]] = each.type == "parent.departed.v1"
            case "parent.status_changed.v1":
                held["trouble:" + data["parent"]] = data["status"] not in ("normal", "divorced")
            case "child.category_added.v1" | "child.category_removed.v1":
                held[data["category"]] = each.type == "child.category_added.v1"
            case "risk.factor_recorded.v1":
                held[data["factor"]] = data["present"]
            case "risk.tier_set.v1":
                held["tier"] = ("green", "blue", "yellow", "red").index(data["tier"])
            case "guardian.assessed.v1":
                held["grade"] = ("good", "fair", "poor").index(data["grade"])
    return [
        held["concerns"] / (held["visits"] + 1.5),
        min(on - held["last"], 365),
        held["father"] + held["mother"],
        held["trouble:father"] + held["trouble:mother"],
        *(year[name] for name in COUNTED),
        *(held[name] for name in HELD),
    ]


COUNTED = (
    "concerns",
    "serious",
    "visit.completed.v1",
    "visit.attempt_failed.v1",
    "contact.logged.v1",
    "problem.found.v1",
    "care.deficiency_found.v1",
    "short:parent_contact.logged.v1",
    "short:problem.found.v1",
)
HELD = (
    "family_poverty",
    "own_disability",
    "de_facto_unsupported",
    "orphan",
    "single_parent",
    "guardianship_improper",
    "truancy",
    "tier",
    "grade",
)


@pytest.mark.parametrize("column", ["hazard", "p90"])
def test_the_truth_gives_a_number_for_each_child_on_each_monday(county: Any, column: str) -> None:
    for on, rows in county.hazards.items():
        assert date.fromordinal(on).weekday() == 0
        assert all(row[column] >= 0 for row in rows)
