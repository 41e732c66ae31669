"""Years under several policies, side by side: what was prevented, how surely, and for whom.

Every figure compares the same children of the same seeds, so the unit is the household: its harm
days under two policies differ only by what visits did. Intervals are the 2.5 and 97.5 % quantiles
over RESAMPLES draws of households (Poisson bootstrap, fixed seed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulation.lab.closed_loop import Lived

RESAMPLES = 500
BASE, OTHER, MODEL = "none", "duty", "model"
Floats = NDArray[np.float64]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One policy over all seeds. (low, high) are 95 % intervals.

    prevented    harm days less than with visits at request alone, a 1,000 children
    ratio        prevented ÷ prevented under `duty`
    detection    days until harm was seen, or was over unseen
    missed       share of child-weeks with an overdue visit
    """

    policy: str
    prevented: float
    prevented_within: tuple[float, float]
    ratio: float
    ratio_within: tuple[float, float]
    detection: float
    missed: float
    visits: float
    found_at_visits: int


class GroupOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One group under a policy: harm days fewer than under `duty`, a 1,000 of its children."""

    policy: str
    group: str
    children: int
    fewer: float
    within: tuple[float, float]

    @property
    def worse_off(self) -> bool:
        """Surely worse off than under duty alone."""
        return self.within[1] < 0


def outcomes(years: Sequence[Lived]) -> list[Outcome]:
    """A row for each policy. `years`: each seed under each policy, `none` and `duty` among them."""
    by = _by_policy(years)
    base = _days(by[BASE], by[BASE])
    weights = _resamples(len(base))
    children = sum(each.children for each in by[BASE])
    duty = base - _days(by[OTHER], by[BASE])
    found = []
    for policy, lived in by.items():
        saved = base - _days(lived, by[BASE])
        draws, duty_draws = weights @ saved, weights @ duty
        ratios = draws / np.where(duty_draws > 0, duty_draws, np.nan)
        scale = 1000 / children
        found.append(
            Outcome(
                policy=policy,
                prevented=float(saved.sum()) * scale,
                prevented_within=_within(draws * scale),
                ratio=float(saved.sum() / duty.sum()) if duty.sum() else float("nan"),
                ratio_within=_within(ratios),
                detection=_mean(lived, [each.detection for each in lived]),
                missed=float(np.mean([each.missed for each in lived])),
                visits=sum(each.visits for each in lived) / children,
                found_at_visits=sum(each.found_at_visits for each in lived),
            )
        )
    return found


def groups(years: Sequence[Lived], policy: str, least: int = 30) -> list[GroupOutcome]:
    """A row for each group of at least so many children, the policy against `duty`."""
    by = _by_policy(years)
    names = sorted({name for each in by[OTHER] for own in each.groups.values() for name in own})
    found = []
    for name in names:
        counted = [
            (seed.harm_days.get(child, 0) - other.harm_days.get(child, 0), f"{seed.seed} {house}")
            for seed, other in zip(by[OTHER], by[policy], strict=True)
            for child, house in seed.houses.items()
            if name in seed.groups[child]
        ]
        if len(counted) < least:
            continue
        _, codes = np.unique([house for _, house in counted], return_inverse=True)
        fewer = np.bincount(codes, weights=[days for days, _ in counted])
        scale = 1000 / len(counted)
        found.append(
            GroupOutcome(
                policy=policy,
                group=name,
                children=len(counted),
                fewer=float(fewer.sum()) * scale,
                within=_within(_resamples(len(fewer)) @ fewer * scale),
            )
        )
    return found


class PartOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of the list's rules is worth, in shares of what duty alone prevents.

    part     the model's list without it, or with it otherwise
    lived    harm days that it prevents more than the list as it is; saved: the same, each visit
             counted by its chance to see what is there, which is less noisy (Lived.saved)
    """

    part: str
    lived: float
    lived_within: tuple[float, float]
    saved: float
    saved_within: tuple[float, float]


def parts(years: Sequence[Lived]) -> list[PartOutcome]:
    """A row for each way but `none`, `duty` and `model`, beside `model`, on the same lives."""
    by = _by_policy(years)
    like = by[BASE]
    weights = _resamples(len(_days(like, like)))
    days = {name: -_days(lived, like) for name, lived in by.items()}
    saved = {name: _by_house([e.saved for e in own], like) for name, own in by.items()}
    found = []
    for name in by:
        if name not in {BASE, OTHER, MODEL}:
            lived, expected = (_share(each, name, weights) for each in (days, saved))
            found.append(
                PartOutcome(
                    part=name,
                    lived=lived[0],
                    lived_within=lived[1],
                    saved=expected[0],
                    saved_within=expected[1],
                )
            )
    return found


def _share(
    by: Mapping[str, Floats], name: str, weights: Floats
) -> tuple[float, tuple[float, float]]:
    """(way less model) ÷ (duty less nobody), and its interval."""
    more, whole = by[name] - by[MODEL], by[OTHER] - by[BASE]
    drawn = weights @ whole
    shares = (weights @ more) / np.where(drawn > 0, drawn, np.nan)
    return float(more.sum() / whole.sum()), _within(shares)


def _by_policy(years: Sequence[Lived]) -> Mapping[str, list[Lived]]:
    by: dict[str, list[Lived]] = {}
    for each in sorted(years, key=lambda year: year.seed):
        by.setdefault(each.policy, []).append(each)
    return by


def _days(lived: Sequence[Lived], like: Sequence[Lived]) -> Floats:
    """Harm days of each household, the seeds one after the other, in the order of `like`."""
    return _by_house([each.harm_days for each in lived], like)


def _by_house(values: Sequence[Mapping[str, float]], like: Sequence[Lived]) -> Floats:
    """Child → number, added up by household, the seeds one after the other."""
    made = []
    for each, model in zip(values, like, strict=True):
        houses = sorted(set(model.houses.values()))
        place = {house: i for i, house in enumerate(houses)}
        total = np.zeros(len(houses))
        for child, number in each.items():
            if child in model.houses:
                total[place[model.houses[child]]] += number
        made.append(total)
    return np.concatenate(made)


def _resamples(count: int) -> Floats:
    rng = np.random.default_rng(20240531)
    drawn: Floats = rng.poisson(1.0, (RESAMPLES, count)).astype(np.float64)
    return drawn


def _within(draws: Floats) -> tuple[float, float]:
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _mean(lived: Sequence[Lived], values: Sequence[float]) -> float:
    weights = [each.episodes for each in lived]
    return float(np.average(values, weights=weights)) if sum(weights) else 0.0
