"""Other counties: rates and habits drawn anew, and a last stretch in which the world has changed.

A model that was developed on the standard county must also serve counties that nobody looked at
while it was made. Widths of the draws: K, as far from the standard as counties may well be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import exp
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from simulation.parameters import Parameters

COUNTIES = ("520281", "520402", "520524", "520525", "520581", "520624", "520628", "522631")
"""Each with villages enough; the standard county 520526 is not among them."""


class Variant(NamedTuple):
    """A county's own numbers, and those that hold after the drift."""

    county: str
    params: Parameters
    drifted: Parameters


def variant(seed: int) -> Variant:
    """The county of a number: the same number, the same county."""
    rng = Random(f"{seed} variant")
    par = _habits(rng, _people(rng, _harm(rng, Parameters())))
    return Variant(rng.choice(COUNTIES), par, _drifted(rng, par))


def _by(rng: Random, sd: float) -> float:
    """A factor around 1."""
    return exp(rng.gauss(0.0, sd))


def _factors(rng: Random, values: Mapping[str, float], sd: float) -> Mapping[str, float]:
    return MappingProxyType({name: value * _by(rng, sd) for name, value in values.items()})


def _harm(rng: Random, par: Parameters) -> Parameters:
    """How often harm comes, from what, how long it lasts, and who else sees it."""
    return replace(
        par,
        harm_level=par.harm_level + rng.uniform(-0.35, 0.35),
        effects=_factors(rng, par.effects, 0.25),
        frailty=par.frailty * _by(rng, 0.1),
        stress_noise=par.stress_noise * _by(rng, 0.1),
        violence=par.violence * _by(rng, 0.3),
        harm_weeks=(rng.randint(4, 9), rng.randint(30, 48)),
        found_by_school=par.found_by_school * _by(rng, 0.5),
        found_by_others=par.found_by_others * _by(rng, 0.5),
        minor_problem=par.minor_problem * _by(rng, 0.2),
        concern=par.concern * _by(rng, 0.2),
        concern_slope=par.concern_slope * _by(rng, 0.15),
    )


def _people(rng: Random, par: Parameters) -> Parameters:
    """Who lives there: poverty, work elsewhere, carers, calls."""
    both = rng.uniform(0.58, 0.78)
    return replace(
        par,
        children_per_village=rng.uniform(18.0, 36.0),
        siblings=(rng.uniform(0.45, 0.65), 0.33, rng.uniform(0.06, 0.16)),
        poor=rng.uniform(0.18, 0.42),
        divorced=rng.uniform(0.07, 0.16),
        both_away=both,
        father_only_away=min(0.95 - both, rng.uniform(0.16, 0.28)),
        home_at_festival=rng.uniform(0.70, 0.92),
        home_in_summer=rng.uniform(0.12, 0.35),
        parent_event=par.parent_event * _by(rng, 0.25),
        carer_nobody=par.carer_nobody * _by(rng, 0.3),
        carer_illness=par.carer_illness * _by(rng, 0.25),
        delegate_late=rng.uniform(0.18, 0.45),
        delegate_never=rng.uniform(0.08, 0.28),
        weekly_contact=rng.uniform(0.30, 0.50),
        logs_every_week=rng.uniform(0.05, 0.25),
    )


def _habits(rng: Random, par: Parameters) -> Parameters:
    """How directors work and how soon things are written down."""
    care, eye, hours = rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), rng.uniform(0.8, 1.2)
    return replace(
        par,
        diligence=(par.diligence[0] + care, min(1.0, par.diligence[1] + care)),
        skill=(par.skill[0] + eye, par.skill[1] + eye),
        director_hours=(par.director_hours[0] * hours, par.director_hours[1] * hours),
        director_turnover=par.director_turnover * _by(rng, 0.4),
        random_visits=rng.uniform(0.02, 0.08),
        order_noise=rng.uniform(0.05, 0.45),
        failed_attempts=rng.uniform(0.05, 0.15),
        false_reports=par.false_reports * _by(rng, 0.4),
        same_day=rng.uniform(0.60, 0.88),
        within_week=rng.uniform(0.06, 0.11),
        corrected=par.corrected * _by(rng, 0.4),
        retracted=par.retracted * _by(rng, 0.4),
    )


def _drifted(rng: Random, par: Parameters) -> Parameters:
    """The world moves on: causes weigh otherwise, schools see more or less, papers come later."""
    return replace(
        par,
        harm_level=par.harm_level + rng.uniform(-0.25, 0.25),
        effects=_factors(rng, par.effects, 0.25),
        found_by_school=par.found_by_school * _by(rng, 0.4),
        found_by_others=par.found_by_others * _by(rng, 0.4),
        concern=par.concern * _by(rng, 0.15),
        home_at_festival=min(0.95, par.home_at_festival + rng.uniform(-0.1, 0.1)),
        order_noise=rng.uniform(0.05, 0.45),
        same_day=par.same_day - rng.uniform(0.0, 0.1),
    )
