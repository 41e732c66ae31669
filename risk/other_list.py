"""另一种清单会发现多少? The lists of a period that were made, beside another one that was not.

For every child and week on either: what the list that was made said and with what chance, what the
other one would have said of the same candidates and hours, and what a visit in that week found.
Counted per 100 visits made (risk.off_policy). A listed visit is made or not; its kind's share that
is made (duty, risk, random, …) stands for whom the other list would have named. Who was not visited
has no answer: it is no visit in vain.

It speaks of a week's list after the weeks that were, not of a year under the other list: what its
finds would have changed for later weeks only the closed loop tells (`shouhe policy-lab`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from risk.counting import Interval, wilson
from risk.off_policy import (
    Difference,
    Estimate,
    Floats,
    Logged,
    difference,
    doubly_robust,
    inverse_propensity,
    self_normalised,
)

LEAST_COVERED = 0.8
"""Of the other list's visits, at least so many in weeks in which a lot was drawn, or on both."""

LEAST_EFFECTIVE = 50.0
"""Visits by lot, as if all weighed alike, that must stand for those the lists do not share."""

LEAST_BY_LOT = 20.0
"""Of these, drawn by lot. Shared visits that might have given way to a lot say nothing of whom the
other list alone names: where less than 15 stood for those, intervals missed the truth in up to two
fifths of made-up runs, and that of the difference in more."""

ALIKE = 0.02
"""Lists that differ in fewer of their visits need no lot to be compared."""

Mask = NDArray[np.bool_]
ESTIMATORS = {
    "inverse_propensity": inverse_propensity,
    "self_normalised": self_normalised,
    "doubly_robust": doubly_robust,
}


@dataclass(frozen=True)
class Rows:
    """A row per child and week on either list for a visit; all of shape (rows,).

    made     for what the list that was made named it (risk, random, …); '' where it did not
    chance   with what chance; read where made
    other    for what the other list would have named it; '' where it would not
    drawn    a lot could fall in that village and week: whoever is free had a chance
    fell     it did, and another visit may have given way to it
    looked   a visit came in that week; found: and found serious trouble
    score    of the model that the list was made by; NaN where none
    """

    made: NDArray[np.str_]
    chance: Floats
    other: NDArray[np.str_]
    drawn: Mask
    fell: Mask
    looked: Mask
    found: Mask
    score: Floats

    @property
    def visited(self) -> Mask:
        """Listed, and visited."""
        both: Mask = (self.made != "") & self.looked
        return both


class AsMade(msgspec.Struct, frozen=True, kw_only=True):
    """The lists that were made: visits listed, of those made, by lot; what they found."""

    listed: int
    visits: int
    by_lot: int
    found: int
    found_per_100: float
    interval: Interval


class OtherList(msgspec.Struct, frozen=True, kw_only=True):
    """What another list would have found.

    weeks        weeks with lists whose answers are in, and in which the other list can be told
    visits       visits that it names; in_common: share of them that the list made names as well
    covered      share about which anything can be said; estimates speak of those
    effective    visits by lot, as if all weighed alike, that stand for what is not in common
    estimates    by inverse_propensity, self_normalised, doubly_robust; empty where refused
    difference   doubly robust, against the list that was made
    refused      why nothing is said, and what to do; empty: nothing is in the way
    """

    name: str
    weeks: int
    as_made: AsMade
    visits: int
    in_common: float
    covered: float
    effective: float
    estimates: dict[str, Estimate] = {}
    difference: Difference | None = None
    refused: str = ""


def compared(name: str, rows: Rows, weeks: int) -> OtherList:
    """Another list beside the one that was made."""
    made, named = rows.made != "", rows.other != ""
    known = named & (made | rows.drawn)
    visits, covered = int(named.sum()), float(known.sum()) / max(1, int(named.sum()))
    logged, other = _logged(rows, known)
    unsure = named & ~(made & (rows.chance >= 1.0))
    effective = _effective(logged, other, unsure)
    said = OtherList(
        name=name,
        weeks=weeks,
        as_made=_as_made(rows),
        visits=visits,
        in_common=float((named & made).sum()) / max(1, visits),
        covered=covered,
        effective=effective,
    )
    differing = float(unsure.sum()) / max(1, visits)
    by_lot = _effective(logged, other, named & (rows.made == "random"))
    refused = _refusal(said, differing) or _no_lot(said, _apart(rows), by_lot)
    if refused:
        return msgspec.structs.replace(said, refused=refused)
    return msgspec.structs.replace(
        said,
        estimates={key: estimate(logged, other) for key, estimate in ESTIMATORS.items()},
        difference=difference(logged, other),
    )


def _logged(rows: Rows, known: Mask) -> tuple[Logged, Floats]:
    """What the estimators read, and the chances with which the other list leads to a visit."""
    kept = _kept(rows)
    visited, found = rows.visited, rows.found.astype(np.float64)
    rate = float(found[visited].mean()) if visited.any() else 0.0
    logged = Logged(
        propensity=rows.chance * kept(rows.made),
        visited=visited,
        found=found,
        guess=_guess(rows, rate),
    )
    return logged, known * kept(rows.other)


def _kept(rows: Rows) -> np.vectorize:
    """Kind of visit → the share of the listed visits of its kind that were made."""
    named = rows.made != ""
    whole = float(rows.looked[named].mean()) if named.any() else 1.0
    shares = {
        str(kind): float(rows.looked[rows.made == kind].mean())
        for kind in np.unique(rows.made[named])
    }
    return np.vectorize(lambda kind: shares.get(kind, whole), otypes=[np.float64])


def _guess(rows: Rows, rate: float) -> Floats:
    """What a visit would find, in proportion to the score: as much in all as visits found."""
    scored = rows.visited & ~np.isnan(rows.score)
    whole = float(rows.score[scored].sum())
    if not whole:
        return np.full(len(rows.score), rate)
    factor = float(rows.found[scored].sum()) / whole
    return np.where(np.isnan(rows.score), rate, np.minimum(1.0, factor * rows.score))


def _effective(logged: Logged, other: Floats, where: Mask) -> float:
    """The visits that stand for some rows, as if all of them weighed alike."""
    rows = where & logged.visited & (logged.propensity > 0)
    weight = other[rows] / logged.propensity[rows]
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def _apart(rows: Rows) -> float:
    """The share of the other list's visits that the list made would not name without a lot."""
    named = (rows.other != "") & ~rows.fell
    return float((named & (rows.made == "")).sum()) / max(1, int(named.sum()))


def _as_made(rows: Rows) -> AsMade:
    visited = rows.visited
    visits, found = int(visited.sum()), int(rows.found[visited].sum())
    low, high = wilson(found, visits)
    return AsMade(
        listed=int((rows.made != "").sum()),
        visits=visits,
        by_lot=int((visited & (rows.made == "random")).sum()),
        found=found,
        found_per_100=100 * found / max(1, visits),
        interval=(100 * low, 100 * high),
    )


def _refusal(said: OtherList, differing: float) -> str:
    """Why there is no answer, and what to do; empty where there is one."""
    if not said.weeks:
        return (
            "没有一周可比:要有当周出的清单(shouhe list --week)且答案已到期(走访周后两周);"
            "若问的是模型,当时还须有评分,且不是用这些周之后的记录训练的"
            " (no week to compare: it takes lists made in their week, and answers that are in;"
            " a model must have scored then, and not have learned from later)"
        )
    if not said.as_made.visits:
        return (
            "清单上的走访一次也没有做过,无从比较;请核对走访是否已录入"
            " (no visit of these lists was made, or none is on record)"
        )
    if said.covered < LEAST_COVERED:
        return (
            f"该清单的走访只有 {said.covered:.0%} 有可比的(至少 {LEAST_COVERED:.0%}):其余各周没有"
            "随机走访,原清单不可能去;请带随机份额出清单(shouhe list --random-share 0.05)"
            " (no overlap: weeks without a lot say nothing of whom their lists left out)"
        )
    if differing > ALIKE and said.effective < LEAST_EFFECTIVE:
        return _too_few(differing, said.effective, LEAST_EFFECTIVE, said.weeks)
    return ""


def _no_lot(said: OtherList, apart: float, by_lot: float) -> str:
    """Why there is no answer where hardly a lot fell on whom the other list alone names."""
    if apart > ALIKE and by_lot < LEAST_BY_LOT:
        return _too_few(apart, by_lot, LEAST_BY_LOT, said.weeks)
    return ""


def _too_few(differing: float, even: float, least: float, weeks: int) -> str:
    """even: visits by lot as if all weighed alike. Weeks more, if they come as they came."""
    wait = f"约再等 {ceil(weeks * (least / even - 1))} 周" if even >= 1 else "选更长的时间"
    return (
        f"两份清单有 {differing:.0%} 的走访不同,能代表它们的随机走访只相当于 "
        f"{even:.0f} 次(至少 {least:.0f} 次);{wait},"
        "或提高随机份额(shouhe list --random-share)"
        " (too few visits by lot where the lists differ: wait, or raise the random share)"
    )
