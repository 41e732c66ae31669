"""Directors: checked, filed, trained, judged and paid; and villages that need a second one.

Numbers: K, tunable; so that every rule is met by most and broken by some.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from domain.terms import WorkerRole
from domain.worker_service import (
    AdditionRecommended,
    BackgroundChecked,
    DutyListIssued,
    Evaluation,
    QualificationChecked,
    TrainingAttended,
    TrainingFileOpened,
    TrainingHeld,
    TrainingLevel,
    TrainingMode,
    WorkerEvaluated,
    WorkerPaid,
    WorkerSynced,
)
from simulation.journal import LEDGER
from simulation.services.words import YEAR, between, likely, say
from simulation.state import County, Service, Village

MANY = 30
"""T16.2: more children than this, and a second director is recommended."""


class Workers(Service):
    """The county's and the prefecture's care for their directors."""

    def begin(self, county: County) -> None:
        """Duty lists, trainings, and each village's year."""
        issued = DutyListIssued(role=WorkerRole.DIRECTOR)
        say(county, LEDGER, issued, between(county, county.start, 30, 200), place=county.code)
        county.agenda.at(between(county, county.start, 20, 200), _prefecture_trains)
        county.agenda.at(between(county, county.start, 20, 200), _county_trains)
        for village in county.villages:
            county.agenda.at(between(county, county.start, 60, YEAR), _year, village)

    def appointed(self, county: County, day: int, village: Village) -> None:
        """A new director is checked and put on file."""
        worker = village.director.worker_id
        tell = partial(say, county, LEDGER, place=village.place.code)
        if likely(county, 0.9):
            tell(QualificationChecked(worker_id=worker, fit=True), between(county, day, 1, 110))
        if likely(county, 0.85):
            tell(BackgroundChecked(worker_id=worker, clear=True), between(county, day, 0, 30))
        if likely(county, 0.9):
            tell(WorkerSynced(worker_id=worker), between(county, day, 1, 45))
        if likely(county, 0.85):
            tell(TrainingFileOpened(worker_id=worker), between(county, day, 1, 45))


def _year(county: County, day: int, village: Village) -> None:
    """What happens to a village's director once a year."""
    county.agenda.at(between(county, day, 330, 390), _year, village)
    worker, place = village.director.worker_id, village.place.code
    tell = partial(say, county, LEDGER, place=place)
    if likely(county, 0.88):
        training = f"tr-{county.code}-{date.fromordinal(day).year}"
        tell(TrainingAttended(worker_id=worker, training_id=training, hours=8.0), day)
    if likely(county, 0.85):
        result = county.aside.choice((*Evaluation,))
        tell(WorkerEvaluated(worker_id=worker, result=result), between(county, day, 5, 40))
    if likely(county, 0.7):
        tell(BackgroundChecked(worker_id=worker, clear=True), between(county, day, 5, 40))
    if likely(county, 0.5):
        month = date.fromordinal(day).isoformat()[:7]
        tell(WorkerPaid(worker_id=worker, amount_fen=120_000, period=month), day + 3)
    children = sum(child.on_ledger for each in village.families for child in each.children)
    if children > MANY and likely(county, 0.7):
        tell(AdditionRecommended(children=children), between(county, day, 5, 60))


def _trained(
    county: County, day: int, place: str, level: TrainingLevel, mode: TrainingMode
) -> None:
    held = TrainingHeld(
        training_id=f"tr-{place}-{date.fromordinal(day).year}",
        level=level,
        mode=mode,
        attendance=county.aside.randint(20, 200),
    )
    say(county, LEDGER, held, day, place=place)


def _prefecture_trains(county: County, day: int) -> None:
    county.agenda.at(between(county, day, 330, 400), _prefecture_trains)
    mode = TrainingMode.OFFLINE if likely(county, 0.6) else TrainingMode.ONLINE
    _trained(county, day, county.code[:4], TrainingLevel.PREFECTURE, mode)


def _county_trains(county: County, day: int) -> None:
    county.agenda.at(between(county, day, 300, 390), _county_trains)
    _trained(county, day, county.code, TrainingLevel.COUNTY, TrainingMode.MIXED)
