"""Scores as of a day: everyone in the cohort, with reasons, in the order of child ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.foresight import RiskScored
from risk.card import Card
from risk.features import FEATURES
from risk.matrix import fetch
from risk.models import predict
from risk.reasons import explain
from risk.training import data_position

BLOCK = 5_000


class Scored(NamedTuple):
    """One child's score, with the village where it lives as of the day."""

    child_id: UUID
    village_code: str
    fact: RiskScored


def score(client: Any, model: Any, card: Card, as_of: date) -> Iterator[Scored]:
    """Score the cohort of a day. The same log position and model give the same facts."""
    position = data_position(client, as_of)
    matrix = fetch(client, [as_of])
    children, villages = matrix.text("child"), matrix.text("village_code")
    for start in range(0, len(matrix), BLOCK):
        values = matrix.values[start : start + BLOCK]
        scores = predict(model, values)
        reasons = explain(model, FEATURES, values, card.typical)
        for row, value in enumerate(scores):
            fact = RiskScored(
                model_id=card.model_id,
                as_of=as_of,
                score=round(float(value), 6),
                log_position=position,
                reasons=reasons[row],
            )
            yield Scored(UUID(children[start + row]), villages[start + row], fact)
