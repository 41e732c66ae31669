"""How good is an order of children? Counted where it matters: among those the hours can reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from risk.baselines import Sheets, history, sheet, statutory
from risk.capacity import Capacity, Mask, by_ties, reached
from risk.counting import (
    Counts,
    Draws,
    Found,
    Interval,
    Places,
    interval,
    per_hundred,
    precision_curve,
    ratio,
)
from risk.figures import (
    Calibration,
    DayFigures,
    Figures,
    RankingFigures,
    VillageFigures,
)
from risk.matrix import Matrix, Scores
from risk.panels import WEEKS_A_MONTH as MONTH
from risk.panels import (
    Alternatives,
    by_village,
    days_of,
    little_history,
    one_more,
    tenths,
)
from risk.parity import differences, groups
from risk.proxies import proxies

Rank = Callable[[Matrix, date], Scores]
"""Scores for the rows of one as-of date."""

BINS = 10

__all__ = ["Calibration", "Figures", "Rank", "areas", "calibration", "judge"]


@dataclass
class _Order:
    """One ranking as it is judged, date by date. chosen: over all rows of the matrix."""

    name: str
    chosen: Mask
    days: list[DayFigures] = field(default_factory=list)
    ties: int = 0


def judge(
    client: Any,
    matrix: Matrix,
    model: Scores,
    capacity: Capacity,
    truth: Rank | None = None,
    *,
    stale: Scores | None = None,
) -> Figures:
    """The model beside its baselines, and beside the hidden truth's own order where one is given.

    matrix  the rows of the test dates, with labels; model: its probabilities, shape (rows,)
    stale   the model's probabilities of a week before, NaN for who was not on the ledger then
    """
    days = days_of(matrix)
    visits = {day: capacity.visits(client, day) for day in days}
    rows = {day: matrix.as_of == (day - date(1970, 1, 1)).days for day in days}
    sheets = Sheets(client)
    rankings: dict[str, Rank] = {
        "model": lambda _, day: model[rows[day]],
        "statutory": lambda part, day: statutory(client, part, day),
        "points": lambda part, _: sheet(part),
        "points_on_paper": sheets,
        "points_history": lambda part, _: history(part),
    }
    if stale is not None:
        last = np.nan_to_num(stale, nan=-1.0)
        rankings["last_week"] = lambda _, day: last[rows[day]]
    if truth is not None:
        rankings["truth"] = truth
    orders = {name: _Order(name, np.zeros(len(matrix), np.bool_)) for name in rankings}
    extra = by_place = 0.0
    for day in days:
        part, key = matrix.where(rows[day]), f"守禾 {day}"
        for name, rank in rankings.items():
            scores = rank(part, day)
            mask = reached(part, scores, visits[day], key)
            orders[name].chosen[rows[day]] = mask
            orders[name].ties += by_ties(part, scores, mask)
            orders[name].days.append(_day(part, day, scores, mask))
        extra += one_more(part, model[rows[day]], visits[day], key)
        by_place += by_village(part, visits[day])
    places = Places.of(matrix)
    counted = {name: _counts(matrix, places, order.chosen) for name, order in orders.items()}
    counted["random"] = _chance(matrix, places, visits, days)
    orders["random"] = _Order("random", np.zeros(0, np.bool_), _chance_days(matrix, counted, days))
    draws = Draws(len(places.names))
    drawn = {n: per_hundred(draws.of(c.found), draws.of(c.answered)) for n, c in counted.items()}
    chosen = orders["model"].chosen
    found = {name: float(each.found.sum()) / len(days) for name, each in counted.items()}
    return Figures(
        capacity=str(capacity),
        rankings=[_total(matrix, o, counted[n], drawn, counted) for n, o in orders.items()],
        calibration=calibration(model[matrix.seen], matrix.label[matrix.seen]),
        parity=groups(matrix, chosen, model),
        villages=_villages(matrix, chosen),
        differences=differences(matrix, chosen),
        proxies=proxies(matrix.on(days[-1:])),
        tenths=tenths(model[matrix.seen], matrix.label[matrix.seen]),
        intervals=_intervals(matrix, model, places, counted["model"], draws),
        alternatives=Alternatives(
            model=found["model"],
            one_more_visit=found["model"] + extra / len(days) / MONTH,
            village_level=by_place / len(days),
            truth=found.get("truth"),
        ),
        little_history=little_history(matrix, model),
        stability=_stability(chosen, orders["last_week"].chosen) if stale is not None else None,
        observed=float(matrix.seen.mean()),
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


def _day(part: Matrix, day: date, scores: Scores, mask: Mask) -> DayFigures:
    seen = part.seen
    auc, average_precision = areas(scores[seen], part.label[seen])
    return DayFigures(
        as_of=day,
        children=len(part),
        positives=int(part.label[seen].sum()),
        selected=int((mask & seen).sum()),
        found=int(part.label[mask & seen].sum()),
        auc=auc,
        average_precision=average_precision,
        listed=int(mask.sum()),
    )


def _counts(matrix: Matrix, places: Places, chosen: Mask) -> Found:
    yes = matrix.label.astype(np.bool_) & matrix.seen
    return Found(
        listed=places.count(chosen),
        answered=places.count(chosen & matrix.seen),
        found=places.count(chosen & yes),
        positives=places.count(yes),
    )


def _chance(
    matrix: Matrix, places: Places, visits: Mapping[date, Mapping[str, int]], days: list[date]
) -> Found:
    """What to expect of visits drawn by lot in each village."""
    everyone = _counts(matrix, places, np.ones(len(matrix), np.bool_))
    made = np.array([[visits[day].get(name, 0) for day in days] for name in places.names], float)
    share = ratio(np.minimum(made, everyone.listed), everyone.listed)
    return Found(
        listed=share * everyone.listed,
        answered=share * everyone.answered,
        found=share * everyone.found,
        positives=everyone.positives,
    )


def _chance_days(
    matrix: Matrix, counted: Mapping[str, Found], days: list[date]
) -> list[DayFigures]:
    chance = counted["random"]
    rows = np.bincount(Places.of(matrix).date, minlength=len(days))
    return [
        DayFigures(
            as_of=day,
            children=int(rows[place]),
            positives=int(chance.positives[:, place].sum()),
            selected=float(chance.answered[:, place].sum()),
            found=float(chance.found[:, place].sum()),
            auc=0.5,
            average_precision=float(chance.positives[:, place].sum() / max(1, rows[place])),
            listed=float(chance.listed[:, place].sum()),
        )
        for place, day in enumerate(days)
    ]


def _total(
    matrix: Matrix,
    order: _Order,
    own: Found,
    drawn: Mapping[str, Counts],
    counted: Mapping[str, Found],
) -> RankingFigures:
    found, positives = own.found.sum(axis=0), own.positives.sum(axis=0)
    per_100 = _per_100(own)
    statutory_100 = _per_100(counted["statutory"])
    listed = float(own.listed.sum())
    return RankingFigures(
        name=order.name,
        selected=float(own.answered.sum()),
        found=float(found.sum()),
        positives=int(positives.sum()),
        found_per_100=per_100,
        precision=per_100 / 100,
        recall=float(ratio(found, positives).mean()),
        auc=_mean([each.auc for each in order.days]),
        average_precision=_mean([each.average_precision for each in order.days]),
        lift=per_100 / statutory_100 if statutory_100 else None,
        days=order.days,
        listed=listed,
        interval=interval(drawn[order.name]),
        above_statutory=interval(drawn[order.name] - drawn["statutory"]),
        by_ties=order.ties / listed if listed and len(order.chosen) else None,
        lead_days=_lead(matrix, order.chosen) if len(order.chosen) else None,
    )


def _per_100(own: Found) -> float:
    return float(per_hundred(own.found.sum(axis=0), own.answered.sum(axis=0)))


def _lead(matrix: Matrix, chosen: Mask) -> float | None:
    """Mean days between the list and the day on which it came to light, over every yes."""
    if matrix.found_on is None:
        return None
    yes = matrix.label.astype(np.bool_) & matrix.seen & (matrix.found_on >= 0)
    days = np.where(chosen, matrix.found_on - matrix.as_of, 0)
    return float(days[yes].mean()) if yes.any() else None


def _intervals(
    matrix: Matrix, model: Scores, places: Places, own: Found, draws: Draws
) -> dict[str, Interval]:
    """Of the model's own figures."""
    per_100 = per_hundred(draws.of(own.found), draws.of(own.answered))
    recall = ratio(draws.of(own.found), draws.of(own.positives)).mean(axis=-1)
    curves = [
        precision_curve(model[rows], matrix.label[rows], draws.times[:, places.village[rows]])
        for rows in (
            np.flatnonzero((places.date == d) & matrix.seen) for d in range(len(places.dates))
        )
    ]
    seen = matrix.seen
    tenth = np.zeros(len(matrix), np.int64)
    for number, rows in enumerate(np.array_split(np.argsort(model[seen], kind="stable"), BINS)):
        tenth[np.flatnonzero(seen)[rows]] = number
    gap = np.zeros((len(places.names), BINS))
    np.add.at(gap, (places.village[seen], tenth[seen]), (model - matrix.label)[seen])
    rows_of = np.bincount(places.village[seen], minlength=len(places.names)).astype(np.float64)
    ece = ratio(np.abs(draws.of(gap)).sum(axis=-1), draws.of(rows_of))
    return {
        "found_per_100_visits": interval(per_100),
        "precision_at_capacity": interval(per_100 / 100),
        "recall_at_capacity": interval(recall),
        "average_precision": interval(np.mean(curves, axis=0)),
        "ece": interval(ece),
    }


def _stability(now: Mask, before: Mask) -> float:
    """Share of the places that last week's order would have given to the same child."""
    return float((now & before).sum() / max(1, now.sum()))


def _mean(values: list[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None


def _villages(matrix: Matrix, chosen: Mask) -> list[VillageFigures]:
    names, codes = np.unique(matrix.text("village_code"), return_inverse=True)
    yes = matrix.label.astype(np.bool_) & matrix.seen

    def count(which: Mask) -> list[int]:
        weights = which.astype(np.float64)
        return [int(n) for n in np.bincount(codes, weights=weights, minlength=len(names))]

    columns = (
        count(np.ones(len(matrix), np.bool_)),
        count(yes),
        count(chosen & matrix.seen),
        count(chosen & yes),
        count(chosen),
    )
    return [
        VillageFigures(
            village_code=str(name), children=c, positives=p, selected=s, found=f, listed=n
        )
        for name, c, p, s, f, n in zip(names, *columns, strict=True)
    ]
