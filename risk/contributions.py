"""How much each feature adds to a child's score: baseline + Σ contributions = log-odds.

    glass box   logistic regression over transforms of single columns: coefficient × (value −
                typical), summed over the columns a feature becomes; exact to rounding (1e-9)
    trees       along each tree's path, what a split on the feature changes of the mean of the
                leaves below it; exact to rounding
    a model's own `contributions(values, usual) -> (baseline, array)`, where it has one, comes first
    anything else: the log-odds less those with the feature at its typical value; need not add up

A sigmoid calibrator on top multiplies all of them by its slope. For a mean of probabilities each
member's contributions are weighted by how steeply its probability, and the mean's log-odds, rise
between baseline and score (secants), so that the sum stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from risk.averaging import OddsMean, SeedAverage
from risk.matrix import Floats, Scores
from risk.models import log_odds, predict
from risk.trees import baseline, log_odds_of, plain, steps, trees

Pulls = NDArray[np.float64]
"""Contributions, float64, shape (rows, features)."""

EXACT = 1e-9
"""By how much contributions may miss the log-odds, at the most, to be called exact."""

PROBES, TOGETHER = 256, 32
"""Values of a feature tried, and features tried in one transform."""
FLAT = 1e-12


class Contributions(NamedTuple):
    """The baseline, in log-odds, and what each feature adds to it."""

    baseline: float
    values: Pulls

    def total(self) -> Scores:
        """The log-odds that they add up to, shape (rows,)."""
        total: Scores = self.baseline + self.values.sum(axis=1)
        return total


def contributions(model: Any, values: Floats, typical_values: Sequence[float]) -> Contributions:
    """What each feature adds, for each row of `values`, shape (rows, features)."""
    with threadpool_limits(limits=1):
        usual = np.asarray(typical_values, np.float64)
        return _contributions(model, np.asarray(values, np.float64, order="F"), usual)


def _contributions(model: Any, values: Scores, usual: Scores) -> Contributions:
    own = getattr(model, "contributions", None)
    if own is not None:
        baseline, pulls = own(values, usual)
        return Contributions(float(baseline), np.asarray(pulls, np.float64))
    if plain(model):
        pulls = np.zeros(values.shape, np.float64, order="F")
        return Contributions(add_of_trees(model, np.asfortranarray(values), pulls), pulls)
    if _glass(model):
        found, margin = _of_glass_box(model, values, usual)
        if _adds_up(found, margin):
            return found
    slope = _sigmoid(model)
    if slope is not None:
        inner, a, b = slope
        found = _contributions(inner, values, usual)
        return Contributions(-a * found.baseline - b, -a * found.values)
    if members := _members(model):
        found = _of_mean([_contributions(each, values, usual) for each in members])
        if _adds_up(found, log_odds(predict(model, values))):
            return found
    return _one_by_one(model, values, usual)


def moved(model: Any, before: Floats, after: Floats, changed: Sequence[int]) -> Scores:
    """By how much the log-odds rise from one matrix to another, for each row, to rounding.

    changed: the columns in which they differ.
    """
    with threadpool_limits(limits=1):
        both = np.asarray(np.concatenate([before, after]), np.float64, order="F")
        found = _odds(model, both, list(changed))
        return found[len(before) :] - found[: len(before)]


def _odds(model: Any, values: Scores, changed: Sequence[int]) -> Scores:
    """The log-odds, less what is the same in every row whatever `changed` holds.

    Of trees, only those that ask for such a column; of a glass box, only what the columns add.
    """
    if isinstance(model, SeedAverage | OddsMean):
        found: Scores = np.mean(
            [_odds(each, values, changed) for each in model.estimators_], axis=0
        )
        return found
    if plain(model):
        return log_odds_of(model, values, changed)
    if _glass(model) and len(values) > PROBES:
        kinds, which = np.unique(values[:, changed], axis=0, return_inverse=True)
        probe = np.repeat(values[:1], len(kinds), axis=0)
        probe[:, changed] = kinds
        added: Scores = model.decision_function(probe)[which.ravel()]
        if _same_rise(added, model, values):
            return added
    return log_odds(predict(model, values))


def _same_rise(odds: Scores, model: Any, values: Scores) -> bool:
    """Whether the second half rises above the first as the model says, tried on some rows."""
    half = len(values) // 2
    some = np.arange(min(half, PROBES // 2))
    rise = odds[some + half] - odds[some]
    then, now = model.decision_function(values[some]), model.decision_function(values[some + half])
    return bool(np.abs(rise - (now - then)).max() < EXACT)


def _glass(model: Any) -> bool:
    """Whether a model is a logistic regression over transforms, which are of single columns."""
    return isinstance(model, Pipeline) and isinstance(model[-1], LogisticRegression)


def _adds_up(found: Contributions, margin: Scores) -> bool:
    return bool(np.max(np.abs(found.total() - margin), initial=0.0) < EXACT)


# --- the glass box ------------------------------------------------------------------------------


def _of_glass_box(model: Pipeline, values: Scores, usual: Scores) -> tuple[Contributions, Scores]:
    """Coefficient × distance from the typical child, by the columns that each feature becomes.

    → with them what the model says itself, in log-odds.
    """
    prepare, last = model[:-1], model[-1]
    made = np.asarray(prepare.transform(values), np.float64)
    start = np.asarray(prepare.transform(usual[None, :]), np.float64)[0]
    weighted = np.asfortranarray((made - start) * last.coef_[0])
    baseline = float(last.intercept_[0] + start @ last.coef_[0])
    pulls = np.zeros(values.shape, np.float64, order="F")
    for column, makes in enumerate(_columns(prepare, values, usual)):
        for each in makes:
            pulls[:, column] += weighted[:, each]
    return Contributions(baseline, pulls), last.decision_function(made)


def _columns(prepare: Any, values: Scores, usual: Scores) -> list[NDArray[np.intp]]:
    """Which columns of the transformed matrix each feature becomes: those that follow it."""
    base = np.asarray(prepare.transform(usual[None, :]), np.float64)
    found: list[NDArray[np.intp]] = []
    kinds = [_kinds(values[:, column]) for column in range(values.shape[1])]
    for start in range(0, len(kinds), TOGETHER):
        some = kinds[start : start + TOGETHER]
        ends = np.cumsum([len(each) for each in some])
        probe = np.repeat(usual[None, :], ends[-1], axis=0)
        for column, (end, own) in enumerate(zip(ends, some, strict=True), start):
            probe[end - len(own) : end, column] = own
        moved = np.asarray(prepare.transform(probe), np.float64) != base
        found += [np.flatnonzero(each.any(axis=0)) for each in np.split(moved, ends[:-1])]
    return found


def _kinds(column: Scores) -> Scores:
    """The values that a column has; of many, some from the least to the greatest."""
    kinds: Scores = np.unique(column)
    if len(kinds) > PROBES:
        kinds = kinds[np.linspace(0, len(kinds) - 1, PROBES).astype(int)]
    return kinds


# --- trees --------------------------------------------------------------------------------------


def add_of_trees(model: HistGradientBoostingClassifier, columns: Scores, pulls: Pulls) -> float:
    """Add to `pulls`, along the path of each row through each tree, what each split changes of the
    mean of the leaves below it. Both in Fortran order. → the baseline.
    """
    start = baseline(model)
    for (tree,) in trees(model):
        nodes = tree.nodes
        means = _means(nodes)
        start += float(means[0])
        gone = np.zeros((len(nodes), columns.shape[1]))
        leaf = np.zeros(len(columns), np.intp)
        for node, below, column, rows in steps(nodes, columns):
            gone[below] = gone[node]
            gone[below, column] += means[below] - means[node]
            if nodes["is_leaf"][below]:
                np.copyto(leaf, below, where=rows)
        for asked in np.flatnonzero(gone.any(axis=0)):
            pulls[:, asked] += np.take(gone[:, asked].copy(), leaf)
    return start


def _means(nodes: Any) -> Scores:
    """The mean of the leaves below each node, by the rows learned from that reached them."""
    means = nodes["value"].astype(np.float64).copy()
    for node in np.argsort(-nodes["depth"].astype(np.int64), kind="stable"):
        if not nodes["is_leaf"][node]:
            left, right = int(nodes["left"][node]), int(nodes["right"][node])
            here = nodes["count"][left] + nodes["count"][right]
            means[node] = (
                means[left] * (nodes["count"][left] / here)
                + means[right] * (nodes["count"][right] / here)
            )  # fmt: skip
    found: Scores = means
    return found


# --- what stands around a model -----------------------------------------------------------------


def _sigmoid(model: Any) -> tuple[Any, float, float] | None:
    """A calibrated model's inner one, slope and shift: log-odds = −(a · inner + b)."""
    if not isinstance(model, CalibratedClassifierCV) or len(model.calibrated_classifiers_) != 1:
        return None
    (calibrated,) = model.calibrated_classifiers_
    (calibrator,) = calibrated.calibrators
    if not hasattr(calibrator, "a_"):
        return None
    inner = getattr(calibrated.estimator, "estimator", calibrated.estimator)
    return inner, float(calibrator.a_), float(calibrator.b_)


def _members(model: Any) -> list[Any]:
    """The models whose probabilities a model takes the mean of; empty: it is of another kind."""
    known = getattr(model, "estimators_", None)
    return list(known) if isinstance(known, list) and hasattr(model, "predict_proba") else []


def _of_mean(each: Sequence[Contributions]) -> Contributions:
    """Of the mean of the members' probabilities, by secants."""
    starts = [1 / (1 + np.exp(-one.baseline)) for one in each]
    start = float(np.mean(starts))
    baseline = float(np.log(start) - np.log1p(-start))
    ends = [1 / (1 + np.exp(-one.total())) for one in each]
    end = np.mean(ends, axis=0)
    pulls = np.zeros_like(each[0].values)
    for one, s, e in zip(each, starts, ends, strict=True):
        pulls += _secant(e - s, one.values.sum(axis=1), s * (1 - s))[:, None] * one.values
    pulls /= len(each)
    rise = log_odds(end) - baseline
    return Contributions(
        baseline, _secant(rise, end - start, 1 / (start * (1 - start)))[:, None] * pulls
    )


def _secant(rise: Scores, run: Scores, slope: float) -> Scores:
    """rise / run; where there is no way to run, the slope there."""
    flat = np.abs(run) < FLAT
    found: Scores = np.where(flat, slope, rise / np.where(flat, 1.0, run))
    return found


def _one_by_one(model: Any, values: Scores, usual: Scores) -> Contributions:
    """What the log-odds would lose with one feature as usual. These need not add up."""
    own = log_odds(predict(model, values))
    pulls = np.zeros(values.shape, np.float64)
    for column in range(values.shape[1]):
        changed = values.copy()
        changed[:, column] = usual[column]
        pulls[:, column] = own - log_odds(predict(model, changed))
    return Contributions(float(log_odds(predict(model, usual[None, :]))[0]), pulls)
