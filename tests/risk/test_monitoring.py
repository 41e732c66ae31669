"""Drift, calibration and random visits, on numbers whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from domain.model_life import Measure
from risk.monitoring import Limits, Reading, at_work, random_visits, turns
from risk.reference import spread

RNG = np.random.default_rng(2)


def test_the_same_values_have_not_drifted_and_shifted_ones_have() -> None:
    known = spread(RNG.normal(0, 1, 20_000))
    assert known.psi(RNG.normal(0, 1, 20_000)) < 0.01
    assert known.psi(RNG.normal(0.5, 1, 20_000)) > 0.15
    assert known.psi(RNG.normal(1.5, 1, 20_000)) > 1


def test_flags_and_unknown_values_have_bins_of_their_own() -> None:
    flag = (RNG.random(10_000) < 0.03).astype(np.float64)
    known = spread(flag)
    assert sum(known.shares) == pytest.approx(1)
    assert known.psi(flag) == pytest.approx(0, abs=1e-6)
    more = (RNG.random(10_000) < 0.2).astype(np.float64)
    assert known.psi(more) > 0.1
    gone = flag.copy()
    gone[:3000] = np.nan
    assert known.psi(gone) > 1


def test_psi_by_hand() -> None:
    known = spread(np.array([0.0, 0.0, 0.0, 1.0] * 100))
    now = np.array([0.0, 1.0, 1.0, 1.0] * 100)
    assert known.psi(now) == pytest.approx((0.25 - 0.75) * np.log(0.25 / 0.75) * 2)


def test_random_visits_tell_said_from_found_in_standard_errors() -> None:
    said = np.full(1000, 0.02)
    error = np.sqrt(1000 * 0.02 * 0.98)
    label = np.zeros(1000, bool)
    label[:50] = True
    (reading,) = random_visits("m", said, label, Limits())
    assert reading.value == pytest.approx((50 - 20) / error, abs=1e-3)
    assert reading.crossed
    label[20:] = False
    (reading,) = random_visits("m", said, label, Limits())
    assert not reading.crossed
    assert random_visits("m", said[:50], label[:50], Limits()) == []


def test_the_top_tenth_says_how_much_of_what_happened_it_held() -> None:
    scores = np.linspace(0, 1, 100)
    label = np.zeros(100, bool)
    label[[99, 98, 5, 6]] = True
    found = at_work("m", scores, label, [], shadow=False)
    assert found.top_tenth == pytest.approx(0.5)
    assert (found.outcomes, found.children) == (4, 100)


def reading(value: float, of: str = "all") -> Reading:
    return Reading(
        model_id="m", measure=Measure.SCORE_DRIFT, of=of, label="", value=value, limit=1, children=9
    )


def test_an_alert_begins_where_none_stands_and_ends_where_one_does() -> None:
    stands = {("m", "score_drift", "b"): True, ("m", "score_drift", "d"): True}
    readings = [reading(2, "a"), reading(2, "b"), reading(0.5, "c"), reading(1, "d")]
    found = [(each.reading.of, each.raised) for each in turns(readings, stands)]
    assert found == [("a", True), ("d", False)]
