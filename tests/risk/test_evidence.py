"""The events behind a reason: delete them, score again, and the contribution moves as stated."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest

from domain.child_file import RecordRetracted
from risk.contributions import contributions
from risk.evidence import MOST_EVENTS, Evidence, _Look, events_behind
from risk.feature import Part, Source
from risk.features import FEATURES
from risk.matrix import Matrix, fetch
from risk.models import fit, log_odds, predict
from risk.reasons import Told, tell
from risk.sources import COHORT

_spec = importlib.util.spec_from_file_location(
    "point_in_time", Path(__file__).with_name("test_point_in_time.py")
)
assert _spec is not None
assert _spec.loader is not None
planting = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = planting
_spec.loader.exec_module(planting)

DAY, EARLY, RETRACTED = date(2026, 1, 31), "2025-11-03", "2026-01-30"
NAMES = [each.name for each in FEATURES]
TOLD = 5
"""Reasons looked at, each with a child of its own."""


@pytest.fixture(scope="module")
def model() -> Any:
    """A glass box to which every feature matters: as the field has it, and up where it is free."""
    rng = np.random.default_rng(5)
    values = rng.integers(0, 3, (3_000, len(FEATURES))).astype(np.float32)
    drive = values @ [each.direction or 1 for each in FEATURES] + rng.normal(0, 2, len(values))
    label = (drive > np.median(drive)).astype(np.uint8)
    keys = pa.table({"as_of": [0] * len(values)})
    return fit("logistic", Matrix(FEATURES, values, keys, label))


MEDIANS = [0.0] * len(FEATURES)


def child_with_everything(pen: Any, number: int) -> str:
    n = f"30{number}"
    child: str = planting.begin(pen, n, n)
    for row in planting.first(n, n):
        pen.write(planting.made(row), EARLY, child=child)
    return child


@pytest.fixture(scope="module")
def struck(pen: Any, model: Any) -> list[tuple[Told, Any, Any]]:
    """For each reason: it, and the child's row before and after its events were retracted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("risk.reasons.MOST", len(FEATURES))
        children = [child_with_everything(pen, number + 1) for number in range(TOLD)]
        pen.home.catch_up()
        known = fetch(pen.home.warehouse, [DAY])
        befores = [planting.row(known, child)[None, :] for child in children]
        reasons = tell(model, FEATURES, befores[0], MEDIANS)[0]
        chosen = [each for each in reasons if _taken_back(each)][:TOLD]
    for each, child in zip(chosen, children, strict=False):
        features = [f for f in FEATURES if f.name in each.features]
        found = events_behind(pen.home.warehouse, DAY, features, {child: each.features})
        events = found.of(child, each.features, most=100)
        assert events, each.reason.code
        for event in events:
            pen.write(RecordRetracted(), RETRACTED, child=child, corrects=event)
    pen.home.catch_up()
    now = fetch(pen.home.warehouse, [DAY])
    return [
        (each, before, planting.row(now, child)[None, :])
        for each, before, child in zip(chosen, befores, children, strict=False)
    ]


def _taken_back(told: Told) -> bool:
    """Told of the child's own facts, and not of its registration: they can all be taken back."""
    features = [f for f in FEATURES if f.name in told.features]
    own = all(
        " OVER " not in f.sql and all(p.source.key == "child_id" for p in f.parts) for f in features
    )
    return own and not any(part in COHORT for f in features for part in f.parts)


def test_several_reasons_are_struck(struck: list[tuple[Told, Any, Any]]) -> None:
    assert len(struck) >= 4


def test_without_its_events_a_reasons_features_are_as_if_it_had_never_been(
    struck: list[tuple[Told, Any, Any]],
) -> None:
    for told, before, after in struck:
        for name in told.features:
            column = NAMES.index(name)
            assert before[0, column] != after[0, column], name


def test_the_contribution_moves_as_stated(struck: list[tuple[Told, Any, Any]], model: Any) -> None:
    for told, before, after in struck:
        topic = next(f.topic for f in FEATURES if f.name == told.reason.code)
        own = [i for i, f in enumerate(FEATURES) if f.topic == topic]
        then, now = (contributions(model, values, MEDIANS) for values in (before, after))
        assert told.reason.weight == pytest.approx(then.values[0, own].sum(), abs=1e-4)
        assert now.values[0, own].sum() < then.values[0, own].sum()
        moved = log_odds(predict(model, before)) - log_odds(predict(model, after))
        stated = (then.values - now.values).sum(axis=1)
        assert np.abs(moved - stated).max() < 1e-9


def test_no_other_childs_events_are_named(pen: Any, struck: list[tuple[Told, Any, Any]]) -> None:
    (child,) = pen.home.warehouse.query("SELECT toString(min(child_id)) FROM children").result_rows[
        0
    ]
    found = events_behind(pen.home.warehouse, date(2026, 1, 20), FEATURES, {child: NAMES})
    named = found.of(child, NAMES, most=1000)
    rows = pen.home.warehouse.query(
        "SELECT uniqExact(child_id), any(toString(child_id)) FROM events"
        " WHERE event_id IN {e:Array(UUID)}",
        {"e": named},
    ).result_rows
    assert rows == [(1, child)]


ROWS, CHILDREN = 400, 7
LOOKED_AT = {
    "all": "countIf(a)",
    "latest": "maxIf(occurred_at, b)",
    "earliest": "minIf(occurred_at, c)",
    "both": "countIf(a) - argMaxIf(x, sequence, b)",
}


@pytest.mark.parametrize("seed", range(5))
def test_of_the_facts_behind_a_feature_the_latest_are_named_and_none_twice(seed: int) -> None:
    source = Source("some", "some_history")
    look = _Look(source, {name: [Part(source, name, sql)] for name, sql in LOOKED_AT.items()})
    rng = np.random.default_rng(seed)
    children = sorted(str(UUID(int=int(each))) for each in rng.integers(1, 2**62, CHILDREN))
    whose, at = rng.integers(0, CHILDREN, ROWS), rng.integers(0, 50, ROWS)
    event, bits = rng.integers(1, ROWS, ROWS), rng.integers(1, 8, ROWS)
    whose = whose[event]  # an event is of one child, and of one time, in however many facts
    at = at[event]
    asked = rng.random((len(LOOKED_AT), CHILDREN)) < 0.7
    blocks = [_block(children, *(each[rows] for each in (whose, at, event, bits)))
              for rows in np.array_split(np.arange(ROWS), 3)]  # fmt: skip
    number = {name: place for place, name in enumerate(LOOKED_AT)}
    found = Evidence(children, look.sort(blocks, children, asked, number))
    for name, place in number.items():
        for row, child in enumerate(children):
            wanted: list[int] = []
            for kind, bit in (("all", 1), ("latest", 2), ("earliest", 4)):
                if kind == name or (name == "both" and kind != "earliest"):
                    own = np.flatnonzero((whose == row) & ((bits & bit) != 0))
                    order = sorted({(at[i], event[i]) for i in own}, reverse=True)
                    wanted += {"all": order, "latest": order[:1], "earliest": order[-1:]}[kind]
            latest = sorted(set(wanted), reverse=True)[:MOST_EVENTS] if asked[place, row] else []
            assert found.of(child, [name]) == [str(UUID(int=int(each))) for _, each in latest]


def _block(children: list[str], whose: Any, at: Any, event: Any, bits: Any) -> pa.RecordBatch:
    ids = [UUID(children[each]).bytes for each in whose]
    return pa.RecordBatch.from_pydict(
        {
            "child": pa.array(ids, pa.binary(16)),
            "at": pa.array(at, pa.int64()),
            "position": pa.array(event, pa.int64()),
            "event": pa.array([UUID(int=int(each)).bytes for each in event], pa.binary(16)),
            "bits": pa.array(bits, pa.uint64()),
        }
    )
