"""Which model, with which settings: chosen on an inner forward split, never on a test date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from risk.errors import HistoryTooShortError
from risk.judging import areas
from risk.matrix import Matrix, Scores
from risk.models import CANDIDATES, fit, log_odds, predict
from risk.questions import Question
from risk.splits import forward

CLEARLY_BETTER = 0.002
"""AUC by which a less plain model, or a setting further down, must lead to be chosen."""

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "logistic": ({}, {"penalty": 0.001}),
    "boosting": ({},),
}
"""Settings by kind, the preferred first. The mean of both takes the best of each."""

STEADY = ("logistic", "both")
"""What may be chosen. Trees alone may not: two seeds share 92 to 95 of 100 places, of the mean of
both 96 (docs/decisions/0006-judging.md)."""


@dataclass(frozen=True)
class Choice:
    """The chosen kind with its settings, and the mean AUC of every candidate."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    tried: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{_named(self.kind, self.settings)} {self.tried}"


def choose(matrix: Matrix, days: tuple[Any, ...], question: Question) -> Choice:
    """The candidate that ranks best on an inner forward split of the dates to learn from.

    Where there are too few dates for an inner split, or too few answers, the plainest.
    """
    plainest = next(iter(CANDIDATES))
    try:
        inner = forward(days, question)
    except HistoryTooShortError:
        return Choice(plainest)
    learn, held = matrix.on(inner.learn), matrix.on(inner.judge).labelled()
    answers = learn.labelled().label
    if not 0 < int(answers.sum()) < len(answers):
        return Choice(plainest)
    tried: dict[str, float] = {}
    best: dict[str, tuple[float, dict[str, Any]]] = {}
    odds: dict[str, Scores] = {}
    for kind, grid in GRID.items():
        for settings in grid:
            scores = predict(fit(kind, learn, **settings), held.values)
            auc = tried[_named(kind, settings)] = _mean_auc(held, scores)
            if kind not in best or auc > best[kind][0] + CLEARLY_BETTER:
                best[kind], odds[kind] = (auc, settings), log_odds(scores)
    together = {name: value for kind in GRID for name, value in best[kind][1].items()}
    tried["both"] = _mean_auc(held, np.mean([*odds.values()], axis=0))
    best["both"] = tried["both"], together
    chosen = plainest
    for kind in STEADY:
        if best[kind][0] > best[chosen][0] + CLEARLY_BETTER:
            chosen = kind
    return Choice(chosen, best[chosen][1], tried)


def _named(kind: str, settings: dict[str, Any]) -> str:
    return " ".join((kind, *(f"{name}={value}" for name, value in settings.items())))


def _mean_auc(held: Matrix, scores: Scores) -> float:
    """Over the as-of dates, each by itself."""
    each = [
        areas(scores[held.as_of == day], held.label[held.as_of == day])[0]
        for day in np.unique(held.as_of)
    ]
    return round(sum(value or 0.0 for value in each) / max(1, len(each)), 6)
