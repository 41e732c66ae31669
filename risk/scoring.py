"""Scores as of a day: everyone in the cohort, with reasons, in the order of child ids."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

import msgspec

from domain.foresight import Reason, RiskScored
from risk.ahead import ahead
from risk.card import Card
from risk.evidence import Evidence, events_behind
from risk.features import FEATURES
from risk.matrix import Matrix, stream
from risk.models import predict
from risk.panels import LITTLE_HISTORY, needs_information
from risk.reasons import MOST, Told, tell
from risk.training import data_position

BLOCK, A_PASS = 24_000, 250_000
"""Children explained at once, and whose features ClickHouse makes at once: some 2 GB of its memory,
in two thirds of the time of smaller lots, since each goes through every history again.
"""

UNKNOWN = (Reason(code="needs_information", text=LITTLE_HISTORY),)
"""Said of a child with little history: a low score is not the same as being well."""

MOST_NAMED = 12
"""Events behind one reason, whatever the number of its features."""


class Scored(NamedTuple):
    """One child's score, with the village where it lives as of the day."""

    child_id: str
    village_code: str
    fact: RiskScored


def score(
    client: Any, model: Any, card: Card, as_of: date, *, shadow: bool = False
) -> Iterator[Scored]:
    """Score the cohort of a day. The same log position and model give the same facts."""
    with _seldom_collected():
        yield from _scored(client, model, card, as_of, shadow=shadow)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """A province's reasons are a million objects in no cycle: looking for some takes a third."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _scored(client: Any, model: Any, card: Card, as_of: date, *, shadow: bool) -> Iterator[Scored]:
    position = data_position(client, as_of)
    pieces = ahead(stream(client, [as_of], rows=A_PASS))
    everyone = [each for piece in pieces for each in _explained(model, card, piece)]
    everyone.sort(key=lambda each: each.child)
    evidence = _evidence(client, as_of, everyone)
    for child in everyone:
        fact = RiskScored(
            model_id=card.model_id,
            as_of=as_of,
            score=round(child.score, 9),
            log_position=position,
            reasons=[
                *(_with_events(told, child.child, evidence) for told in child.told),
                *(UNKNOWN if child.little and len(child.told) < MOST else ()),
            ],
            shadow=shadow,
        )
        yield Scored(child.child, child.village_code, fact)


class _Explained(msgspec.Struct, frozen=True, gc=False):
    """A child's score, and why it is so. little: too little is known of the child."""

    child: str
    village_code: str
    little: bool
    score: float
    told: tuple[Told, ...]


def _explained(model: Any, card: Card, piece: Matrix) -> Iterator[_Explained]:
    """Block by block: the scores, and why they are so."""
    keys = [piece.text("child"), piece.text("village_code"), needs_information(piece)]
    for start in range(0, len(piece), BLOCK):
        some = slice(start, start + BLOCK)
        values = piece.values[some]
        told = map(tuple, tell(model, FEATURES, values, card.typical))
        own = (each[some].tolist() for each in keys)
        yield from map(_Explained, *own, predict(model, values).tolist(), told)


def _evidence(client: Any, as_of: date, everyone: Sequence[_Explained]) -> Evidence:
    """The events behind every reason told."""
    wanted = {
        each.child: {name for told in each.told for name in told.features}
        for each in everyone
        if each.told
    }
    names = set().union(*wanted.values())
    features = [each for each in FEATURES if each.name in names]
    return events_behind(client, as_of, features, wanted)


def _with_events(told: Told, child: str, evidence: Evidence) -> Reason:
    """The reason with the events behind it: first of the feature that is said."""
    said = told.reason
    names = (said.code, *(name for name in told.features if name != said.code))
    found = evidence.of(child, names, MOST_NAMED)
    return Reason(
        code=said.code, text=said.text, weight=said.weight, event_ids=found, lower=said.lower
    )
