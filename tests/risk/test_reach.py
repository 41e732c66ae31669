"""Whom the hours reach: the highest scores of each village, ties by a keyed hash."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from risk.capacity import Capacity, by_ties, reached
from risk.features import FEATURES
from risk.judging import areas, calibration
from risk.matrix import Matrix


def matrix(villages: list[str], children: list[str] | None = None) -> Matrix:
    count = len(villages)
    keys = pa.table(
        {
            "as_of": pa.array([0] * count, pa.int32()).cast(pa.date32()),
            "child": children or [f"child-{n}" for n in range(count)],
            "village_code": villages,
            "sex": ["male"] * count,
        }
    )
    return Matrix(
        FEATURES, np.zeros((count, len(FEATURES)), np.float32), keys, np.zeros(0, np.uint8)
    )


def test_each_village_sends_its_directors_to_its_highest_scores() -> None:
    made = matrix(["b", "a", "a", "b", "a", "c"])
    scores = np.array([0.1, 0.9, 0.2, 0.8, 0.5, 1.0])
    chosen = reached(made, scores, {"a": 2, "b": 1})
    assert chosen.tolist() == [False, True, False, True, True, False]


def test_more_hours_than_children_reach_all_of_them() -> None:
    assert reached(matrix(["a", "a"]), np.array([0.1, 0.2]), {"a": 9}).all()


def test_ties_go_by_a_keyed_hash_and_not_by_the_order_of_rows() -> None:
    names = [f"child-{n}" for n in range(40)]
    scores = np.zeros(40)

    def chosen(order: list[str], key: str) -> set[str]:
        mask = reached(matrix(["a"] * 40, order), scores, {"a": 10}, key)
        return {name for name, taken in zip(order, mask, strict=True) if taken}

    first = chosen(names, "one")
    assert len(first) == 10
    assert chosen(names[::-1], "one") == first
    assert chosen(names, "another") != first


def test_places_given_by_the_hash_alone_are_counted() -> None:
    made = matrix(["a"] * 5 + ["b"] * 2)
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1, 0.3, 0.3])
    chosen = reached(made, scores, {"a": 3, "b": 2})
    assert by_ties(made, scores, chosen) == 2
    assert by_ties(made, np.arange(7.0), reached(made, np.arange(7.0), {"a": 3})) == 0


def test_the_capacity_says_how_it_is_counted() -> None:
    assert "45 分钟⌋ × 2 周" in str(Capacity(visit_minutes=45, weeks=2))


def test_calibration_is_zero_for_what_is_said_and_seen_alike() -> None:
    label = np.array([0, 1] * 50)
    even = calibration(np.full(100, 0.5), label)
    assert even.ece == pytest.approx(0, abs=0.11)
    assert even.brier == pytest.approx(0.25)
    assert calibration(label.astype(float), label).ece == 0
    assert areas(np.zeros(4), np.zeros(4)) == (None, None)
