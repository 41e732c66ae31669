"""School: enrolled each September, boarding, dropping out, coming back."""

from __future__ import annotations

from domain.child_file import (
    RiskFactor,
    SchoolEnrolled,
    SchoolLeaving,
    SchoolLeft,
    SchoolStage,
)
from simulation import ledger
from simulation.journal import SCHOOL
from simulation.seasons import age, next_september, school_year_start
from simulation.state import Child, County

STAGES = (
    (3, SchoolStage.KINDERGARTEN, 0),
    (6, SchoolStage.PRIMARY, 1),
    (12, SchoolStage.JUNIOR, 7),
    (15, SchoolStage.SENIOR, 10),
)
"""Age on 1 September, stage, its first grade."""


def _place(child: Child, day: int) -> tuple[SchoolStage, int]:
    years = age(child.birth, school_year_start(day))
    found = (SchoolStage.PRESCHOOL, 0)
    for least, stage, first in STAGES:
        if years >= least:
            found = (stage, first + years - least if first else 0)
    return found


def begin(county: County, day: int, child: Child) -> None:
    """The school a child is in when its file is opened."""
    stage, _ = _place(child, day)
    if stage is SchoolStage.SENIOR and county.chance(0.4):
        stage = SchoolStage.VOCATIONAL
    enrol(county, day, child)
    county.agenda.at(next_september(day), new_year, child)


def enrol(county: County, day: int, child: Child) -> None:
    """In school; the school says so."""
    stage, grade = _place(child, day)
    if stage is SchoolStage.PRESCHOOL or grade > 12:
        return
    boarding = 0.55 if grade >= 7 else 0.12 if grade >= 3 else 0.0
    if child.stage is not stage:
        township = child.family.village.place.township_code
        child.school = f"S{township}-{stage.value[:2].upper()}{county.rng.randint(1, 3)}"
    child.stage, child.out_of_school = stage, False
    enrolled = SchoolEnrolled(
        school_code=child.school, stage=stage, grade=grade, boarding=county.chance(boarding)
    )
    county.journal.send(SCHOOL, enrolled, county.moment(day), child)


def new_year(county: County, day: int, child: Child) -> None:
    """The first of September: a grade up, perhaps another school."""
    county.agenda.at(next_september(day), new_year, child)
    if not child.on_ledger or child.out_of_school:
        return
    stage, _ = _place(child, day)
    if child.school and stage is not child.stage:
        left = SchoolLeft(school_code=child.school, reason=SchoolLeaving.GRADUATED)
        county.journal.send(SCHOOL, left, county.moment(day, 6, 7), child)
        child.school = ""
    enrol(county, day, child)


def drop_out(county: County, day: int, child: Child) -> None:
    """The child no longer comes. Most are brought back (应返尽返)."""
    if not child.school or child.out_of_school or not child.on_ledger:
        return
    child.out_of_school = True
    left = SchoolLeft(school_code=child.school, reason=SchoolLeaving.DROPPED_OUT)
    county.journal.send(SCHOOL, left, county.moment(day), child)
    for service in county.services:
        service.dropped_out(county, day, child)
    ledger.record_factor(county, day + 3, child, RiskFactor.TRUANCY)
    if county.chance(0.8):
        county.agenda.at(day + county.rng.randint(20, 120), come_back, child)


def come_back(county: County, day: int, child: Child) -> None:
    """Persuaded to return."""
    if child.on_ledger and child.out_of_school:
        enrol(county, day, child)
        for service in county.services:
            service.came_back(county, day, child)
        county.agenda.at(day + 60, _no_longer_truant, child)


def _no_longer_truant(county: County, day: int, child: Child) -> None:
    if not child.out_of_school:
        ledger.record_factor(county, day, child, RiskFactor.TRUANCY, present=False)
