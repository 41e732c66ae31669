"""A model at work, measured: drift, calibration, and whether random visits find what it says.

Random visits (`selection = random`) are the yardstick without bias: nobody chose whom they look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from domain.model_life import Measure
from risk.capacity import Mask
from risk.feature import Feature
from risk.judging import calibration
from risk.matrix import Floats, Scores
from risk.reference import Reference

SILENT = ("season", "ledger")
"""Topics that drift by the calendar alone."""

TOP = 10
"""The highest tenth."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Beyond which an alert is raised; `monitor.toml` in the data directory sets others.

    feature_psi, score_psi   population stability index: 0.1 is little, 0.25 much
    ece                      expected calibration error, as a probability
    random_z                 random visits: how many standard errors found and said may lie apart
    least                    fewer children than that say nothing
    """

    feature_psi: float = 0.25
    score_psi: float = 0.25
    ece: float = 0.03
    random_z: float = 3.0
    least: int = 100


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured. of: the feature, or `all`; children: how many it rests on."""

    model_id: str
    measure: Measure
    of: str
    label: str
    value: float
    limit: float
    children: int

    @property
    def crossed(self) -> bool:
        """Whether it lies beyond its limit."""
        return self.value > self.limit


class AtWork(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a model's scores on the days whose labels have matured.

    top_tenth   share of all outcomes that the highest tenth of the scores held
    """

    model_id: str
    shadow: bool
    days: list[date]
    children: int
    outcomes: int
    said: float
    seen: float
    ece: float | None
    auc: float | None
    average_precision: float | None
    top_tenth: float | None


def drift(
    model_id: str, features: Sequence[Feature], values: Floats, known: Reference, limits: Limits
) -> list[Reading]:
    """How far each feature lies from what was learned from, on one day; shape (rows, features)."""
    return [
        Reading(
            model_id=model_id,
            measure=Measure.FEATURE_DRIFT,
            of=feature.name,
            label=feature.label,
            value=round(known.features[feature.name].psi(values[:, i]), 4),
            limit=limits.feature_psi,
            children=len(values),
        )
        for i, feature in enumerate(features)
        if feature.topic not in SILENT
        and feature.name in known.features
        and len(values) >= limits.least
    ]


def score_drift(model_id: str, scores: Scores, known: Reference, limits: Limits) -> list[Reading]:
    """How far the scores of one day lie from those that the model was judged on."""
    if len(scores) < limits.least:
        return []
    value = round(known.scores.psi(scores), 4)
    return [_reading(model_id, Measure.SCORE_DRIFT, value, limits.score_psi, len(scores))]


def at_work(
    model_id: str, scores: Scores, label: Mask, days: Sequence[date], *, shadow: bool
) -> AtWork:
    """What came of scores; all of shape (rows,)."""
    count, outcomes = len(scores), int(label.sum())
    both = 0 < outcomes < count
    top = np.argsort(-scores, kind="stable")[: max(1, count // TOP)]
    return AtWork(
        model_id=model_id,
        shadow=shadow,
        days=list(days),
        children=count,
        outcomes=outcomes,
        said=float(scores.mean()) if count else 0.0,
        seen=float(label.mean()) if count else 0.0,
        ece=calibration(scores, label.astype(np.uint8)).ece if count else None,
        auc=float(roc_auc_score(label, scores)) if both else None,
        average_precision=float(average_precision_score(label, scores)) if both else None,
        top_tenth=float(label[top].sum()) / outcomes if outcomes else None,
    )


def calibrated(found: AtWork, limits: Limits) -> list[Reading]:
    """Whether what the model says is what is seen."""
    if found.ece is None or found.children < limits.least:
        return []
    value = round(found.ece, 5)
    return [_reading(found.model_id, Measure.CALIBRATION, value, limits.ece, found.children)]


def random_visits(model_id: str, scores: Scores, label: Mask, limits: Limits) -> list[Reading]:
    """Of children visited at random: said against found, in standard errors of what is said."""
    if len(scores) < limits.least:
        return []
    error = float(np.sqrt((scores * (1 - scores)).sum()))
    apart = abs(float(label.sum()) - float(scores.sum())) / max(error, 1e-9)
    return [
        _reading(model_id, Measure.RANDOM_VISITS, round(apart, 3), limits.random_z, len(scores))
    ]


def _reading(model_id: str, measure: Measure, value: float, limit: float, children: int) -> Reading:
    return Reading(
        model_id=model_id,
        measure=measure,
        of="all",
        label=measure.label,
        value=value,
        limit=limit,
        children=children,
    )


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that begins (`raised`) or ends."""

    reading: Reading
    raised: bool


def turns(readings: Sequence[Reading], standing: Mapping[tuple[str, str, str], bool]) -> list[Turn]:
    """Which alerts begin and which end: once a crossing, whatever is measured again.

    standing   (model, measure, of) → whether an alert stands
    """
    found = []
    for each in readings:
        stands = standing.get((each.model_id, each.measure.value, each.of), False)
        if each.crossed != stands:
            found.append(Turn(reading=each, raised=each.crossed))
    return found
