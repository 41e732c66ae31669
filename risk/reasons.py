"""Why a child's score is what it is, in Chinese: up to three things that raise it.

One method for every model: what the log-odds would lose if a topic (the features that speak of the
same thing) were as with a typical child, that is, at the medians of the data learned from. For
logistic regression this is exact: coefficient × distance, summed over the topic. For trees it
counts what the topic does together with everything else that is so with this child.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.foresight import Reason
from risk.feature import Feature
from risk.matrix import Floats, Scores
from risk.models import log_odds, predict

MOST = 3
LEAST_WEIGHT = 0.05
"""Below 0.05 in log-odds (5 % of the odds) it is no reason."""


def typical(values: Floats) -> list[float]:
    """The median of each feature over the rows learned from, ignoring what is unknown."""
    return [float(each) for each in np.nanmedian(values, axis=0)]


def explain(
    model: Any, features: Sequence[Feature], values: Floats, typical_values: Sequence[float]
) -> list[list[Reason]]:
    """For each row its reasons, weightiest first; empty where nothing raises the score."""
    own = log_odds(predict(model, values))
    columns = {each.name: i for i, each in enumerate(features)}
    singles: dict[str, Scores] = {}
    weights: list[Scores] = []
    topics = _topics(features)
    for members in topics:
        for each in members:
            singles[each.name] = own - _without(model, values, [columns[each.name]], typical_values)
        places = [columns[each.name] for each in members]
        weights.append(
            singles[members[0].name]
            if len(members) == 1
            else own - _without(model, values, places, typical_values)
        )
    above = values > np.asarray(typical_values, np.float32)
    found: list[list[Reason]] = [[] for _ in range(len(values))]
    for row, order in enumerate(np.argsort(-np.column_stack(weights), axis=1, kind="stable")):
        for topic in order:
            weight = float(weights[topic][row])
            if weight < LEAST_WEIGHT or len(found[row]) == MOST:
                break
            for each in sorted(topics[topic], key=lambda f: -singles[f.name][row]):
                place = columns[each.name]
                text = _said(each, float(values[row, place]), above=bool(above[row, place]))
                if text and singles[each.name][row] > 0:
                    found[row].append(Reason(code=each.name, text=text, weight=round(weight, 4)))
                    break
    return found


def _said(feature: Feature, value: float, *, above: bool) -> str:
    """A sentence is said only of what is more than typical, or of a 0 that has its own sentence."""
    return feature.sentence(value) if above or value == 0 else ""


def _topics(features: Sequence[Feature]) -> list[list[Feature]]:
    """Features by topic, without the topics that are never a reason."""
    found: dict[str, list[Feature]] = {}
    for each in features:
        found.setdefault(each.topic, []).append(each)
    return [
        members for members in found.values() if any(each.reason or each.low for each in members)
    ]


def _without(
    model: Any, values: Floats, columns: Sequence[int], typical_values: Sequence[float]
) -> Scores:
    changed = values.copy()
    for column in columns:
        changed[:, column] = typical_values[column]
    return log_odds(predict(model, changed))
