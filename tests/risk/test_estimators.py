"""Our own estimators keep scikit-learn's contract, and a seed hardly moves the list."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from risk.averaging import SeedAverage
from risk.contributions import contributions
from risk.models import log_odds
from risk.splines import Bends


@parametrize_with_checks([SeedAverage(LogisticRegression(), members=2), Bends()])  # type: ignore[untyped-decorator] # scikit-learn has no types
def test_scikit_learn_contract(estimator: Any, check: Any) -> None:
    check(estimator)


def drawn(rows: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(rows, 12))
    odds = values[:, 0] + 0.6 * values[:, 1] * (values[:, 2] > 0) - 4
    return values, (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)


def trees() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=40, max_depth=3, max_features=0.5)


def test_a_share_of_the_common_answer_keeps_probabilities_what_they_are() -> None:
    values, label = drawn()
    model = SeedAverage(trees(), members=3, share=0.25).fit(values, label)
    assert abs(model.predict_proba(values)[:, 1].mean() - label.mean()) < 0.1 * label.mean()


def test_what_each_feature_adds_adds_up() -> None:
    values, label = drawn(4_000)
    model = SeedAverage(trees(), members=3).fit(values, label)
    found = contributions(model, values, np.median(values, axis=0))
    odds = log_odds(model.predict_proba(values)[:, 1])
    assert np.abs(found.total() - odds).max() < 1e-9


def test_a_missing_value_is_no_obstacle() -> None:
    values, label = drawn(2_000)
    values[::7, 3] = np.nan
    model = SeedAverage(trees(), members=1).fit(values, label)
    assert np.isfinite(model.predict_proba(values)).all()


def test_more_members_make_two_seeds_agree_more() -> None:
    values, label = drawn(20_000)

    def agreed(members: int) -> float:
        tops = []
        for seed in (0, 1000):
            model = SeedAverage(trees(), members=members, random_state=seed).fit(values, label)
            scores = model.predict_proba(values)[:, 1]
            tops.append(set(np.argsort(-scores)[:1000].tolist()))
        return len(tops[0] & tops[1]) / 1000

    assert agreed(6) > agreed(1)
