"""What a model learned from, in bins: the yardstick for drift, kept in its card.

Drift is told by the population stability index, PSI = Σ (now − then) · ln(now / then) over bins.
Bins are the tenths of the data learned from; a value that many share has a bin of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

TENTHS = np.linspace(0.1, 0.9, 9)
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
    """Each feature's spread over the rows learned from, and the scores' over the latest date."""

    features: dict[str, Spread]
    scores: Spread


def spread(values: Numbers) -> Spread:
    """The tenths of some values, shape (rows,), none of them twice."""
    known = np.asarray(values, np.float64)
    held = known[~np.isnan(known)]
    edges = np.unique(np.quantile(held, TENTHS)) if len(held) else np.empty(0)
    return Spread(edges=[float(e) for e in edges], shares=_shares(known, edges))


def reference(names: Sequence[str], values: Numbers, scores: Numbers) -> Reference:
    """Of a matrix, shape (rows, features), and of scores, shape (rows,)."""
    return Reference(
        features={name: spread(values[:, i]) for i, name in enumerate(names)},
        scores=spread(scores),
    )


def _shares(values: Numbers, edges: Numbers) -> list[float]:
    """Bins: up to the first edge, then up to each next, above the last; unknown."""
    unknown = np.isnan(values)
    places = np.searchsorted(edges, values[~unknown], side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    total = max(1, len(values))
    return [round(float(each) / total, 6) for each in (*counts, unknown.sum())]
