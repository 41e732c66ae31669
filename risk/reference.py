"""What a model last learned from, in bins: the yardstick for drift, kept in its card.

Drift is told by the population stability index, PSI = Σ (now − then) · ln(now / then) over bins.
Bins are the tenths of the data learned from; a value that many share has a bin of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

TENTHS = np.linspace(0.1, 0.9, 9)
SAMPLED = 4_000
"""Rows from which it is told what a feature moves, about."""

LEAST_PULL = 0.01
"""Share of all that moves the scores, below which a feature is not watched."""

RECENT = 4
"""As-of dates, the latest learned from, that are the yardstick."""

LEAST_SHARE = 1e-4
"""An empty bin counts as that much: PSI stays finite."""

Numbers = NDArray[np.floating]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How values lie. edges: ascending, n; shares: of the n + 1 bins and of what is unknown."""

    edges: list[float]
    shares: list[float]

    def shares_of(self, values: Numbers) -> list[float]:
        """The same bins' shares among other values, shape (rows,)."""
        return _shares(np.asarray(values, np.float64), np.asarray(self.edges))

    def psi(self, values: Numbers) -> float:
        """How far other values have drifted from these: under 0.1 little, over 0.25 much."""
        then = np.maximum(self.shares, LEAST_SHARE)
        now = np.maximum(self.shares_of(values), LEAST_SHARE)
        return float(((now - then) * np.log(now / then)).sum())


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """How the features that count, and the held-out scores, lay when the model was made."""

    features: dict[str, Spread]
    scores: Spread


def spread(values: Numbers) -> Spread:
    """The tenths of some values, shape (rows,), none of them twice."""
    known = np.asarray(values, np.float64)
    held = known[~np.isnan(known)]
    edges = np.unique(np.quantile(held, TENTHS)) if len(held) else np.empty(0)
    return Spread(edges=[float(e) for e in edges], shares=_shares(known, edges))


def reference(
    model: Any,
    names: Sequence[str],
    recent: Numbers,
    typical_values: Sequence[float],
    scores: Numbers,
) -> Reference:
    """Of the latest rows learned from, shape (rows, features), and of scores, shape (rows,).

    Only features that move the model's scores are watched: others may drift and do no harm. Early
    rows are left out: where a log has just begun, nobody has had a visit a year ago.
    """
    from risk.contributions import contributions  # noqa: PLC0415 - loads scikit-learn

    some = recent[:: max(1, len(recent) // SAMPLED)]
    pulls = np.abs(contributions(model, some, typical_values).values).mean(axis=0)
    least = LEAST_PULL * pulls.sum()
    return Reference(
        features={
            name: spread(recent[:, i]) for i, name in enumerate(names) if pulls[i] >= least > 0
        },
        scores=spread(scores),
    )


def _shares(values: Numbers, edges: Numbers) -> list[float]:
    """Bins: up to the first edge, then up to each next, above the last; unknown."""
    unknown = np.isnan(values)
    places = np.searchsorted(edges, values[~unknown], side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    total = max(1, len(values))
    return [round(float(each) / total, 6) for each in (*counts, unknown.sum())]
