"""`python -m bench.off_policy`: do the off-policy intervals cover the truth? 100 runs on a county.

A county lives for half a year with the list's own planner running beside it (simulation.lab). Kept
are each Monday's candidates with their duties, and their hidden rates of harm. On these weeks a run
draws anew what chance decides: where the lot falls; who is in harm (rate × mean length of an
episode); and what a visit sees, by the rule of simulation.director (someone at home, the child
spoken to alone, the director's skill). The list that
was made goes by one noisy view of the hidden hazard, the other list by another; the truth is the
other list's expected finds. The estimators see lists, propensities and finds alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np

from domain.visit_list import Candidate, Plan, Rules, plan
from infra.console import out, table
from risk.off_policy import Estimate, Logged, doubly_robust, inverse_propensity, self_normalised
from simulation.county import simulate
from simulation.lab.closed_loop import HISTORY, Watch
from simulation.lab.policies import Steersman
from simulation.parameters import Parameters

BEGIN = date(2025, 3, 3)
RULES = Rules(random_share=0.1, information_share=0.0)
ESTIMATORS: dict[str, Callable[[Logged, np.ndarray], Estimate]] = {
    "inverse propensity": inverse_propensity,
    "self-normalised": self_normalised,
    "doubly robust": doubly_robust,
}


class Week(NamedTuple):
    """A village in a week: candidates with the score of each list, and what a visit may find."""

    monday: date
    village: str
    ours: list[Candidate]
    others: list[Candidate]
    chance: list[float]
    minutes: int


class _Keeper(Steersman):
    """Keeps the candidates and who is in harm; sends nobody anywhere."""

    def __init__(self, seed: int, watch: Watch) -> None:
        super().__init__("none", seed)
        self.watch, self.kept = watch, list[tuple[int, str, list[Candidate], int]]()
        self.rates: dict[int, dict[str, float]] = {}

    def choose(
        self, monday: int, village: str, minutes: int, taken: frozenset[str]
    ) -> list[object]:  # type: ignore[override]  # no picks
        super().choose(monday, village, minutes, taken)
        if monday not in self.rates:
            self.rates[monday] = dict(self.watch.hazards)
        self.kept.append((monday, village, self._villages.get(village, []), minutes))
        return []


def weeks(seed: int, children: int = 600, number: int = 26) -> list[Week]:
    """What is kept of a county."""
    watch = Watch()
    keeper = _Keeper(seed, watch)
    first = BEGIN - HISTORY / 3
    until = date.fromordinal(BEGIN.toordinal() + 7 * number)
    for line in simulate(
        children=children, start=first, until=until, seed=seed, truth=watch,
        steer=(BEGIN, keeper.choose), fates=True,
    ):  # fmt: skip
        keeper.record.observe(line)
    return list(_scored(keeper, Random(seed)))  # noqa: S311 - a seeded generator is the point


def _scored(keeper: _Keeper, rng: Random) -> Iterator[Week]:
    par = Parameters()
    skill: dict[str, float] = {}
    lasts = sum(par.harm_weeks) / 2 / 52
    for monday, village, known, minutes in keeper.kept:
        eye = skill.setdefault(village, rng.uniform(*par.skill))
        alone = 0.15 + 0.5 * eye
        sees = par.found_at_visit * eye * (1.25 * alone + 0.8 * (1 - alone))
        there = 1 - 1.8 * par.failed_attempts
        rates = keeper.rates[monday]
        ours, others, chance = [], [], []
        for each in known:
            rate = rates.get(str(each.child_id), 0.0)
            for view in (ours, others):
                score = min(1.0, rate * rng.lognormvariate(0.0, 0.8) / 4)
                view.append(msgspec.structs.replace(each, score=score))
            chance.append(sees * there * min(0.9, rate * lasts))
        if known:
            yield Week(
                date.fromordinal(monday), village, ours, others, chance, max(600, 2 * minutes)
            )


def _listed(week: Week, candidates: list[Candidate], rules: Rules, lot: str) -> Plan:
    return plan(candidates, week.minutes, day=week.monday, rules=rules, worker=lot)


class Check(NamedTuple):
    """One estimator over all runs: how often the interval covered, mean estimate, mean width."""

    name: str
    covered: float
    mean: float
    width: float


def check(made: list[Week], runs: int, seed: int = 1) -> tuple[float, list[Check]]:
    """(the other list's true finds per 100 visits, how each estimator did)."""
    chance = np.concatenate([week.chance for week in made])
    other = _matrix(made, [_listed(w, w.others, Rules(random_share=0), "") for w in made])[0]
    truth = 100 * float((chance * other).sum() / other.sum())
    guess = np.concatenate([[0.03 * (c.score or 0) for c in week.ours] for week in made])
    cluster = np.concatenate([[i] * len(week.ours) for i, week in enumerate(made)])
    rng = np.random.default_rng(seed)
    estimates: dict[str, list[Estimate]] = {name: [] for name in ESTIMATORS}
    for run in range(runs):
        plans = [_listed(w, w.ours, RULES, f"{run} {w.village}") for w in made]
        visited, told = _matrix(made, plans)
        found = (rng.random(len(chance)) < chance) * visited
        logged = Logged(told, visited > 0, found, cluster, guess)
        for name, estimate in ESTIMATORS.items():
            estimates[name].append(estimate(logged, other))
    return truth, [_check(name, each, truth) for name, each in estimates.items()]


def _matrix(made: list[Week], plans: list[Plan]) -> tuple[np.ndarray, np.ndarray]:
    """(visited 0 or 1, propensity) of every candidate of every week."""
    visited, told = [], []
    for week, listed in zip(made, plans, strict=True):
        lines = {line.child_id: line.propensity for line in listed.lines if line.task == "visit"}
        visited += [float(each.child_id in lines) for each in week.ours]
        told += [lines.get(each.child_id) or 0.0 for each in week.ours]
    return np.array(visited), np.array(told)


def _check(name: str, estimates: list[Estimate], truth: float) -> Check:
    inside = [each.low <= truth <= each.high for each in estimates]
    return Check(
        name,
        float(np.mean(inside)),
        float(np.mean([each.found_per_100 for each in estimates])),
        float(np.mean([each.high - each.low for each in estimates])),
    )


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(prog="bench.off_policy", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--children", type=int, default=600)
    parser.add_argument("--seed", type=int, default=51)
    options = parser.parse_args()
    made = weeks(options.seed, options.children)
    truth, checks = check(made, options.runs)
    out(f"the other list's true finds per 100 visits: {truth:.2f}")
    rows = [(c.name, f"{c.covered:.0%}", f"{c.mean:.2f}", f"{c.width:.2f}") for c in checks]
    table(f"{options.runs} runs", ("estimator", "covers the truth", "mean", "width"), rows)


if __name__ == "__main__":
    main()
