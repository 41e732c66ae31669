"""Children's homes, waters, institutions, hazards: what stands in a county, and who looks after it.

Numbers: K, tunable; so that every rule is met by most and broken by some.
"""

from __future__ import annotations

from functools import partial

from domain.institutions import (
    ChildrenHomeRegistered,
    DemoHomeDesignated,
    HomeService,
    HomeServiceDelivered,
    InstitutionInspected,
    InstitutionKind,
    InstitutionRegistered,
    InstitutionStatus,
    InstitutionStatusChanged,
    RehabDesignated,
    Resource,
    ResourceAllocated,
    UpgradeCompleted,
)
from domain.safety import (
    AccidentKind,
    AccidentRecorded,
    HazardFound,
    HazardInspected,
    HazardKind,
    HazardResolved,
    SiteKind,
    WaterKind,
    WaterSiteEquipped,
    WaterSitePatrolled,
    WaterSiteRegistered,
)
from domain.terms import Severity
from simulation.journal import COMMITTEE, EDUCATION, LEDGER, RIVERS
from simulation.seasons import in_summer
from simulation.services.words import YEAR, between, likely, say, turn
from simulation.state import County, Service


class Places(Service):
    """Every place is known from the first day; its care goes on by itself."""

    def begin(self, county: County) -> None:
        """A home in every third village, a water in every second, the county's institutions."""
        for number, village in enumerate(county.villages):
            if number % 3 == 0:
                _home(county, county.start, village.place.code)
            if number % 2 == 0:
                _water(county, county.start, village.place.code)
        _institutions(county, county.start)
        county.agenda.at(between(county, county.start, 10, 60), _inspect)
        county.agenda.at(between(county, county.start, 90, 200), _accident)


# --- children's homes and waters ---------------------------------------------------------------


def _home(county: County, day: int, place: str) -> None:
    number = county.number("ch")
    known = ChildrenHomeRegistered(
        home_id=number, supervised=likely(county, 0.95), run_by_committee=likely(county, 0.9)
    )
    say(county, COMMITTEE, known, day, place=place)
    if turn(county, "demo", 5):
        demo = DemoHomeDesignated(home_id=number, relocation_community=likely(county, 0.5))
        say(county, LEDGER, demo, between(county, day, 100, 300), place=place)
    county.agenda.at(between(county, day, 5, 60), _serve, number, place)


def _serve(county: County, day: int, number: str, place: str) -> None:
    county.agenda.at(between(county, day, 30, 100), _serve, number, place)
    event = HomeServiceDelivered(home_id=number, service=county.aside.choice((*HomeService,)))
    say(county, COMMITTEE, event, day, place=place)


def _water(county: County, day: int, place: str) -> None:
    number = county.number("wa")
    kind = county.aside.choice((*WaterKind,))
    say(county, RIVERS, WaterSiteRegistered(site_id=number, kind=kind), day, place=place)
    _equip(county, between(county, day, 5, 80), number, place)
    county.agenda.at(between(county, day, 2, 30), _patrol, number, place)


def _equip(county: County, day: int, number: str, place: str) -> None:
    there = [likely(county, 0.96) for _ in range(4)]
    event = WaterSiteEquipped(
        site_id=number,
        warning_sign=there[0],
        life_ring=there[1],
        rope=there[2],
        pole=there[3],
        barrier=likely(county, 0.5),
    )
    say(county, RIVERS, event, day, place=place)


def _patrol(county: County, day: int, number: str, place: str) -> None:
    gap = 28 if likely(county, 0.9) else 70
    county.agenda.at(between(county, day, 15, gap), _patrol, number, place)
    say(county, RIVERS, WaterSitePatrolled(site_id=number), day, place=place)
    if likely(county, 0.03):
        _equip(county, day + 1, number, place)


# --- institutions ------------------------------------------------------------------------------


def _institutions(county: County, day: int) -> None:
    tell = partial(say, county, LEDGER)
    for kind in InstitutionKind:
        number = county.number("in")
        tell(InstitutionRegistered(institution_id=number, kind=kind), day, place=county.code)
        county.agenda.at(between(county, day, 60, YEAR), _inspected, number)
        first = between(county, day, 1, 20)
        status = InstitutionStatusChanged(institution_id=number, status=InstitutionStatus.BUILT)
        tell(status, first, place=county.code)
        if kind is not InstitutionKind.CARE:
            transformed = InstitutionStatus.TRANSFORMED
            status = InstitutionStatusChanged(institution_id=number, status=transformed)
            tell(status, between(county, first, 100, 500), place=county.code)
    number = county.number("in")
    place = county.code[:4]
    regional = InstitutionRegistered(institution_id=number, kind=InstitutionKind.WELFARE)
    tell(regional, day, place=place)
    tell(UpgradeCompleted(institution_id=number), between(county, day, 200, 500), place=place)
    tell(RehabDesignated(institution_id=number), between(county, day, 200, 400), place=place)


def _inspected(county: County, day: int, number: str) -> None:
    county.agenda.at(between(county, day, 300, 430), _inspected, number)
    passed = likely(county, 0.9)
    event = InstitutionInspected(institution_id=number, passed=passed)
    say(county, LEDGER, event, day, place=county.code)
    if likely(county, 0.6):
        spare = ResourceAllocated(institution_id=number, resource=county.aside.choice((*Resource,)))
        say(county, LEDGER, spare, between(county, day, 5, 60), place=county.code)


# --- hazards and accidents ---------------------------------------------------------------------


def _inspect(county: County, day: int) -> None:
    """An inspection a fortnight; every third finds something."""
    county.agenda.at(between(county, day, 10, 18), _inspect)
    site, hazard = county.aside.choice((*SiteKind,)), county.aside.choice((*HazardKind,))
    place = county.aside.choice(county.villages).place.code
    say(county, EDUCATION, HazardInspected(site=site, hazard=hazard), day, place=place)
    if not turn(county, "hazard", 3):
        return
    number = county.number("hz")
    found = HazardFound(hazard_id=number, site=site, hazard=hazard, severity=Severity.MINOR)
    say(county, EDUCATION, found, day, place=place)
    if likely(county, 0.9):
        solved = HazardResolved(hazard_id=number)
        county.agenda.at(between(county, day, 3, 45), _solve, solved, place)


def _solve(county: County, day: int, solved: HazardResolved, place: str) -> None:
    say(county, EDUCATION, solved, day, place=place)


def _accident(county: County, day: int) -> None:
    """Few, and more in summer (domain.md §6: 0.1 deaths a 1,000 files and year)."""
    county.agenda.at(between(county, day, 60, 240), _accident)
    kind = AccidentKind.DROWNING if in_summer(day) else AccidentKind.TRAFFIC
    event = AccidentRecorded(kind=kind, deaths=0, injured=county.aside.randint(1, 2))
    say(county, EDUCATION, event, day, place=county.aside.choice(county.villages).place.code)
