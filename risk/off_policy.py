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

Finds are rare and weights large: a few finds by lot stand for much, and the one that was not found
would have, too. So what is found is taken for Poisson counts with weights, and the interval
is the gamma interval of their weighted sum, with one count more, of mean weight, at the upper end
(Tiwari, Clegg and Zou 2006, after Fay and Feuer 1997). All three estimates have its width, each
about itself. A normal interval missed the truth, on one side, in an eighth of the runs, and in a
third of them for the difference of two lists (bench.off_policy, docs/decisions/0008-list.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

Floats = NDArray[np.float64]
CONFIDENCE = 0.95

APART = 0.1
"""Of a visit: lists whose weights lie nearer together do not differ on it."""


@dataclass(frozen=True)
class Logged:
    """Weeks of candidates, one row a child and week; all of shape (rows,).

    propensity   the chance with which the list visited this child; read only where visited
    visited      whether it did
    found        1 where the visit found serious trouble; read only where visited
    guess        what a model says a visit would find, 0 to 1
    """

    propensity: Floats
    visited: NDArray[np.bool_]
    found: Floats
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
    """Weighted finds. `other`: the other list's chances, shape (rows,)."""
    rate = float((_weights(logged, other) * logged.found).sum()) / _visits(other)
    return _estimate(logged, other, rate)


def self_normalised(logged: Logged, other: Floats) -> Estimate:
    """Weighted finds over weights: never above what was seen, a little biased."""
    weight = _weights(logged, other)
    whole = max(float(weight.sum()), 1e-12)
    return _estimate(logged, other, float((weight * logged.found).sum()) / whole)


def doubly_robust(logged: Logged, other: Floats) -> Estimate:
    """The guess, put right by what was found: right where either the guess or π is."""
    return _estimate(logged, other, _robust(logged, other))


def difference(logged: Logged, other: Floats) -> Difference:
    """Doubly robust, less what the visits that were made found. What both lists share cancels.

    Finds that count for the one list and for the other vary by themselves: their intervals are
    joined as those of a difference (Zou and Donner 2008). The one count more is of a visit on which
    the lists differ: those that they share weigh nearly nothing here, and would make it too light.
    """
    visits = logged.visited.astype(np.float64)
    count = max(1.0, float(visits.sum()))
    made = visits / count
    apart = _weights(logged, other) / _visits(other) - made
    more = _robust(logged, other) - float((made * logged.found).sum())
    gain, loss = (_reach(logged, np.maximum(0.0, each), APART / count) for each in (apart, -apart))
    return Difference(
        more_per_100=100 * more,
        low=100 * (more - float(np.hypot(gain[0], loss[1]))),
        high=100 * (more + float(np.hypot(gain[1], loss[0]))),
    )


def _robust(logged: Logged, other: Floats) -> float:
    missed = np.where(logged.visited, logged.found - logged.guess, 0.0)
    parts = other * logged.guess + _weights(logged, other) * missed
    return float(parts.sum()) / _visits(other)


def _weights(logged: Logged, other: Floats) -> Floats:
    possible = logged.visited & (logged.propensity > 0)
    made: Floats = np.where(possible, other / np.where(possible, logged.propensity, 1.0), 0.0)
    return made


def _visits(other: Floats) -> float:
    return max(float(other.sum()), 1e-12)


def _reach(logged: Logged, weight: Floats, least: float = 0.0) -> tuple[float, float]:
    """From the weighted finds down to the lower end of their interval, and up to the upper one.

    least   visits of more than this weight say what one count more would weigh
    """
    finds = weight * np.where(logged.visited, logged.found, 0.0)
    total, square = float(finds.sum()), float((weight * finds).sum())
    counting = weight[weight > least]
    one, one_square = (
        float((counting**power).mean()) if len(counting) else 0.0 for power in (1, 2)
    )
    low = _gamma(total, square, (1 - CONFIDENCE) / 2)
    return total - low, _gamma(total + one, square + one_square, (1 + CONFIDENCE) / 2) - total


def _gamma(total: float, square: float, chance: float) -> float:
    """A quantile of the gamma distribution with this mean and variance."""
    if total <= 0 or square <= 0:
        return 0.0
    return float(square / (2 * total) * chi2.ppf(chance, 2 * total**2 / square))


def _estimate(logged: Logged, other: Floats, rate: float) -> Estimate:
    weight, n = _weights(logged, other), _visits(other)
    squares = float((weight**2).sum())
    down, up = _reach(logged, weight / n)
    return Estimate(
        found_per_100=100 * rate,
        low=max(0.0, 100 * (rate - down)),
        high=min(100.0, 100 * (rate + up)),
        support=float(weight.sum()) / n,
        effective_visits=float(weight.sum()) ** 2 / squares if squares else 0.0,
    )
