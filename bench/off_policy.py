"""`python -m bench.off_policy`: do the off-policy intervals cover the truth? 100 runs on a county.

A county lives for half a year under a list (simulation.lab). Kept are each Monday's candidates with
their duties, and who is in harm that nobody has seen: the episodes themselves, which last for weeks
and end when they are found. On these weeks a run draws anew what chance decides: where the lot
falls, whether a listed visit is made, and what it sees, by the rule of simulation.director (someone
at home, the child spoken to alone, the director's skill). The list that was made goes by one noisy
view of the hidden hazard, the other list by another; the truth is the other list's expected finds.
The estimators see lists, propensities and finds alone, as `shouhe other-list` does.

What a find of a run would change in later weeks is not lived: the question is what one week's list
finds after the weeks that were.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from domain.foresight import ListedFor
from domain.visit_list import Candidate, Plan, Rules, plan
from infra.console import out, table
from risk.other_list import OtherList, Rows, compared
from simulation.county import simulate
from simulation.lab.closed_loop import HISTORY, LAW, Watch
from simulation.lab.policies import Steersman
from simulation.parameters import Parameters
from simulation.state import Pick

BEGIN = date(2025, 3, 3)
MADE = 0.9
"""Of the listed visits, so many are made."""

Floats = NDArray[np.float64]


class Week(NamedTuple):
    """A village in a week: candidates with the score of each list, and what a visit may find."""

    monday: date
    village: str
    ours: list[Candidate]
    others: list[Candidate]
    chance: list[float]
    minutes: int


class _Keeper(Steersman):
    """Makes the lists of the half-year, and keeps what they were made from."""

    def __init__(self, seed: int, watch: Watch) -> None:
        super().__init__("points", seed, settings=LAW)
        self.watch, self.kept = watch, list[tuple[int, str, list[Candidate], int]]()
        self.rates: dict[int, dict[str, float]] = {}

    def choose(
        self, monday: int, village: str, minutes: int, taken: frozenset[str]
    ) -> Sequence[Pick]:
        """Whom a director sees this week."""
        picks = super().choose(monday, village, minutes, taken)
        if monday not in self.rates:
            self.rates[monday] = dict(self.watch.hazards)
        known = [e for e in self._villages.get(village, []) if str(e.child_id) not in taken]
        self.kept.append((monday, village, known, minutes))
        return picks


def weeks(seed: int, children: int = 3000, number: int = 26) -> list[Week]:
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
    unseen = _unseen(keeper.watch)
    there = 1 - 1.8 * par.failed_attempts
    for monday, village, known, minutes in keeper.kept:
        eye = skill.setdefault(village, rng.uniform(*par.skill))
        alone = 0.15 + 0.5 * eye
        sees = par.found_at_visit * eye * (1.25 * alone + 0.8 * (1 - alone))
        rates = keeper.rates[monday]
        ours, others = list[Candidate](), list[Candidate]()
        chance = list[float]()
        for each in known:
            child = str(each.child_id)
            for view in (ours, others):
                score = min(1.0, rates.get(child, 0.0) * rng.lognormvariate(0.0, 0.8) / 4)
                view.append(msgspec.structs.replace(each, score=score))
            harmed = any(start <= monday + 3 < end for start, end in unseen.get(child, ()))
            chance.append(sees * there * harmed)
        if known:
            yield Week(date.fromordinal(monday), village, ours, others, chance, minutes)


def _unseen(watch: Watch) -> dict[str, list[tuple[int, int]]]:
    """Child → from when until when it was in harm that nobody had seen."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for each in watch.episodes:
        spans.setdefault(each.child, []).append((each.start, each.found or each.end))
    return spans


class Check(NamedTuple):
    """One figure over all runs: how often its interval covered, its mean, the truth, the width."""

    name: str
    covered: float
    mean: float
    truth: float
    width: float


class Checked(NamedTuple):
    """All figures of the runs in which something was said; in how many nothing was."""

    checks: list[Check]
    refused: int
    effective: float


def check(made: list[Week], runs: int, seed: int = 1, share: float = 0.05) -> Checked:
    """How the estimates of many runs stand to the truth. `share`: of the visits, by lot."""
    chance = np.concatenate([week.chance for week in made])
    others = [_listed(week, week.others, Rules(random_share=0), "") for week in made]
    other = _matrix(made, others)[0]
    named = other != ""
    truth = 100 * float(chance[named].mean())
    rng = np.random.default_rng(seed)
    found, own = [], []
    for run in range(runs):
        plans = [_listed(w, w.ours, Rules(random_share=share), f"{run} {w.village}") for w in made]
        lists = _matrix(made, plans)
        kinds = lists[0]
        rows = _rows(made, lists, other, rng.random((2, len(chance))), chance)
        own.append(100 * float(chance[kinds != ""].mean()))
        found.append(compared("other", rows, len({week.monday for week in made})))
    return _checked(found, truth, float(np.mean(own)))


def _listed(week: Week, candidates: list[Candidate], rules: Rules, lot: str) -> Plan:
    return plan(candidates, week.minutes, day=week.monday, rules=rules, worker=lot)


Lists = tuple[NDArray[np.str_], Floats, NDArray[np.bool_], NDArray[np.bool_]]
"""For what each candidate is visited, its propensity, whether a lot could fall, and did."""


def _matrix(made: list[Week], plans: list[Plan]) -> Lists:
    kinds, told, drawn, fell = [], [], [], []
    for week, listed in zip(made, plans, strict=True):
        lines = {line.child_id: line for line in listed.lines if line.propensity is not None}
        lot = any((line.propensity or 0) < 1 for line in lines.values())
        by_lot = any(
            ListedFor.RANDOM in {line.listed_for, line.raised_for} for line in lines.values()
        )
        for each in week.ours:
            line = lines.get(each.child_id)
            kinds.append((line.raised_for or line.listed_for).value if line else "")
            told.append((line.propensity or 0.0) if line else 1.0)
            drawn.append(lot)
            fell.append(by_lot)
    return np.array(kinds), np.array(told), np.array(drawn), np.array(fell)


def _rows(
    made: list[Week],
    lists: Lists,
    other: NDArray[np.str_],
    draws: Floats,
    chance: Floats,
) -> Rows:
    kinds, told, drawn, fell = lists
    return Rows(
        made=kinds,
        chance=told,
        other=other,
        drawn=drawn,
        fell=fell,
        looked=(kinds != "") & (draws[0] < MADE),
        found=draws[1] < chance,
        score=np.concatenate([[each.score or 0.0 for each in week.ours] for week in made]),
    )


def _checked(found: list[OtherList], truth: float, own: float) -> Checked:
    said = [each for each in found if not each.refused]
    names = list(said[0].estimates) if said else []
    checks = [_check(name, [_span(each, name) for each in said], truth) for name in names]
    gaps = [(e.difference.more_per_100, e.difference.low, e.difference.high)
            for e in said if e.difference is not None]  # fmt: skip
    if gaps:
        checks.append(_check("difference", gaps, truth - own))
    effective = float(np.mean([each.effective for each in found]))
    return Checked(checks, len(found) - len(said), effective)


def _span(each: OtherList, name: str) -> tuple[float, float, float]:
    estimate = each.estimates[name]
    return estimate.found_per_100, estimate.low, estimate.high


def _check(name: str, spans: list[tuple[float, float, float]], truth: float) -> Check:
    inside = [low <= truth <= high for _, low, high in spans]
    return Check(
        name,
        float(np.mean(inside)),
        float(np.mean([value for value, _, _ in spans])),
        truth,
        float(np.mean([high - low for _, low, high in spans])),
    )


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(prog="bench.off_policy", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--children", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--share", type=float, default=0.05, help="of the visits, by lot")
    options = parser.parse_args()
    made = weeks(options.seed, options.children)
    checked = check(made, options.runs, share=options.share)
    rows = [
        (c.name, f"{c.covered:.0%}", f"{c.mean:.2f}", f"{c.truth:.2f}", f"{c.width:.2f}")
        for c in checked.checks
    ]
    columns = ("finds per 100 visits", "covers the truth", "mean", "truth", "width")
    table(f"{options.runs} runs, {len(made)} lists", columns, rows)
    out(f"nothing said in {checked.refused}; visits by lot as if even: {checked.effective:.0f}")


if __name__ == "__main__":
    main()
