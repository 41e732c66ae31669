"""Directors who go where a list sends them, so that lists can be compared on the same lives.

Requests come first, whoever makes the list: where harm was found, someone asked for a visit. The
minutes that are left go to the list, from its top, until they are spent. Siblings are seen on one
way, on one day.
"""

from __future__ import annotations

from domain.terms import WorkerRole
from domain.visiting import FoundBy, Selection
from simulation import director, harm
from simulation.state import Child, County, Pick, Village

VISIT_MINUTES = 60
"""A visit at request, with the way."""


def week(county: County, monday: int, village: Village, minutes: int) -> None:
    """One week of one director, who has so many minutes."""
    if county.steer is None:
        return
    known = {
        child.key: child
        for family in village.families
        for child in family.children
        if child.on_ledger and child.registered < monday
    }
    asked = [each for each in known.values() if each.asked_for and each.asked_for <= monday]
    days: dict[int, int] = {}
    for child in asked:
        _visit(county, monday, child, Selection.REQUEST, days)
    left = max(0, minutes - VISIT_MINUTES * len(asked))
    taken = frozenset(each.key for each in asked)
    for pick in county.steer[1](monday, village.place.code, left, taken):
        if pick.child in known:
            _do(county, monday, known[pick.child], pick, days)


def _do(county: County, monday: int, child: Child, pick: Pick, days: dict[int, int]) -> None:
    if not pick.call:
        _visit(county, monday, child, pick.why, days)
        return
    county.turn("call", monday, child)
    worker = child.family.village.director
    day = monday + county.rng.randrange(7)
    director.call(county, day, child, worker, WorkerRole.DIRECTOR)
    seen = county.chance(county.par.found_by_contact * worker.skill)
    if seen and child.harm is not None and child.harm.start <= day:
        harm.discover(county, day, child, FoundBy.CONTACT)


def _visit(county: County, monday: int, child: Child, why: Selection, days: dict[int, int]) -> None:
    """`days`: household → the day of this week on which the director goes there."""
    county.turn("visit", monday, child)
    drawn = monday + county.rng.randrange(7)
    day = days.setdefault(id(child.family), drawn)
    director.go(county, day, child, child.family.village.director, why, siblings=False)
