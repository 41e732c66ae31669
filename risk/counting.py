"""What an order of children would have found, counted by village and date; and by resampling.

The unit that is drawn again for intervals is the village: its children share a director, and each
comes back on many dates, so that rows are not independent and villages nearly are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from risk.capacity import Mask
from risk.matrix import Matrix, Scores

DRAWS = 400
SEED = 20240531
TAILS = (2.5, 97.5)

Counts = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Places:
    """The villages and dates of a matrix. village, date: codes of each row."""

    names: list[str]
    village: NDArray[np.int64]
    dates: NDArray[np.int32]
    date: NDArray[np.int64]

    @classmethod
    def of(cls, matrix: Matrix) -> Places:
        """Those of a matrix's rows."""
        names, village = np.unique(matrix.text("village_code"), return_inverse=True)
        dates, code = np.unique(matrix.as_of, return_inverse=True)
        return cls([str(each) for each in names], village, dates, code)

    def count(self, weight: Scores | Mask) -> Counts:
        """A sum over rows, shape (villages, dates)."""
        flat = self.village * len(self.dates) + self.date
        size = len(self.names) * len(self.dates)
        made = np.bincount(flat, weights=weight.astype(np.float64), minlength=size)
        return made.astype(np.float64).reshape(len(self.names), len(self.dates))


@dataclass(frozen=True)
class Found:
    """One order's counts, each of shape (villages, dates).

    listed     children on the lists; answered: of those, the ones with a label
    found      of those, the ones with a yes; positives: every yes, listed or not
    """

    listed: Counts
    answered: Counts
    found: Counts
    positives: Counts


def per_hundred(found: Counts, visits: Counts) -> Counts:
    """Finds per 100 visits of each date, then the mean over dates; the last axis is dates."""
    made: Counts = ratio(100 * found, visits).mean(axis=-1)
    return made


def ratio(part: Counts, whole: Counts) -> Counts:
    """part ÷ whole, 0 where there is nothing to divide by."""
    made: Counts = np.divide(part, whole, out=np.zeros_like(part, np.float64), where=whole > 0)
    return made


class Draws:
    """Villages drawn again and again with replacement: how often each is in each draw."""

    def __init__(self, villages: int, draws: int = DRAWS, seed: int = SEED) -> None:
        rng = np.random.default_rng(seed)
        even = np.full(villages, 1 / max(1, villages))
        self.times: Counts = rng.multinomial(villages, even, size=draws).astype(np.float64)

    def of(self, counts: Counts) -> Counts:
        """The counts of each draw, shape (draws, …)."""
        made: Counts = np.tensordot(self.times, counts, axes=1)
        return made


def interval(drawn: Counts) -> Interval:
    """Where 95 of 100 draws lie."""
    low, high = np.percentile(drawn, TAILS)
    return round(float(low), 6), round(float(high), 6)


def wilson(found: int, of: int) -> Interval:
    """95 % interval of a share (Wilson 1927); of nothing: from 0 to 1."""
    if not of:
        return 0.0, 1.0
    z, p = 1.959964, found / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def precision_curve(scores: Scores, label: NDArray[np.uint8], times: Counts) -> Counts:
    """Average precision in each draw; times: how often each row is in it, shape (draws, rows)."""
    order = np.argsort(-scores, kind="stable")
    weight, yes = times[:, order], label[order].astype(np.float64)
    hits = np.cumsum(weight * yes, axis=1)
    seen = np.cumsum(weight, axis=1)
    area = (ratio(hits, seen) * weight * yes).sum(axis=1)
    return ratio(area, hits[:, -1])


def by_name(values: Mapping[str, Counts]) -> dict[str, Interval]:
    """The interval of each."""
    return {name: interval(drawn) for name, drawn in values.items()}
