"""The models: a glass box that may bend, boosted trees averaged over seeds, and the mean of both.

All are plain scikit-learn pipelines over the whole matrix. One thread and fixed seeds: the same
matrix gives the same model and the same scores, bit by bit. Probabilities are calibrated by what is
minimised (log loss, with the rare answer weighted as often as it is); what is left is told on the
card as ECE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from risk.averaging import OddsMean, SeedAverage, fitted
from risk.feature import Feature
from risk.glass_box import OpenEar
from risk.matrix import Floats, Matrix, Scores
from risk.propensity import weights
from risk.splines import Bends

BLOCK = 100_000
"""Rows predicted at once."""

LOG_ODDS_CAP = 1e-9
SEED = 20240531
MEMBERS = 4
"""Seeds that a model averages over."""

STEADIER = 8
"""Of the trees in `both`, which orders lists where it is chosen: with 4, two seeds shared 0.943 of
the places on a county of 700 children, with 8 more than 0.95."""

TREES = 80
"""Boosting steps of each member."""

SHARE = 0.15
"""Of the rows with the common answer (98 of 100), each member learns from so many, drawn anew."""

PENALTY, DEPTH = 0.0001, 3
"""C of the logistic regression (small: a strong ridge), depth of a tree. Others are tried on the
inner split (risk/selection.py)."""


def logistic(features: Sequence[Feature], *, penalty: float = PENALTY, **_: Any) -> Any:
    """Logistic regression on logarithms of counts and days, with bends where there are many steps,
    all on one scale, ridge-penalised. Whoever asked for help is never lower for it.
    """
    logged = [i for i, each in enumerate(features) if each.kind in {"count", "days"}]
    bent = [i for i, each in enumerate(features) if each.kind in {"days", "number"}]
    counted = [i for i in logged if i not in bent]
    straight = [*counted, *(i for i in range(len(features)) if i not in {*logged, *bent})]
    asked = [straight.index(i) - len(straight) for i in straight if features[i].asking]
    log = FunctionTransformer(np.log1p)
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            (
                "log",
                ColumnTransformer(
                    [
                        ("days", Pipeline([("log", log), ("bend", Bends())]),
                         [i for i in bent if i in logged]),
                        ("number", Bends(), [i for i in bent if i not in logged]),
                        ("count", log, counted),
                    ],
                    remainder="passthrough",
                ),
            ),
            ("scale", StandardScaler()),
            ("model", OpenEar(tuple(asked), C=penalty, max_iter=1000)),
        ]
    )  # fmt: skip


def boosting(
    features: Sequence[Feature],
    *,
    seed: int = SEED,
    depth: int = DEPTH,
    members: int = MEMBERS,
    **_: Any,
) -> Any:
    """Shallow boosted trees, monotonic where the field knows which way a feature points; the mean
    of several seeds.
    """
    trees = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=TREES,
        max_bins=31,
        max_depth=depth,
        min_samples_leaf=60,
        l2_regularization=5.0,
        max_features=0.3,
        early_stopping=False,
        monotonic_cst=[each.direction for each in features],
    )
    return SeedAverage(trees, members=members, share=SHARE, random_state=seed)


def both(features: Sequence[Feature], **settings: Any) -> Any:
    """The mean log-odds of the two: each errs in its own way, and half of it has no seed at all."""
    return OddsMean(
        [logistic(features, **settings), boosting(features, members=STEADIER, **settings)]
    )


CANDIDATES: dict[str, Callable[..., Any]] = {
    "logistic": logistic,
    "both": both,
    "boosting": boosting,
}
"""In the order of preference where they do equally well: the plainer and the steadier first."""


def fit(kind: str, matrix: Matrix, seed: int = SEED, **settings: Any) -> Any:
    """A model of a kind, fitted to the rows of a matrix that have a label.

    Where many have none, those that have one count for them (risk/propensity.py).
    """
    rows, weight = matrix.labelled(), weights(matrix, logistic(matrix.features))
    with threadpool_limits(limits=1):
        made = CANDIDATES[kind](rows.features, seed=seed, **settings)
        return fitted(made, rows.values, rows.label, weight)


def predict(model: Any, values: Floats | Scores) -> Scores:
    """The probability of yes for each row, shape (rows,).

    In float64: a glass box in float32 would miss its own sum by 1e-5.
    """
    found = np.empty(len(values), np.float64)
    with threadpool_limits(limits=1):
        for start in range(0, len(values), BLOCK):
            block = slice(start, start + BLOCK)
            found[block] = model.predict_proba(values[block].astype(np.float64))[:, 1]
    return found


def log_odds(probability: Scores) -> Scores:
    """ln(p / (1 − p)), finite at 0 and 1."""
    p = np.clip(probability, LOG_ODDS_CAP, 1 - LOG_ODDS_CAP)
    odds: Scores = np.log(p) - np.log1p(-p)
    return odds
