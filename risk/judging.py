"""How good is an order of children? Counted where it matters: among those the hours can reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from risk.baselines import points, statutory
from risk.capacity import Capacity, Mask, reached
from risk.matrix import Matrix, Scores
from risk.parity import Group, groups

Rank = Callable[[Matrix, date], Scores]
"""Scores for the rows of one as-of date."""

BINS = 10


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One ranking on one as-of date. `auc` and `average_precision`: over the whole county."""

    as_of: date
    children: int
    positives: int
    selected: float
    found: float
    auc: float | None
    average_precision: float | None


class RankingFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One ranking over all test dates. found_per_100: finds per 100 visits; lift: to statutory."""

    name: str
    selected: float
    found: float
    positives: int
    found_per_100: float
    precision: float
    recall: float
    auc: float | None
    average_precision: float | None
    lift: float | None
    days: list[DayFigures]


class VillageFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One village over all test dates, by the model."""

    village_code: str
    children: int
    positives: int
    selected: int
    found: int


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """ece: mean gap between said and seen in ten equal groups; brier: mean squared error."""

    ece: float
    brier: float
    mean_score: float
    mean_label: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured on dates that the model never saw."""

    capacity: str
    rankings: list[RankingFigures]
    calibration: Calibration
    parity: list[Group]
    villages: list[VillageFigures]

    def ranking(self, name: str) -> RankingFigures:
        """One ranking by its name. Raises KeyError."""
        for each in self.rankings:
            if each.name == name:
                return each
        raise KeyError(name)


def judge(
    client: Any,
    matrix: Matrix,
    model: Scores,
    capacity: Capacity,
    truth: Rank | None = None,
) -> Figures:
    """The model beside its baselines, and beside the hidden truth's own order where one is given.

    matrix  the rows of the test dates, with labels; model: its probabilities, shape (rows,)
    """
    days = _days(matrix)
    place = {day: capacity.visits(client, day) for day in days}
    rows = {day: matrix.as_of == (day - date(1970, 1, 1)).days for day in days}
    rankings: dict[str, Rank] = {
        "model": lambda _, day: model[rows[day]],
        "statutory": lambda part, day: statutory(client, part, day),
        "points": lambda part, _: points(part),
    }
    if truth is not None:
        rankings["truth"] = truth
    chosen = np.zeros(len(matrix), np.bool_)
    found: dict[str, list[DayFigures]] = {name: [] for name in (*rankings, "random")}
    for day in days:
        part = matrix.where(rows[day])
        for name, rank in rankings.items():
            scores = rank(part, day)
            mask = reached(part, scores, place[day])
            found[name].append(_day(part, day, scores, mask))
            if name == "model":
                chosen[rows[day]] = mask
        found["random"].append(_chance(part, day, place[day]))
    statutory_found = sum(each.found for each in found["statutory"])
    return Figures(
        capacity=str(capacity),
        rankings=[_total(name, each, statutory_found) for name, each in found.items()],
        calibration=calibration(model, matrix.label),
        parity=groups(matrix, chosen),
        villages=_villages(matrix, chosen),
    )


def areas(scores: Scores, label: Any) -> tuple[float | None, float | None]:
    """(AUC, average precision); None where all labels are the same."""
    if label.min(initial=1) == label.max(initial=0):
        return None, None
    return float(roc_auc_score(label, scores)), float(average_precision_score(label, scores))


def calibration(scores: Scores, label: Any) -> Calibration:
    """Expected calibration error over ten groups of equal size, and the Brier score."""
    bins = np.array_split(np.argsort(scores, kind="stable"), BINS)
    gaps = [abs(scores[each].mean() - label[each].mean()) * len(each) for each in bins if len(each)]
    return Calibration(
        ece=float(sum(gaps) / max(1, len(scores))),
        brier=float(brier_score_loss(label, scores)),
        mean_score=float(scores.mean()),
        mean_label=float(label.mean()),
    )


def _days(matrix: Matrix) -> list[date]:
    return [
        date.fromordinal(int(day) + date(1970, 1, 1).toordinal()) for day in np.unique(matrix.as_of)
    ]


def _day(part: Matrix, day: date, scores: Scores, mask: Mask) -> DayFigures:
    auc, average_precision = areas(scores, part.label)
    return DayFigures(
        as_of=day,
        children=len(part),
        positives=int(part.label.sum()),
        selected=int(mask.sum()),
        found=int(part.label[mask].sum()),
        auc=auc,
        average_precision=average_precision,
    )


def _chance(part: Matrix, day: date, visits: Mapping[str, int]) -> DayFigures:
    """What to expect of visits drawn by lot in each village."""
    names, codes = np.unique(part.text("village_code"), return_inverse=True)
    children = np.bincount(codes, minlength=len(names))
    positives = np.bincount(codes, weights=part.label, minlength=len(names))
    made = np.minimum([visits.get(name, 0) for name in names], children)
    return DayFigures(
        as_of=day,
        children=len(part),
        positives=int(part.label.sum()),
        selected=float(made.sum()),
        found=float((positives * made / children).sum()),
        auc=0.5,
        average_precision=float(part.label.mean()),
    )


def _total(name: str, days: list[DayFigures], statutory_found: float) -> RankingFigures:
    selected, found = sum(each.selected for each in days), sum(each.found for each in days)
    positives = sum(each.positives for each in days)
    precision = found / selected if selected else 0.0
    return RankingFigures(
        name=name,
        selected=selected,
        found=found,
        positives=positives,
        found_per_100=100 * precision,
        precision=precision,
        recall=found / positives if positives else 0.0,
        auc=_mean([each.auc for each in days]),
        average_precision=_mean([each.average_precision for each in days]),
        lift=found / statutory_found if statutory_found else None,
        days=days,
    )


def _mean(values: list[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None


def _villages(matrix: Matrix, chosen: Mask) -> list[VillageFigures]:
    names, codes = np.unique(matrix.text("village_code"), return_inverse=True)
    label = matrix.label.astype(np.int64)

    def count(weights: Any) -> list[int]:
        return [int(each) for each in np.bincount(codes, weights=weights, minlength=len(names))]

    columns = (count(np.ones(len(matrix))), count(label), count(chosen), count(label * chosen))
    return [
        VillageFigures(village_code=str(name), children=c, positives=p, selected=s, found=f)
        for name, c, p, s, f in zip(names, *columns, strict=True)
    ]
