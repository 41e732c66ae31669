"""What another list would have found: estimates that are right on average and own up to doubt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from risk.off_policy import Logged, doubly_robust, inverse_propensity, self_normalised

ESTIMATORS = (inverse_propensity, self_normalised, doubly_robust)
WEEKS, CHILDREN, LOT = 600, 8, 0.5


def _world(seed: int) -> tuple[Logged, Any, float]:
    """Lists of three of eight, the third at times by lot; the other list shares two of them."""
    rng = np.random.default_rng(seed)
    chance = np.tile(np.linspace(0.3, 0.02, CHILDREN), WEEKS)
    place = np.tile(np.arange(CHILDREN), WEEKS)
    propensity = np.where(place < 2, 1.0, LOT / (CHILDREN - 2))
    propensity[place == 2] = 1 - LOT + LOT / (CHILDREN - 2)
    visited = place < 2
    drawn = np.where(rng.random(WEEKS) < LOT, rng.integers(2, CHILDREN, WEEKS), 2)
    visited[np.arange(WEEKS) * CHILDREN + drawn] = True
    found = (rng.random(len(chance)) < chance) * visited
    other = ((place == 1) | (place == 2) | (place == 4)).astype(float)
    logged = Logged(propensity, visited, found, chance * 0.5)
    return logged, other, 100 * float((chance * other).sum() / other.sum())


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_estimates_are_right_on_average_and_their_intervals_cover_the_truth(estimate: Any) -> None:
    worlds = [_world(seed) for seed in range(100)]
    made = [(estimate(logged, other), truth) for logged, other, truth in worlds]
    assert np.mean([e.found_per_100 for e, _ in made]) == pytest.approx(made[0][1], rel=0.08)
    covered = np.mean([e.low <= truth <= e.high for e, truth in made])
    assert 0.90 <= covered <= (1.0 if estimate is inverse_propensity else 0.99)


def test_the_list_that_was_made_is_estimated_by_what_it_found() -> None:
    logged, _, _ = _world(1)
    own = inverse_propensity(logged, logged.propensity)
    seen = 100 * logged.found.sum() / logged.propensity.sum()
    assert own.found_per_100 == pytest.approx(seen)
    assert own.support == pytest.approx(1.0, abs=0.05)


def test_children_whom_the_list_never_visits_give_no_support() -> None:
    logged, _, _ = _world(1)
    often = logged.propensity > 0.1
    bare = Logged(
        np.where(often, logged.propensity, 0.0),
        logged.visited & often,
        logged.found,
        logged.guess,
    )
    beyond = (np.tile(np.arange(CHILDREN), WEEKS) == 4).astype(float)
    assert inverse_propensity(bare, beyond).support == 0.0
