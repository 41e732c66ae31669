"""Why a child's score is what it is, in Chinese: up to three things that raise it.

Each feature's contribution to the log-odds (risk/contributions.py) is added up by topic: features
that speak of the same thing give one reason. Its sentence is one feature's, the heaviest that has
one to say; its weight is the topic's. A sentence is said only of what is more than usual. Beside it
stands what would lower the score, where the field can do something and the model agrees it helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from domain.foresight import Reason
from risk.contributions import contributions, moved
from risk.dictionary import Remedy, remedies, said
from risk.feature import Feature
from risk.matrix import Floats, Scores

MOST = 3
LEAST_WEIGHT = 0.05
"""Below 0.05 in log-odds (5 % of the odds) it is no reason."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A reason, and the features of its topic that raise the score: their events are behind it."""

    reason: Reason
    features: tuple[str, ...]


class _Row(NamedTuple):
    """A child's values, which of them lie above the usual, and what each adds."""

    values: list[float]
    above: list[bool]
    pulls: list[float]


class _Said(NamedTuple):
    """A topic in words: the feature that has them, and all of its that raise the score."""

    code: str
    text: str
    raising: tuple[str, ...]


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
    pulls = np.ascontiguousarray(contributions(model, values, typical_values).values)
    topics = _topics(features)
    places = [[features.index(each) for each in members] for members in topics]
    weights = np.column_stack([pulls[:, own].sum(axis=1) for own in places])
    above = values > np.asarray(typical_values, np.float32)
    said_of: list[list[tuple[int, _Said]]] = [[] for _ in range(len(values))]
    rows_of: dict[str, list[int]] = {}
    orders = np.argsort(-weights, axis=1, kind="stable")
    words = _Words(features)
    for row in np.flatnonzero((weights >= LEAST_WEIGHT).any(axis=1)).tolist():
        heavy, own = (
            weights[row].tolist(),
            _Row(*(each[row].tolist() for each in (values, above, pulls))),
        )
        for topic in orders[row].tolist():
            if heavy[topic] < LEAST_WEIGHT or len(said_of[row]) == MOST:
                break
            reason = _reason(words, places[topic], own)
            if reason is not None:
                said_of[row].append((topic, reason))
                rows_of.setdefault(topics[topic][0].topic, []).append(row)
    helps = _Lower(model, features, values).all(rows_of)

    def told(row: int, topic: int, said: _Said) -> Told:
        lower = helps.get((topics[topic][0].topic, row), "")
        weight = round(float(weights[row, topic]), 4)
        return Told(
            Reason(code=said.code, text=said.text, weight=weight, lower=lower), said.raising
        )

    return [[told(row, *each) for each in own] for row, own in enumerate(said_of)]


class _Words:
    """What is said of a feature's value; most values come again and again."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.names = [each.name for each in features]
        self._features = features
        self._said: dict[tuple[int, float], str] = {}

    def of(self, place: int, value: float) -> str:
        """The sentence; empty: nothing may be said of it."""
        if (place, value) not in self._said:
            self._said[place, value] = said(self._features[place], value)
        return self._said[place, value]


def _reason(words: _Words, places: Sequence[int], own: _Row) -> _Said | None:
    """What is said of a topic: its heaviest feature's that raises and has a sentence."""
    raising = [place for place in places if own.pulls[place] > 0]
    for place in sorted(raising, key=lambda each: -own.pulls[each]):
        value = own.values[place]
        text = words.of(place, value) if own.above[place] or value == 0 else ""
        if text:
            return _Said(words.names[place], text, tuple(words.names[i] for i in raising))
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
        found: dict[tuple[str, int], str] = {}
        for topic, rows in rows_of.items():
            gains = np.full(len(rows), LEAST_WEIGHT)
            for remedy in remedies(topic):
                gained = self._gained(remedy, rows)
                for place in map(int, np.flatnonzero(gained >= gains)):
                    gains[place] = gained[place]
                    found[topic, rows[place]] = remedy.text
        return found

    def _gained(self, remedy: Remedy, rows: Sequence[int]) -> Scores:
        """By how much the log-odds of some rows would fall, were a remedy used."""
        before: Floats = self._values[rows]
        after, changed = before.copy(), []
        for name in (*remedy.set, *remedy.add):
            if name in self._columns:
                changed.append(self._columns[name])
                after[:, changed[-1]] = remedy.set.get(name, after[:, changed[-1]])
                after[:, changed[-1]] += remedy.add.get(name, 0.0)
        return -moved(self._model, before, after, changed)
