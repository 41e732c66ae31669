"""The models: a glass box that may bend, boosted trees averaged over seeds, and the mean of both.

All are plain scikit-learn pipelines over the whole matrix. One thread and fixed seeds: the same
matrix gives the same model and the same scores, bit by bit. Probabilities are calibrated by what is
minimised (log loss, with the rare answer weighted as often as it is); what is left is told on the
card as ECE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
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
from risk.glass_box import Directed
from risk.matrix import Floats, Matrix, Scores
from risk.propensity import weights
from risk.splines import QUANTILES, Bends

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

PIECES = len(QUANTILES) + 1
"""Columns that a feature with bends becomes."""

CLOSE = 1e-6
"""How flat the loss must be at the coefficients found. At scikit-learn's 1e-4 a score of a county
of 2,500 was off by up to 0.02 in log-odds, here by 0.0003, in a tenth more time."""

PENALTY, DEPTH = 0.0001, 3
"""C of the logistic regression (small: a strong ridge), depth of a tree. Others are tried on the
inner split (risk/selection.py)."""


def logistic(features: Sequence[Feature], *, penalty: float = PENALTY, **_: Any) -> Any:
    """Logistic regression on logarithms of counts and days, with bends where there are many steps,
    all on one scale, ridge-penalised; what the field knows the direction of keeps it.
    """
    log = FunctionTransformer(np.log1p)
    steps: dict[str, tuple[Any, int]] = {
        "days": (Pipeline([("log", log), ("bend", Bends())]), PIECES),
        "number": (Bends(), PIECES),
        "count": (log, 1),
        "": ("passthrough", 1),
    }
    columns: dict[str, list[int]] = {kind: [] for kind in steps}
    for place, each in enumerate(features):
        columns[each.kind if each.kind in columns else ""].append(place)
    made = [place for kind, (_, pieces) in steps.items() for place in columns[kind] * pieces]
    directions = tuple(features[place].direction for place in made)
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            (
                "log",
                ColumnTransformer(
                    [(kind or "as it is", step, columns[kind]) for kind, (step, _) in steps.items()]
                ),
            ),
            ("scale", StandardScaler()),
            ("model", Directed(directions, C=penalty, tol=CLOSE, max_iter=1000)),
        ]
    )


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

    Where many have none, those that have one count for them.
    """
    rows, weight = matrix.labelled(), unseen(matrix)
    with threadpool_limits(limits=1):
        made = CANDIDATES[kind](rows.features, seed=seed, **settings)
        return fitted(made, rows.values, rows.label, weight)


def unseen(matrix: Matrix) -> Scores | None:
    """What each labelled row weighs, for those who were not looked at (risk/propensity.py).

    Directions are of risk, not of who is looked at.
    """
    free = [replace(each, direction=0) for each in matrix.features]
    return weights(matrix, logistic(free))


def predict(model: Any, values: Floats | Scores) -> Scores:
    """The probability of yes for each row, shape (rows,).

    In float64: a glass box in float32 would miss its own sum by 1e-5.
    """
    found = np.empty(len(values), np.float64)
    with threadpool_limits(limits=1):
        for start in range(0, len(values), BLOCK):
            block = slice(start, start + BLOCK)
            found[block] = model.predict_proba(np.asfortranarray(values[block], np.float64))[:, 1]
    return found


def log_odds(probability: Scores) -> Scores:
    """ln(p / (1 − p)), finite at 0 and 1."""
    p = np.clip(probability, LOG_ODDS_CAP, 1 - LOG_ODDS_CAP)
    odds: Scores = np.log(p) - np.log1p(-p)
    return odds
