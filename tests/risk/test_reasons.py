"""Reasons: contributions add up, sentences were reviewed, remedies lower the score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler

from risk import dictionary
from risk.aggregates import Behind, behind
from risk.contributions import contributions, moved
from risk.features import FEATURES
from risk.matrix import Matrix
from risk.models import CANDIDATES, fit, log_odds, predict
from risk.reasons import LEAST_WEIGHT, explain, tell, typical

ROWS = 800
ROUNDING = 1e-12
NAMES = [each.name for each in FEATURES]


@pytest.fixture(scope="module")
def learned() -> Matrix:
    """Random rows; what raises the label is a long time without a visit, and open problems."""
    rng = np.random.default_rng(11)
    values = rng.integers(0, 4, (ROWS, len(FEATURES))).astype(np.float32)
    values[rng.random(values.shape) < 0.02] = np.nan
    days, open_ = NAMES.index("days_since_visit"), NAMES.index("open_problems")
    values[:, days] = rng.integers(0, 300, ROWS)
    drive = values[:, days] / 100 + np.nan_to_num(values[:, open_]) + rng.normal(0, 1, ROWS)
    return Matrix(FEATURES, values, pa.table({"as_of": [0] * ROWS}), (drive > 4).astype(np.uint8))


@pytest.mark.parametrize("kind", CANDIDATES)
def test_contributions_add_up_to_the_log_odds(kind: str, learned: Matrix) -> None:
    model = fit(kind, learned)
    found = contributions(model, learned.values, typical(learned.values))
    assert found.values.shape == learned.values.shape
    gap = found.total() - log_odds(predict(model, learned.values))
    assert np.abs(gap).max() < 1e-9


@pytest.mark.parametrize("kind", CANDIDATES)
def test_no_score_goes_against_what_the_field_knows(kind: str, learned: Matrix) -> None:
    """Learned where all is the other way round, on every kind of model that can order a list: no
    score falls by having asked for help, nor by what is known to be worse."""
    ways = np.array([each.direction for each in FEATURES])
    rng = np.random.default_rng(2)
    values = learned.values.copy()
    values[:, ways < 0] *= 90
    against = -np.nan_to_num(values / np.nanstd(values, axis=0)) @ ways
    label = (rng.random(ROWS) < expit(against - np.median(against))).astype(np.uint8)
    model = fit(kind, replace(learned, values=values, label=label))
    directed = np.flatnonzero(ways)
    steps = np.tile(values[:20], (len(directed), 5, 1, 1))
    for own, place in zip(steps, directed, strict=True):
        own[:, :, place] = np.array([0, 1, 2, 30, 400])[:, None]
    said = log_odds(predict(model, steps.reshape(-1, len(ways)))).reshape(steps.shape[:-1])
    rises = np.diff(said, axis=1) * ways[directed, None, None]
    against_it = directed[rises.min(axis=(1, 2)) < -ROUNDING]
    assert not [NAMES[place] for place in against_it]


def filled(matrix: Matrix) -> Any:
    return np.nan_to_num(matrix.values).astype(np.float64)


def test_a_glass_box_of_splines_adds_up_by_the_feature_not_the_spline(learned: Matrix) -> None:
    splines = ColumnTransformer(
        [("spline", SplineTransformer(n_knots=4), list(range(5)))], remainder="passthrough"
    )
    model = make_pipeline(splines, StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    values = filled(learned)
    model.fit(values, learned.label)
    found = contributions(model, values, typical(values))
    assert np.abs(found.total() - model.decision_function(values)).max() < 1e-9
    changed = values.copy()
    changed[:, 0] = typical(values)[0]
    moved = model.decision_function(values) - model.decision_function(changed)
    np.testing.assert_allclose(found.values[:, 0], moved, atol=1e-9)


@pytest.mark.parametrize(
    "inner",
    [LogisticRegression(C=0.001, max_iter=500), HistGradientBoostingClassifier(max_iter=20)],
)
def test_a_sigmoid_calibrator_scales_what_its_model_says(inner: Any, learned: Matrix) -> None:
    values = filled(learned)
    made = make_pipeline(StandardScaler(), inner) if hasattr(inner, "C") else inner
    made.fit(values, learned.label)
    model = CalibratedClassifierCV(FrozenEstimator(made), method="sigmoid", ensemble=False)
    model.fit(values, learned.label)
    found = contributions(model, values, typical(values))
    assert np.abs(found.total() - log_odds(predict(model, values))).max() < 1e-9


def test_a_mean_of_probabilities_adds_up_too(learned: Matrix) -> None:
    values = filled(learned)
    glass = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    trees = HistGradientBoostingClassifier(max_iter=20)
    model = VotingClassifier([("glass", glass), ("trees", trees)], voting="soft")
    model.fit(values, learned.label)
    found = contributions(model, values, typical(values))
    assert np.abs(found.total() - log_odds(predict(model, values))).max() < 1e-9
    alone = [contributions(each, values, typical(values)).values for each in model.estimators_]
    both = (np.sign(alone[0]) == np.sign(alone[1])) & (alone[0] != 0)
    assert (np.sign(found.values[both]) == np.sign(alone[0][both])).all()


def test_any_other_model_is_told_one_feature_at_a_time(learned: Matrix) -> None:
    values = filled(learned)[:60]
    model = KNeighborsClassifier(15).fit(values, learned.label[:60])
    found = contributions(model, values, typical(values))
    own = log_odds(predict(model, values))
    usual = values.copy()
    usual[:, 3] = typical(values)[3]
    np.testing.assert_allclose(found.values[:, 3], own - log_odds(predict(model, usual)))


@pytest.mark.parametrize("kind", CANDIDATES)
def test_a_reason_weighs_what_its_topic_adds(kind: str, learned: Matrix) -> None:
    model, medians = fit(kind, learned), typical(learned.values)
    found = contributions(model, learned.values, medians).values
    topics = {each.name: each.topic for each in FEATURES}
    for row, reasons in enumerate(explain(model, FEATURES, learned.values, medians)):
        for each in reasons:
            own = [i for i, f in enumerate(FEATURES) if f.topic == topics[each.code]]
            assert each.weight == pytest.approx(found[row, own].sum(), abs=1e-4)
            assert each.weight >= LEAST_WEIGHT


@pytest.mark.parametrize("kind", CANDIDATES)
def test_what_would_lower_the_score_lowers_it(kind: str, learned: Matrix) -> None:
    model, medians = fit(kind, learned), typical(learned.values)
    values = learned.values[:80]
    own = log_odds(predict(model, values))
    helped = 0
    for row, reasons in enumerate(explain(model, FEATURES, values, medians)):
        for each in reasons:
            if not each.lower:
                continue
            (remedy,) = [r for r in dictionary.dictionary().remedy if r.text == each.lower]
            changed = values[row : row + 1].copy()
            for name, value in remedy.set.items():
                changed[0, NAMES.index(name)] = value
            for name, more in remedy.add.items():
                changed[0, NAMES.index(name)] += more
            assert log_odds(predict(model, changed))[0] <= own[row] - LEAST_WEIGHT
            helped += 1
    assert helped > 5


def test_a_reason_names_the_features_that_raise_it(learned: Matrix) -> None:
    model, medians = fit("logistic", learned), typical(learned.values)
    found = contributions(model, learned.values, medians).values
    for row, reasons in enumerate(tell(model, FEATURES, learned.values, medians)):
        for each in reasons:
            assert each.reason.code in each.features
            assert all(found[row, NAMES.index(name)] > 0 for name in each.features)


def test_nothing_unreviewed_is_said(learned: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dictionary.dictionary()
    cut = {k: v for k, v in known.sentences.items() if k != "days_since_visit"}
    silent = dictionary.Dictionary(
        reviewed_by="x", reviewed_on=known.reviewed_on, note="", sentences=cut, remedy=[]
    )
    monkeypatch.setattr("risk.dictionary.dictionary", lambda: silent)
    model = fit("logistic", learned)
    told = explain(model, FEATURES, learned.values, typical(learned.values))
    assert "days_since_visit" not in {each.code for row in told for each in row}


def test_every_declared_sentence_stands_in_the_reviewed_dictionary() -> None:
    waiting = dictionary.proposed(FEATURES)
    assert not waiting, f"review, then add to risk/dictionary.toml: {sorted(waiting)}"
    assert dictionary.dictionary().reviewed_by


def test_remedies_speak_of_topics_that_exist() -> None:
    topics = {each.topic for each in FEATURES}
    for each in dictionary.dictionary().remedy:
        assert each.topic in topics
        assert {*each.set, *each.add} <= set(NAMES), each.text


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("countIf(a = '(,' AND f(b, c))", [Behind("a = '(,' AND f(b, c)")]),
        ("argMaxIf(v IN ('x'), sequence, k)", [Behind("k", "latest")]),
        ("maxIf(occurred_at, leg = 1)", [Behind("leg = 1", "latest")]),
        ("minIf(occurred_at, leg = 1)", [Behind("leg = 1", "earliest")]),
        ("max(occurred_at)", [Behind("1", "latest")]),
        ("maxIf(f(grade, [1, 2]), k)", [Behind("(f(grade, [1, 2]) != 0) AND (k)")]),
        ("sum(length(concerns))", [Behind("(length(concerns) != 0) AND (1)")]),
        ("toInt32(countIf(a)) - toInt32(uniqExactIf(b, c))", [Behind("a"), Behind("c")]),
    ],
)
def test_the_events_are_read_off_the_sql_of_the_feature(sql: str, made: list[Behind]) -> None:
    assert behind(sql) == made


@pytest.mark.parametrize("kind", [*CANDIDATES, "of products"])
def test_what_a_remedy_would_lower_is_what_the_model_says_of_the_child_it_helped(kind: str) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 3, (900, len(FEATURES))).astype(np.float32)
    label = (values[:, :4].sum(axis=1) + rng.normal(0, 1, 900) > 5).astype(np.uint8)
    if kind == "of products":
        model = make_pipeline(PolynomialFeatures(2), StandardScaler(), LogisticRegression())
        values = values[:, :6]
        model.fit(values, label)
    else:
        model = fit(kind, Matrix(FEATURES, values, pa.table({"as_of": [0] * 900}), label))
    after, changed = values.copy(), [0, 3]
    after[:, changed] = [0.0, 1.0]
    rise = log_odds(predict(model, after)) - log_odds(predict(model, values))
    assert np.abs(moved(model, values, after, changed) - rise).max() < 1e-9
    assert np.abs(rise).max() > 0.05
