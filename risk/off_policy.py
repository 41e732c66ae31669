"""What would a different list have found? Estimated from the propensities of the one that was made.

A list visits child i of week t with the chance π (the lot included, domain.visit_list); another
list would have visited it with the chance e. Of those visited we know whether trouble was found
(y). Per visit of the other list, with n = Σ e:

    inverse propensity   Σ visited e·y/π  ÷ n
    self-normalised      Σ visited e·y/π  ÷ Σ visited e/π
    doubly robust        (Σ e·q + Σ visited e·(y − q)/π) ÷ n      q: a guess, such as the score

Unbiased where π > 0 for everyone the other list would visit. Where it is not (children left in
peace, weeks without spare hours), the first two count as if nothing were found there, and the third
as the guess says. `support`, Σ visited e/π ÷ n, is 1 in expectation where all are supported.

Finds are rare and weights large, so the first one's interval is the gamma interval for a weighted
sum of Poisson counts, with the largest weight for the count that might have been (Fay and Feuer
1997), halfway to without (the mid-P idea of Fay and Kim 2017): rather too wide than too narrow. The
other two have the linearised variance over lists, each a village's week.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, t

Floats = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Logged:
    """Weeks of candidates, one row a child and week; all of shape (rows,).

    propensity   the chance with which the list visited this child; read only where visited
    visited      whether it did
    found        1 where the visit found serious trouble; read only where visited
    cluster      a number for each list (a village's week): one lot is drawn for all its rows
    guess        what a model says a visit would find, 0 to 1
    """

    propensity: Floats
    visited: NDArray[np.bool_]
    found: Floats
    cluster: NDArray[np.int64]
    guess: Floats


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Finds per 100 visits of the other list, with a 95 % interval."""

    found_per_100: float
    low: float
    high: float
    support: float
    effective_visits: float


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Finds per 100 visits more than those of the list that was made, with a 95 % interval."""

    more_per_100: float
    low: float
    high: float


def inverse_propensity(logged: Logged, other: Floats) -> Estimate:
    """Weighted finds, with the gamma interval. `other`: the other list's chances, shape (rows,)."""
    weight, n = _weights(logged, other), _visits(other)
    counted = weight * logged.found
    total, square = float(counted.sum()), float((weight**2 * logged.found).sum())
    most = float(weight.max(initial=0.0))
    low = _gamma(total, square, (1 - CONFIDENCE) / 2) if total else 0.0
    upper = (1 + CONFIDENCE) / 2
    high = _gamma(total, square, upper) / 2
    high += _gamma(total + most, square + most**2, upper) / 2
    return _estimate(logged, other, (total / n, low / n, high / n))


def self_normalised(logged: Logged, other: Floats) -> Estimate:
    """Weighted finds over weights: never above what was seen, a little biased."""
    weight = _weights(logged, other)
    whole = max(float(weight.sum()), 1e-12)
    rate = float((weight * logged.found).sum()) / whole
    spread = _spread(weight * (logged.found - rate), logged.cluster) / whole
    return _estimate(logged, other, _around(rate, spread, logged))


def doubly_robust(logged: Logged, other: Floats) -> Estimate:
    """The guess, put right by what was found: right where either the guess or π is."""
    rate, parts = _robust(logged, other)
    return _estimate(logged, other, _around(rate, _spread(parts, logged.cluster), logged))


def difference(logged: Logged, other: Floats) -> Difference:
    """Doubly robust, less what the visits that were made found. What both lists share cancels."""
    rate, parts = _robust(logged, other)
    visits = logged.visited.astype(np.float64)
    n = _visits(visits)
    found = np.where(logged.visited, logged.found, 0.0)
    made = float(found.sum()) / n
    apart = parts - (found - made * visits) / n
    more, low, high = _around(rate - made, _spread(apart, logged.cluster), logged)
    return Difference(more_per_100=100 * more, low=100 * low, high=100 * high)


def _robust(logged: Logged, other: Floats) -> tuple[float, Floats]:
    """The doubly robust rate, and what each row moves it by, shape (rows,)."""
    weight, n = _weights(logged, other), _visits(other)
    missed = np.where(logged.visited, logged.found - logged.guess, 0.0)
    parts = other * logged.guess + weight * missed
    rate = float(parts.sum()) / n
    moved: Floats = (parts - rate * other) / n
    return rate, moved


def _weights(logged: Logged, other: Floats) -> Floats:
    possible = logged.visited & (logged.propensity > 0)
    made: Floats = np.where(possible, other / np.where(possible, logged.propensity, 1.0), 0.0)
    return made


def _visits(other: Floats) -> float:
    return max(float(other.sum()), 1e-12)


def _gamma(total: float, square: float, chance: float) -> float:
    """A quantile of the gamma distribution with this mean and variance."""
    if total <= 0 or square <= 0:
        return 0.0
    return float(square / (2 * total) * chi2.ppf(chance, 2 * total**2 / square))


def _spread(parts: Floats, cluster: NDArray[np.int64]) -> float:
    """Standard error of a sum whose terms hang together within clusters."""
    _, codes = np.unique(cluster, return_inverse=True)
    sums = np.bincount(codes, weights=parts)
    count = len(sums)
    return float(np.sqrt((sums**2).sum() * count / max(1, count - 1)))


def _around(rate: float, spread: float, logged: Logged) -> tuple[float, float, float]:
    count = max(2, len(np.unique(logged.cluster)))
    width = float(t.ppf((1 + CONFIDENCE) / 2, count - 1)) * spread
    return rate, rate - width, rate + width


def _estimate(logged: Logged, other: Floats, rates: tuple[float, float, float]) -> Estimate:
    weight = _weights(logged, other)
    squares = float((weight**2).sum())
    value, low, high = (100 * each for each in rates)
    return Estimate(
        found_per_100=value,
        low=max(0.0, low),
        high=min(100.0, high),
        support=float(weight.sum()) / _visits(other),
        effective_visits=float(weight.sum()) ** 2 / squares if squares else 0.0,
    )
