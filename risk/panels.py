"""What stands beside every model: other ways to spend an hour, what is said against what is seen,
and of whom too little is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np

from risk.capacity import Mask, ranks, tie_break
from risk.matrix import Matrix, Scores

BINS = 10
NEW_DAYS = 90
"""So long after registration a file may still be empty for no other reason than its age."""

WEEKS_A_MONTH = 52 / 12
LITTLE_HISTORY = "资料不足:在册未满90天或近一年无走访记录,不等于低风险,宜先走访了解"


class Tenth(msgspec.Struct, frozen=True, kw_only=True):
    """A tenth of the children by score, lowest first: what was said and what was seen."""

    children: int
    said: float
    seen: float
    over_expected: float | None


class Alternatives(msgspec.Struct, frozen=True, kw_only=True):
    """Finds a week in the county, over all test dates: the list, and what else could be done.

    model           the model's list
    one_more_visit  the same list, and one more visit a month by each village's director
    village_level   as many visits, all to the villages with the highest known rate, inside them
                    by lot: no model of children at all
    truth           a perfect model's list with the same hours; None where no truth is known
    """

    model: float
    one_more_visit: float
    village_level: float
    truth: float | None = None


class LittleHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Children of whom too little is known to call them low risk: they need information.

    seen, said   the share of yes, and what the model said; looked_at: how many have a label at all
    """

    children: int
    looked_at: int
    positives: int
    seen: float
    said: float


def tenths(scores: Scores, label: np.ndarray) -> list[Tenth]:
    """The reliability curve: ten groups of equal size, observed over expected in each."""
    bins = np.array_split(np.argsort(scores, kind="stable"), BINS)
    return [
        Tenth(
            children=len(each),
            said=float(scores[each].mean()),
            seen=float(label[each].mean()),
            over_expected=float(label[each].sum() / total)
            if (total := scores[each].sum())
            else None,
        )
        for each in bins
        if len(each)
    ]


def needs_information(matrix: Matrix) -> Mask:
    """Who has little history: on the ledger for less than 90 days, or not visited for a year."""
    new = matrix.column("days_on_ledger") < NEW_DAYS
    unseen: Mask = new | (matrix.column("visits_365") == 0)
    return unseen


def little_history(matrix: Matrix, scores: Scores) -> LittleHistory:
    """What came of the children with little history."""
    few = needs_information(matrix)
    seen = few & matrix.seen
    return LittleHistory(
        children=int(few.sum()),
        looked_at=int(seen.sum()),
        positives=int(matrix.label[seen].sum()),
        seen=float(matrix.label[seen].mean()) if seen.any() else 0.0,
        said=float(scores[few].mean()) if few.any() else 0.0,
    )


def one_more(part: Matrix, scores: Scores, visits: Mapping[str, int], key: str) -> float:
    """Finds of the place after the last of every village's list; one as-of date."""
    villages = part.text("village_code")
    most = np.array([visits.get(village, -1) for village in villages])
    nxt = ranks(villages, scores, tie_break(part, key)) == most
    return float(part.label[nxt & part.seen].sum())


def by_village(part: Matrix, visits: Mapping[str, int]) -> float:
    """Expected finds where all visits go to the villages with most serious problems known for a
    child of the last year, each village whole, inside the last one by lot; one as-of date.
    """
    names, codes = np.unique(part.text("village_code"), return_inverse=True)
    children = np.bincount(codes, minlength=len(names))
    known = np.bincount(codes, weights=part.column("serious_365"), minlength=len(names))
    yes = np.bincount(codes, weights=part.label * part.seen, minlength=len(names))
    left = float(sum(min(visits.get(str(n), 0), c) for n, c in zip(names, children, strict=True)))
    found = 0.0
    for village in np.lexsort((names, -known / children)):
        share = min(1.0, left / children[village])
        found += share * yes[village]
        left -= share * children[village]
        if left <= 0:
            break
    return float(found)


def days_of(matrix: Matrix) -> list[date]:
    """The as-of dates of a matrix, ascending."""
    start = date(1970, 1, 1).toordinal()
    return [date.fromordinal(int(day) + start) for day in np.unique(matrix.as_of)]
