"""Our own estimators keep scikit-learn's contract, and a seed hardly moves the list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from risk.averaging import OddsMean, SeedAverage
from risk.contributions import contributions
from risk.features import FEATURES
from risk.glass_box import Directed
from risk.matrix import Matrix
from risk.models import log_odds, unseen
from risk.propensity import weights
from risk.splines import Bends
from risk.trees import log_odds_of, plain

OURS = (
    SeedAverage(LogisticRegression(), members=2),
    OddsMean([LogisticRegression(), LogisticRegression(C=0.1)]),
    Bends(),
    Directed(),
)


@parametrize_with_checks(OURS)  # type: ignore[untyped-decorator] # scikit-learn has no types
def test_scikit_learn_contract(estimator: Any, check: Any) -> None:
    check(estimator)


def drawn(rows: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(rows, 12))
    odds = values[:, 0] + 0.6 * values[:, 1] * (values[:, 2] > 0) - 4
    return values, (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)


def trees() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=40, max_depth=3, max_features=0.5, max_bins=31)


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


def test_what_each_feature_adds_adds_up_in_a_mean_of_both_kinds() -> None:
    values, label = drawn(4_000)
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    model = OddsMean([plain, SeedAverage(trees(), members=2)]).fit(values, label)
    found = contributions(model, values, np.median(values, axis=0))
    odds = log_odds(model.predict_proba(values)[:, 1])
    assert np.abs(found.total() - odds).max() < 1e-9


def test_weights_reach_the_last_step_of_a_pipeline() -> None:
    values, label = drawn(4_000)
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    weight = np.where(values[:, 5] > 0, 2.0, 0.0)
    model = OddsMean([plain]).fit(values, label, sample_weight=weight)
    unweighted = OddsMean([plain]).fit(values, label)
    one, two = (m.estimators_[0][-1].coef_[0] for m in (model, unweighted))
    assert np.abs(one - two).max() > 0.01


def test_those_looked_at_stand_for_those_of_their_kind_who_were_not() -> None:
    rng = np.random.default_rng(4)
    far = (rng.random(20_000) < 0.3).astype(np.float32)
    values = np.column_stack([far, rng.normal(size=20_000)]).astype(np.float32)
    seen = rng.random(20_000) < np.where(far > 0, 0.3, 0.9)
    keys = pa.table({"as_of": [0] * 20_000})
    matrix = Matrix(FEATURES[:2], values, keys, seen.astype(np.uint8), observed=seen)
    weight = weights(matrix, LogisticRegression())
    assert weight is not None
    assert values[seen, 0].mean() < 0.15
    assert np.average(values[seen, 0], weights=weight) == pytest.approx(far.mean(), abs=0.01)
    everyone = Matrix(FEATURES[:2], values, keys, seen.astype(np.uint8))
    assert weights(everyone, LogisticRegression()) is None


def test_a_missing_value_is_no_obstacle() -> None:
    values, label = drawn(2_000)
    values[::7, 3] = np.nan
    model = SeedAverage(trees(), members=1).fit(values, label)
    assert np.isfinite(model.predict_proba(values)).all()


def test_more_members_make_two_seeds_agree_more() -> None:
    values, label = drawn(8_000)

    def agreed(members: int) -> float:
        tops = []
        for seed in (0, 1000):
            model = SeedAverage(trees(), members=members, random_state=seed).fit(values, label)
            scores = model.predict_proba(values)[:, 1]
            tops.append(set(np.argsort(-scores)[:400].tolist()))
        return len(tops[0] & tops[1]) / 400

    assert agreed(4) > agreed(1)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_trees_walked_by_columns_say_what_scikit_learn_says_to_the_bit(missing: float) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(3_000, 12)).round(1)
    target = (values[:, 0] + values[:, 1] * values[:, 2] + rng.normal(size=3_000) > 1).astype(int)
    values[rng.random(values.shape) < missing] = np.nan
    model = HistGradientBoostingClassifier(max_iter=40, max_depth=4, random_state=1)
    model.fit(values, target)
    fresh = np.asfortranarray(rng.normal(size=(5_000, 12)).round(1))
    fresh[rng.random(fresh.shape) < 2 * missing] = np.nan
    assert plain(model)
    said = expit(log_odds_of(model, fresh))
    assert np.array_equal(said, model.predict_proba(fresh)[:, 1])


def test_trees_with_categories_are_left_to_scikit_learn() -> None:
    values = np.random.default_rng(1).integers(0, 5, (400, 3)).astype(float)
    model = HistGradientBoostingClassifier(categorical_features=[0], max_iter=5)
    assert not plain(model.fit(values, (values[:, 0] == 2).astype(int)))


def against(rows: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """The label rises with column 1 and, of itself, falls with 2, which goes with 1 and 3."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(rows, 5))
    values[:, 2] += values[:, 1] - values[:, 3]
    odds = 1.5 * values[:, 1] - values[:, 2] - values[:, 4] - 2
    return values, (rng.random(rows) < expit(odds)).astype(int)


def test_a_glass_box_without_directions_is_scikit_learns() -> None:
    values, label = against()
    weight = np.linspace(0.5, 2, len(label))
    free, plain = (
        kind(C=0.01, tol=1e-8).fit(values, label, weight) for kind in (Directed, LogisticRegression)
    )
    assert free.coef_[0] == pytest.approx(plain.coef_[0], abs=1e-5)
    assert free.intercept_ == pytest.approx(plain.intercept_, abs=1e-5)
    assert plain.coef_[0, 2] < 0 < plain.coef_[0, 3]


def test_no_coefficient_has_the_wrong_sign_and_none_could_do_better() -> None:
    """Nothing gains by moving: what is not 0 is where its loss is flat, what is 0 would lose."""
    values, label = against()
    directions = (0, 1, 1, -1, 1)
    model = Directed(directions, C=0.01, tol=1e-8).fit(values, label)
    (found,) = model.coef_
    assert (found * directions >= 0).all()
    assert found[2] == found[3] == found[4] == 0 < found[1]
    heard = np.flatnonzero(found)
    without = LogisticRegression(C=0.01, tol=1e-8).fit(values[:, heard], label)
    assert found[heard] == pytest.approx(without.coef_[0], abs=1e-5)
    miss = (model.predict_proba(values)[:, 1] - label) @ values + found / 0.01
    assert (miss[found == 0] * np.array(directions)[found == 0] > 0).all()


def test_a_direction_for_each_column_or_for_none() -> None:
    values, label = against(200)
    with pytest.raises(ValueError, match="directions: 2 for 5"):
        Directed((0, 1)).fit(values, label)


def test_the_pieces_of_a_value_add_up_to_it_and_none_ever_falls() -> None:
    rng = np.random.default_rng(6)
    values = np.column_stack([rng.exponential(100, 500), rng.random(500) < 0.1, np.full(500, 7.0)])
    bends = Bends().fit(values)
    beyond = np.sort(np.vstack([values, [[-9, -1, 3], [5_000, 2, 9]]]), axis=0)
    pieces = bends.transform(beyond).reshape(len(beyond), 4, 3)
    assert pieces.sum(axis=1) == pytest.approx(beyond)
    assert (np.diff(pieces, axis=0) >= 0).all()
    assert (np.ptp(pieces[:, :, 0], axis=0) > 0).all()


def test_who_is_looked_at_is_learned_without_the_directions_of_risk() -> None:
    """Those who asked are looked at less here; the few who were count for the others."""
    place = [each.name for each in FEATURES].index("hotlines_365")
    assert FEATURES[place].direction == 1
    rng = np.random.default_rng(7)
    asked = rng.random(4_000) < 0.4
    values = np.column_stack([asked, rng.random(4_000)]).astype(np.float32)
    seen = rng.random(4_000) < np.where(asked, 0.3, 0.9)
    keys = pa.table({"as_of": [0] * 4_000})
    two = (FEATURES[place], FEATURES[0])
    weight = unseen(Matrix(two, values, keys, seen.astype(np.uint8), observed=seen))
    assert weight is not None
    assert weight[asked[seen]].mean() > 1.05 * weight[~asked[seen]].mean()
