"""The committee and the county about a child: its file, plan, guidance, alerts, applications.

Numbers: K, tunable; so that every rule is met by most and broken by some.
"""

from __future__ import annotations

from domain.care_plan import (
    AgedOut,
    AlertAcknowledged,
    AlertClosed,
    AlertKind,
    AlertRaised,
    CarePlanAdopted,
    CharityAidGiven,
    ChildDied,
    ConsentGiven,
    ConsentTo,
    ConsentWithdrawn,
    FileClosed,
    FileClosing,
    FileOpened,
    HelpMeasure,
    NationalSystemSynced,
    NeedMatched,
    WorkKind,
    WorklogAdded,
)
from domain.child_file import Category, Leaving
from domain.eligibility import (
    Accepted,
    Applied,
    Checked,
    Confirmed,
    Notified,
    Refused,
    Rejected,
)
from domain.household import (
    ChildReunited,
    Disaster,
    DisasterHit,
    GuidanceGiven,
    GuidanceTopic,
    HouseholdRegistered,
    IncomeStatus,
    IncomeStatusSet,
)
from domain.institutions import AdultOrphanHelp, OrphanHelped
from domain.network import GuardianGuided
from domain.subsidy import Benefit
from simulation.journal import APP, COMMITTEE, EDUCATION, LEDGER, TOWNSHIP
from simulation.seasons import age, birthday
from simulation.services.words import YEAR, between, help_child, likely, say, turn
from simulation.state import Child, County, Service

ADULT = 18


class Families(Service):
    """Who keeps the file and guides the family."""

    def entered(self, county: County, day: int, child: Child) -> None:
        """A file is opened, most often in time; a plan follows."""
        _file(county, day, child)
        family = child.family
        if likely(county, 0.5):
            members = 2 + len(family.children)
            house = HouseholdRegistered(
                household_id=f"hh-{family.children[0].key}", members=members
            )
            say(county, COMMITTEE, house, day, child)
        status = IncomeStatus.SUBSISTENCE if family.poor else IncomeStatus.NONE
        if family.poor or likely(county, 0.3):
            say(county, LEDGER, IncomeStatusSet(status=status), day, child)
        if likely(county, 0.6):
            say(county, COMMITTEE, ConsentGiven(to=ConsentTo.RECORDING), day, child)
            if turn(county, "withdrawn", 90):
                gone = ConsentWithdrawn(to=ConsentTo.RECORDING)
                county.agenda.at(between(county, day, 30, 300), help_child, COMMITTEE, gone, child)
        if family.poor and likely(county, 0.4):
            _apply(county, day, child)
        county.agenda.at(between(county, day, 10, YEAR), _yearly, child)
        sixteen = birthday(child.birth, 16)
        if sixteen > day:
            county.agenda.at(sixteen, help_child, LEDGER, AgedOut(years=16), child)

    def left(self, county: County, day: int, child: Child, reason: Leaving) -> None:
        """The file is closed; some go to live with their parents."""
        if likely(county, 0.8):
            say(county, COMMITTEE, FileClosed(reason=FileClosing.LEFT), day, child)
        years = age(child.birth, day)
        if reason is Leaving.AGED_OUT and years >= ADULT:
            say(county, LEDGER, AgedOut(years=ADULT), day, child)
            if {Category.ORPHAN, Category.DE_FACTO} & {*child.categories}:
                orphan = OrphanHelped(help=county.aside.choice((*AdultOrphanHelp,)))
                say(county, LEDGER, orphan, between(county, day, 10, 120), child)
        elif reason is Leaving.AGED_OUT and turn(county, "died", 60):
            died = ChildDied(by_accident=True)
            county.agenda.at(between(county, day, 30, 90), _bury, died, child)
        if reason is Leaving.PARENT_BACK and turn(county, "reunited", 8):
            say(county, LEDGER, ChildReunited(), day, child)


def _bury(county: County, day: int, died: ChildDied, child: Child) -> None:
    if not child.on_ledger:
        say(county, LEDGER, died, day, child)


def _file(county: County, day: int, child: Child) -> None:
    def later(least: int, most: int, desk: object, event: object) -> None:
        county.agenda.at(between(county, day, least, most), help_child, desk, event, child)

    if likely(county, 0.96):
        late = likely(county, 0.08)
        opened = FileOpened(parts_complete=likely(county, 0.9))
        later(31 if late else 1, 90 if late else 25, COMMITTEE, opened)
    if likely(county, 0.9):
        later(2, 36, LEDGER, NationalSystemSynced())
    if likely(county, 0.85):
        plan = CarePlanAdopted(
            responsible_person=child.family.village.director.worker_id,
            measures=county.aside.sample((*HelpMeasure,), 2),
        )
        later(5, 70, APP, plan)
        if likely(county, 0.3):
            later(20, 90, LEDGER, NeedMatched(need=plan.measures[0]))


def _yearly(county: County, day: int, child: Child) -> None:
    """Guidance once a year for most; now and then more."""
    county.agenda.at(between(county, day, 250, 460), _yearly, child)
    if not child.on_ledger:
        return
    if likely(county, 0.85):
        topics = county.aside.sample((*GuidanceTopic,), 2)
        say(county, COMMITTEE, GuidanceGiven(topics=topics), day, child)
    if likely(county, 0.6):
        say(county, APP, WorklogAdded(kind=county.aside.choice((*WorkKind,))), day, child)
    if likely(county, 0.1):
        say(county, EDUCATION, GuardianGuided(), day, child)
    if likely(county, 0.05):
        aid = CharityAidGiven(org_id=f"org-{county.code}-1", amount_fen=50_000)
        say(county, LEDGER, aid, day, child)
    if turn(county, "disaster", 150):
        hit = DisasterHit(disaster=county.aside.choice((*Disaster,)), severe=likely(county, 0.5))
        say(county, LEDGER, hit, day, child)
    if turn(county, "alert", 25):
        _alert(county, day, child)


def _alert(county: County, day: int, child: Child) -> None:
    number = county.number("al")
    kind = county.aside.choice((*AlertKind,))
    say(county, TOWNSHIP, AlertRaised(alert_id=number, kind=kind), day, child)
    if likely(county, 0.9):
        seen = between(county, day, 1, 3)
        say(county, TOWNSHIP, AlertAcknowledged(alert_id=number), seen, child)
        closed = AlertClosed(alert_id=number, founded=likely(county, 0.6))
        county.agenda.at(between(county, day, 4, 30), help_child, TOWNSHIP, closed, child)


def _apply(county: County, day: int, child: Child) -> None:
    number = county.number("ap")
    say(county, COMMITTEE, Applied(application_id=number, benefit=Benefit.SUBSISTENCE), day, child)
    accepted = between(county, day, 0, 6)
    checked = between(county, accepted, 3, 20)
    in_order = likely(county, 0.9)
    steps: list[tuple[int, object]] = [
        (accepted, Accepted(application_id=number)),
        (checked, Checked(application_id=number, in_order=in_order)),
    ]
    decided = between(county, checked, 3, 25)
    if in_order:
        steps.append((decided, Confirmed(application_id=number)))
    else:
        steps.append((decided, Rejected(application_id=number, reason=Refused.PAPERS)))
    if likely(county, 0.9):
        steps.append((between(county, decided, 0, 6), Notified(application_id=number)))
    for when, event in steps:
        county.agenda.at(when, help_child, TOWNSHIP, event, child)
