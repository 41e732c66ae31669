"""The county's clock: week by week, lines come out in the order in which they were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import IO

from domain.divisions import villages_of
from domain.errors import WrongUsageError
from simulation import director, harm, ledger
from simulation.journal import DAY, Journal
from simulation.parameters import Parameters
from simulation.people import People
from simulation.seasons import FIRST_YEAR, LAST_YEAR
from simulation.services import SERVICES
from simulation.state import Choose, County, Village, Worker
from simulation.truth import Truth


def simulate(
    params: Parameters | None = None,
    *,
    county: str = "520526",
    children: int = 5000,
    start: date,
    until: date,
    seed: int = 1,
    truth: IO[bytes] | Truth | None = None,
    drift: tuple[date, Parameters] | None = None,
    steer: tuple[date, Choose] | None = None,
    fates: bool = False,
) -> Iterator[bytes]:
    """CloudEvents lines (no newline) recorded from `start` to the day before `until`.

    The same arguments give the same bytes. `children` is how many are ever registered: most at
    once, in the census, the others over the whole time. Memory grows with families, not events.

    drift   from this day on the county lives by these numbers
    steer   from this day on the directors go where a list sends them. When it is asked on a
            Monday, every line recorded before that day has been given out
    fates   each life draws from chance of its own (simulation.state.County.turn)
    Raises WrongUsageError for a county without villages, or days outside the festival table.
    """
    _check(county, children, start, until)
    made = _found(params or Parameters(), county, start, seed, truth)
    made.fates = seed if fates else None
    made.steer = (steer[0].toordinal(), steer[1]) if steer is not None else None
    _settle(made, children)
    for service in made.services:
        service.begin(made)
    if drift is not None:
        made.agenda.at(drift[0].toordinal(), _change, drift[1])
    first, last = start.toordinal(), until.toordinal()
    _plan_entries(made, children, first, last)
    return _run(made, first, last)


def _check(county: str, children: int, start: date, until: date) -> None:
    if not villages_of(county):
        raise WrongUsageError(
            f"county: {county!r} is no county of Guizhou; send six digits such as 520526"
        )
    if children < 1:
        raise WrongUsageError(f"children: {children} must be at least 1")
    if until <= start:
        raise WrongUsageError(f"until: {until} must be later than from: {start}")
    if not FIRST_YEAR <= start.year <= until.year <= LAST_YEAR:
        raise WrongUsageError(
            f"from, until: {start} to {until}; the Spring Festival table has the years"
            f" {FIRST_YEAR} to {LAST_YEAR}"
        )


def _found(
    par: Parameters, code: str, start: date, seed: int, truth: IO[bytes] | Truth | None
) -> County:
    rng, aside = Random(seed), Random(f"{seed} aside")
    return County(
        code=code,
        start=start.toordinal(),
        rng=rng,
        aside=aside,
        par=par,
        people=People(rng, code),
        journal=Journal(rng, aside, par.same_day, par.within_week),
        truth=truth if isinstance(truth, Truth) else Truth(truth),
        services=SERVICES,
    )


def _change(made: County, _: int, par: Parameters) -> None:
    """The world is not what it was."""
    made.par = par
    made.journal.delays(par.same_day, par.within_week)


def _settle(made: County, children: int) -> None:
    """Villages with their workers, still without families."""
    every = villages_of(made.code)
    wanted = min(len(every), max(1, round(children / made.par.children_per_village)))
    supervisors: dict[str, Worker] = {}
    for place in sorted(made.rng.sample(every, wanted)):
        supervisor = supervisors.get(place.township_code)
        if supervisor is None:
            supervisor = supervisors[place.township_code] = director.hire(made)
            director.appoint_supervisor(made, made.start, supervisor, place.township_code)
        village = Village(place=place, director=director.hire(made), supervisor=supervisor)
        made.villages.append(village)
        director.appoint(made, made.start, village)


def _plan_entries(made: County, children: int, first: int, last: int) -> None:
    """When each family comes on the ledger, and where it lives."""
    par, rng = made.par, made.rng
    weights = [rng.lognormvariate(0.0, 0.45) for _ in made.villages]
    places = rng.choices(made.villages, weights, k=children)
    census = min(par.census_days, last - first)
    planned = 0
    while planned < children:
        size = min(children - planned, rng.choices((1, 2, 3), par.siblings)[0])
        if rng.random() < par.registered_at_census:
            day = first + rng.randrange(census)
        else:
            day = first + rng.randrange(last - first)
        made.agenda.at(day, ledger.enter, places[planned], size)
        planned += size


def _run(made: County, first: int, last: int) -> Iterator[bytes]:
    monday = first - (first - 1) % 7
    while monday < last:
        made.agenda.run(made, min(monday + 7, last))
        harm.week(made, monday, date.fromordinal(monday).isoformat())
        yield from made.journal.until(monday * DAY)
        for village in made.villages:
            director.week(made, monday, village)
        monday += 7
    yield from made.journal.until(last * DAY)
    for village in made.villages:
        for family in village.families:
            for child in family.children:
                if child.harm is not None and child.harm.start < last:
                    harm.close(made, child)
