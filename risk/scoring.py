"""Scores as of a day: everyone in the cohort, with reasons, in the order of child ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from domain.foresight import Reason, RiskScored
from risk.card import Card
from risk.evidence import Evidence, events_behind
from risk.features import FEATURES
from risk.matrix import Matrix, Scores, fetch
from risk.models import predict
from risk.panels import LITTLE_HISTORY, needs_information
from risk.reasons import MOST, Told, tell
from risk.training import data_position

BLOCK, TOGETHER = 32_000, 128_000
"""Children explained at once, and whose events are looked up in one pass over the histories."""

UNKNOWN = (Reason(code="needs_information", text=LITTLE_HISTORY),)
"""Said of a child with little history: a low score is not the same as being well."""

MOST_NAMED = 12
"""Events behind one reason, whatever the number of its features."""


class Scored(NamedTuple):
    """One child's score, with the village where it lives as of the day."""

    child_id: UUID
    village_code: str
    fact: RiskScored


def score(
    client: Any, model: Any, card: Card, as_of: date, *, shadow: bool = False
) -> Iterator[Scored]:
    """Score the cohort of a day. The same log position and model give the same facts."""
    position = data_position(client, as_of)
    matrix = fetch(client, [as_of])
    order = np.argsort(matrix.text("child"), kind="stable")
    children, villages = matrix.text("child")[order], matrix.text("village_code")[order]
    little = needs_information(matrix)[order] if len(matrix) else np.empty(0, np.bool_)
    for start in range(0, len(matrix), TOGETHER):
        own = children[start : start + TOGETHER]
        scores, told = _explained(model, card, matrix, order[start : start + TOGETHER])
        evidence = _evidence(client, as_of, told, own)
        for row, value in enumerate(scores):
            fact = RiskScored(
                model_id=card.model_id,
                as_of=as_of,
                score=round(float(value), 9),
                log_position=position,
                reasons=[
                    *(_with_events(each, own[row], evidence) for each in told[row]),
                    *(UNKNOWN if little[start + row] and len(told[row]) < MOST else ()),
                ],
                shadow=shadow,
            )
            yield Scored(UUID(own[row]), villages[start + row], fact)


def _explained(
    model: Any, card: Card, matrix: Matrix, rows: NDArray[np.intp]
) -> tuple[Scores, list[list[Told]]]:
    """The scores of some rows and why they are so."""
    scores, told = [], []
    for start in range(0, len(rows), BLOCK):
        values = matrix.values[rows[start : start + BLOCK]]
        scores.append(predict(model, values))
        told += tell(model, FEATURES, values, card.typical)
    return np.concatenate(scores), told


def _evidence(client: Any, as_of: date, told: Sequence[Sequence[Told]], children: Any) -> Evidence:
    """The events behind every reason told of a block of children."""
    wanted = {
        child: {name for each in reasons for name in each.features}
        for child, reasons in zip(children, told, strict=True)
        if reasons
    }
    names = set().union(*wanted.values())
    features = [each for each in FEATURES if each.name in names]
    return events_behind(client, as_of, features, wanted) if features else {}


def _with_events(told: Told, child: str, evidence: Evidence) -> Reason:
    """The reason with the events behind it: first of the feature that is said."""
    names = sorted(told.features, key=lambda name: name != told.reason.code)
    found = [event for name in names for event in evidence.get((child, name), [])]
    bounded = list(dict.fromkeys(found))[:MOST_NAMED]
    return msgspec.structs.replace(told.reason, event_ids=bounded)
