"""Why a child's score is what it is, in Chinese: up to three things that raise it.

Each feature's contribution to the log-odds (risk/contributions.py) is added up by topic: features
that speak of the same thing give one reason. Its sentence is one feature's, the heaviest that has
one to say; its weight is the topic's. A sentence is said only of what is more than usual. Beside it
stands what would lower the score, where the field can do something and the model agrees it helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from domain.foresight import Reason
from risk.contributions import Contributions, contributions, margin
from risk.dictionary import Remedy, remedies, said
from risk.feature import Feature
from risk.matrix import Floats

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
    topics = _topics(features)
    places = [[features.index(each) for each in members] for members in topics]
    weights = np.column_stack([found.values[:, own].sum(axis=1) for own in places])
    above = values > np.asarray(typical_values, np.float32)
    said_of: list[list[tuple[int, str, str]]] = [[] for _ in range(len(values))]
    rows_of: dict[str, list[int]] = {}
    for row, order in enumerate(np.argsort(-weights, axis=1, kind="stable")):
        for topic in order:
            if weights[row, topic] < LEAST_WEIGHT or len(said_of[row]) == MOST:
                break
            own = _Row(row, values[row], above[row])
            reason = _reason(features, places[topic], found, own)
            if reason is not None:
                said_of[row].append((topic, *reason))
                rows_of.setdefault(topics[topic][0].topic, []).append(row)
    helps = _Lower(model, features, values).all(rows_of)

    def told(row: int, topic: int, code: str, text: str) -> Told:
        raising = (features[i].name for i in places[topic] if found.values[row, i] > 0)
        lower = helps.get((topics[topic][0].topic, row), "")
        weight = round(float(weights[row, topic]), 4)
        return Told(Reason(code=code, text=text, weight=weight, lower=lower), tuple(raising))

    return [[told(row, *each) for each in own] for row, own in enumerate(said_of)]


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
    """What would lower scores: a remedy is tried on the rows alone of which its topic is told."""

    def __init__(self, model: Any, features: Sequence[Feature], values: Floats) -> None:
        self._model, self._values = model, values
        self._columns = {each.name: i for i, each in enumerate(features)}

    def all(self, rows_of: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], str]:
        """(topic, row) → the remedy that lowers most, if one does. `rows_of`: topic → its rows."""
        asked = sorted({row for topic, own in rows_of.items() if remedies(topic) for row in own})
        if not asked:
            return {}
        before = dict(zip(asked, margin(self._model, self._values[asked]), strict=True))
        found: dict[tuple[str, int], str] = {}
        for topic, rows in rows_of.items():
            gains = np.full(len(rows), LEAST_WEIGHT)
            for remedy in remedies(topic):
                own = np.array([before[row] for row in rows])
                gained = own - margin(self._model, self._changed(remedy, rows))
                for place in map(int, np.flatnonzero(gained >= gains)):
                    gains[place] = gained[place]
                    found[topic, rows[place]] = remedy.text
        return found

    def _changed(self, remedy: Remedy, rows: Sequence[int]) -> Floats:
        """The values of some rows, were a remedy used."""
        changed: Floats = self._values[rows]
        for name, value in remedy.set.items():
            if name in self._columns:
                changed[:, self._columns[name]] = value
        for name, more in remedy.add.items():
            if name in self._columns:
                changed[:, self._columns[name]] += more
        return changed
