"""Why a child's score is what it is, in Chinese: up to three things that raise it.

Each feature's contribution to the log-odds (risk/contributions.py) is added up by topic: features
that speak of the same thing give one reason. Its sentence is one feature's, the heaviest that has
one to say; its weight is the topic's. A sentence is said only of what is more than usual. Beside it
stands what would lower the score, where the field can do something and the model agrees it helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from domain.foresight import Reason
from risk.contributions import Contributions, contributions
from risk.dictionary import Remedy, remedies, said
from risk.feature import Feature
from risk.matrix import Floats, Scores
from risk.models import log_odds, predict

MOST = 3
LEAST_WEIGHT = 0.05
"""Below 0.05 in log-odds (5 % of the odds) it is no reason."""


class Told(NamedTuple):
    """A reason, and the features of its topic that raise the score: their events are behind it."""

    reason: Reason
    features: tuple[str, ...]


class _Row(NamedTuple):
    """A child's row: its number, its values, and which lie above the usual."""

    number: int
    values: Floats
    above: Any


def typical(values: Floats) -> list[float]:
    """The median of each feature over the rows learned from, ignoring what is unknown."""
    return [float(each) for each in np.nanmedian(values, axis=0)]


def explain(
    model: Any, features: Sequence[Feature], values: Floats, typical_values: Sequence[float]
) -> list[list[Reason]]:
    """For each row its reasons, weightiest first; empty where nothing raises the score."""
    found = tell(model, features, values, typical_values)
    return [[each.reason for each in reasons] for reasons in found]


def tell(
    model: Any, features: Sequence[Feature], values: Floats, typical_values: Sequence[float]
) -> list[list[Told]]:
    """As `explain`, with the features that each reason rests on."""
    if not len(values):
        return []
    found = contributions(model, values, typical_values)
    lower = _Lower(model, features, values)
    topics = _topics(features)
    places = [[features.index(each) for each in members] for members in topics]
    weights = np.column_stack([found.values[:, own].sum(axis=1) for own in places])
    above = values > np.asarray(typical_values, np.float32)
    told: list[list[Told]] = [[] for _ in range(len(values))]
    for row, order in enumerate(np.argsort(-weights, axis=1, kind="stable")):
        for topic in order:
            weight = float(weights[row, topic])
            if weight < LEAST_WEIGHT or len(told[row]) == MOST:
                break
            own = _Row(row, values[row], above[row])
            reason = _reason(features, places[topic], found, own)
            if reason is not None:
                code, text = reason
                helps = lower.of(features[places[topic][0]].topic, row)
                raising = (features[i].name for i in places[topic] if found.values[row, i] > 0)
                told[row].append(
                    Told(
                        Reason(code=code, text=text, weight=round(weight, 4), lower=helps),
                        tuple(raising),
                    )
                )
    return told


def _reason(
    features: Sequence[Feature],
    places: Sequence[int],
    found: Contributions,
    said_of: _Row,
) -> tuple[str, str] | None:
    """The name and the sentence of a topic's heaviest feature that raises and has one to say."""
    row, values, above = said_of
    for place in sorted(places, key=lambda each: -found.values[row, each]):
        value = float(values[place])
        if found.values[row, place] <= 0:
            return None
        text = said(features[place], value) if above[place] or value == 0 else ""
        if text:
            return features[place].name, text
    return None


def _topics(features: Sequence[Feature]) -> list[list[Feature]]:
    """Features by topic, without the topics that are never a reason."""
    found: dict[str, list[Feature]] = {}
    for each in features:
        found.setdefault(each.topic, []).append(each)
    return [
        members for members in found.values() if any(each.reason or each.low for each in members)
    ]


class _Lower:
    """What would lower the scores of some rows, computed once a remedy for all of them."""

    def __init__(self, model: Any, features: Sequence[Feature], values: Floats) -> None:
        self._model, self._values = model, values
        self._columns = {each.name: i for i, each in enumerate(features)}
        self._own: Scores | None = None
        self._gains: dict[str, Scores] = {}

    def of(self, topic: str, row: int) -> str:
        """The remedy that lowers most, of those that lower at all; empty: none."""
        found = [(self._gain(each)[row], each.text) for each in remedies(topic)]
        gain, text = max(found, default=(0.0, ""))
        return text if gain >= LEAST_WEIGHT else ""

    def _gain(self, remedy: Remedy) -> Scores:
        if remedy.text not in self._gains:
            self._gains[remedy.text] = self._computed(remedy)
        return self._gains[remedy.text]

    def _computed(self, remedy: Remedy) -> Scores:
        if self._own is None:
            self._own = log_odds(predict(self._model, self._values))
        changed = self._values.copy()
        for name, value in remedy.set.items():
            if name in self._columns:
                changed[:, self._columns[name]] = value
        for name, more in remedy.add.items():
            if name in self._columns:
                changed[:, self._columns[name]] += more
        gained: Scores = self._own - log_odds(predict(self._model, changed))
        return gained
