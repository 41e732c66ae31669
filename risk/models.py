"""The models: a linear one and a boosted one, small enough to be read and judged.

Both are plain scikit-learn pipelines over the whole matrix. One thread and fixed seeds: the same
matrix gives the same model and the same scores, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from risk.feature import Feature
from risk.matrix import Floats, Matrix, Scores

BLOCK = 100_000
"""Rows predicted at once."""

LOG_ODDS_CAP = 1e-9


def logistic(features: Sequence[Feature]) -> Any:
    """Logistic regression on logarithms of counts and days, all on one scale, ridge-penalised."""
    logged = [i for i, each in enumerate(features) if each.kind in {"count", "days"}]
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("log", ColumnTransformer([("log", FunctionTransformer(np.log1p), logged)],
                                      remainder="passthrough")),
            ("scale", StandardScaler()),
            ("model", LogisticRegression(C=0.001, max_iter=1000)),
        ]
    )  # fmt: skip


def boosting(features: Sequence[Feature]) -> Any:
    """Shallow boosted trees; monotonic where the field knows which way a feature points."""
    return HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=150,
        max_depth=3,
        min_samples_leaf=100,
        l2_regularization=5.0,
        max_features=0.5,
        early_stopping=False,
        monotonic_cst=[each.direction for each in features],
        random_state=20240531,
    )


CANDIDATES: dict[str, Callable[[Sequence[Feature]], Any]] = {
    "logistic": logistic,
    "boosting": boosting,
}
"""In the order of preference where they do equally well: the plainer first."""


def fit(kind: str, matrix: Matrix) -> Any:
    """A model of a kind, fitted to a matrix with labels."""
    with threadpool_limits(limits=1):
        return CANDIDATES[kind](matrix.features).fit(matrix.values, matrix.label)


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
