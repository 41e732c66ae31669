"""The county's, the prefecture's and the province's year: activities, data matches, reports.

One table says what happens how often, and how likely in a year. Numbers: K, tunable.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from domain.activities import (
    ActivityHeld,
    ActivityPlanned,
    FamilyEducationHeld,
    Host,
    LegalVisitMade,
    ParentSchoolHeld,
    Theme,
    TypicalCasePublished,
    Venue,
)
from domain.dropout import DropoutReportSubmitted, ReportLevel
from domain.employment import EmploymentService, ServiceDelivered, TrainingCompleted
from domain.event import Event, Level
from domain.governance import (
    AnnualReportSubmitted,
    AuditCompleted,
    CensusCompleted,
    DataMatchRun,
    Findings,
    ImpactAssessed,
    InspectionDone,
    InspectionForm,
    InspectionLevel,
    Medium,
    PriorityListAdopted,
    PublicityPublished,
    ResponsibilityTableSubmitted,
    Stage,
    StageReportSubmitted,
    SupervisionRecorded,
)
from domain.mental_health import PsychTrainingCompleted, TeacherTraining
from domain.network import (
    Handling,
    IncidentDisposed,
    IncidentKind,
    IncidentReported,
    Mechanism,
    MechanismEstablished,
    Platform,
    ViolationHandled,
)
from domain.society import (
    Engagement,
    OrgCommended,
    OrgEngaged,
    OrgKind,
    OrgRegistered,
    Programme,
    ProjectStarted,
    VolunteerChecked,
    VolunteerEnded,
    VolunteerPaired,
    VolunteerRegistered,
)
from domain.terms import Department
from domain.tightening import SettingTightened
from simulation.journal import (
    CYBERSPACE,
    EDUCATION,
    LABOUR,
    LEDGER,
    POLICE,
    WOMEN,
    YOUTH,
    Desk,
)
from simulation.services.words import YEAR, between, likely, say, turn
from simulation.state import Child, County, Service

DIGITS: dict[Level, int] = {"province": 2, "prefecture": 4, "county": 6}


class Yearly(NamedTuple):
    """What comes round: who says it, where, every how many days, how likely each time."""

    desk: Desk
    level: Level
    days: int
    chance: float
    made: Callable[[County, int], Event]


def _act(theme: Theme, host: Host) -> Callable[[County, int], Event]:
    return lambda county, _: ActivityHeld(
        activity_id=county.number("ac"),
        theme=theme,
        host=host,
        attendance=county.aside.randint(20, 400),
        venue=Venue.VILLAGE,
    )


def _match(partner: Department) -> Callable[[County, int], Event]:
    return lambda county, _: DataMatchRun(
        partner=partner,
        matched=county.aside.randint(800, 5000),
        mismatched=county.aside.randint(0, 90),
    )


def _dropouts(level: ReportLevel) -> Callable[[County, int], Event]:
    return lambda county, _: DropoutReportSubmitted(
        level=level, suspected=county.aside.randint(0, 20), confirmed=county.aside.randint(0, 5)
    )


def _inspected(level: InspectionLevel) -> Callable[[County, int], Event]:
    return lambda county, _: InspectionDone(
        level=level, form=county.aside.choice((*InspectionForm,))
    )


def _year(day: int) -> int:
    return date.fromordinal(day).year


QUARTER, HALF = 88, 175
YEARLY: tuple[Yearly, ...] = (
    *(
        Yearly(YOUTH, "county", YEAR, 0.85, _act(theme, host))
        for theme, host in (
            (Theme.RULE_OF_LAW, Host.JUSTICE),
            (Theme.CONSTITUTION, Host.JUSTICE),
            (Theme.CIVIL_CODE, Host.COURT),
            (Theme.YOUNG_PIONEERS, Host.YOUTH),
            (Theme.MORAL, Host.CIVIL_AFFAIRS),
            (Theme.PRACTICE, Host.YOUTH),
            (Theme.SUMMER_CAMP, Host.YOUTH),
            (Theme.MANDATORY_REPORT, Host.CIVIL_AFFAIRS),
            (Theme.SAFETY_PUBLICITY, Host.EDUCATION),
            (Theme.SAFETY_INTO_VILLAGE, Host.EDUCATION),
            (Theme.SAFETY_INTO_VILLAGE, Host.POLICE),
            (Theme.SAFETY_INTO_VILLAGE, Host.CIVIL_AFFAIRS),
            (Theme.SAFETY_INTO_VILLAGE, Host.YOUTH),
        )
    ),
    Yearly(WOMEN, "county", 500, 0.7, _act(Theme.SAFETY_INTO_VILLAGE, Host.WOMEN)),
    Yearly(YOUTH, "county", YEAR, 0.9, lambda c, _: ActivityPlanned(
        activity_id=c.number("ac"), theme=Theme.PRACTICE)),
    Yearly(WOMEN, "county", QUARTER, 0.9, lambda c, _: FamilyEducationHeld(
        attendance=c.aside.randint(20, 90))),
    Yearly(LEDGER, "county", HALF, 0.6, lambda c, _: ParentSchoolHeld(
        attendance=c.aside.randint(20, 90))),
    Yearly(LEDGER, "county", HALF, 0.9, lambda c, _: LegalVisitMade(
        attendance=c.aside.randint(5, 60))),
    Yearly(LEDGER, "county", YEAR, 0.8, lambda _, __: TypicalCasePublished(
        published_by=Host.COURT)),
    Yearly(EDUCATION, "county", YEAR, 0.85, lambda c, _: PsychTrainingCompleted(
        training=c.aside.choice((*TeacherTraining,)), heads=c.aside.randint(10, 80))),
    Yearly(EDUCATION, "county", QUARTER, 0.9, _dropouts(ReportLevel.COUNTY)),
    Yearly(EDUCATION, "prefecture", HALF, 0.9, _dropouts(ReportLevel.PREFECTURE)),
    Yearly(EDUCATION, "province", YEAR, 0.9, _dropouts(ReportLevel.PROVINCE)),
    Yearly(LEDGER, "county", QUARTER, 0.85, _match(Department.EDUCATION)),
    Yearly(LEDGER, "county", QUARTER, 0.75, _match(Department.POLICE)),
    Yearly(LABOUR, "county", HALF, 0.9, lambda c, _: TrainingCompleted(
        left_behind_woman=turn(c, "women", 2), heads=c.aside.randint(20, 120))),
    Yearly(CYBERSPACE, "county", 40, 0.9, lambda c, _: ViolationHandled(
        platform=c.aside.choice((*Platform,)), handling=c.aside.choice((*Handling,)))),
    Yearly(LEDGER, "county", 500, 0.6, _inspected(InspectionLevel.PREFECTURE)),
    Yearly(LEDGER, "prefecture", YEAR, 0.6, _inspected(InspectionLevel.PROVINCE)),
    Yearly(LEDGER, "county", YEAR, 0.9, lambda _, day: PriorityListAdopted(year=_year(day))),
    Yearly(LEDGER, "province", YEAR, 0.9, lambda c, _: SupervisionRecorded(
        department=c.aside.choice((*Department,)))),
    Yearly(LEDGER, "county", HALF, 0.9, lambda c, _: PublicityPublished(
        medium=c.aside.choice((*Medium,)))),
    Yearly(LEDGER, "county", 500, 0.9, lambda _, __: ImpactAssessed(purpose="risk-scores")),
    Yearly(LEDGER, "county", YEAR, 0.6, lambda c, day: AuditCompleted(
        year=_year(day), findings=c.aside.choice((*Findings,)))),
    Yearly(YOUTH, "county", YEAR, 0.9, lambda c, _: ProjectStarted(
        programme=c.aside.choice((*Programme,)))),
)  # fmt: skip

STAGES = (
    (date(2025, 5, 20), Stage.INTERIM),
    (date(2026, 5, 25), Stage.GOALS),
    (date(2026, 10, 20), Stage.CONSOLIDATION),
)
"""In time (M3 to M5); half of the prefectures are a month late."""
TABLE_SENT = date(2024, 6, 10)
CENSUS = (date(2024, 9, 1), date(2025, 2, 10))


class Offices(Service):
    """Everything of YEARLY, and the milestones of the plan."""

    def begin(self, county: County) -> None:
        """Each thing begins somewhere in its first round."""
        for each in YEARLY:
            county.agenda.at(between(county, county.start, 5, each.days), _again, each)
        prefecture = county.code[:4]
        late = timedelta(days=30 if likely(county, 0.5) else 0)
        table = ResponsibilityTableSubmitted(tasks=18)
        _on(county, TABLE_SENT + late, table, prefecture)
        for day, stage in STAGES:
            _on(county, day + late, StageReportSubmitted(stage=stage), prefecture)
        for year in range(2024, 2031):
            when = date(year, 11, 20) if year % 3 else date(year, 12, 9)
            _on(county, when, AnnualReportSubmitted(year=year), prefecture)
        first, last = (each.toordinal() for each in CENSUS)
        for village in county.villages:
            done = date.fromordinal(county.aside.randint(first, last))
            if likely(county, 0.95):
                _on(county, done, CensusCompleted(children=25), village.place.code)
            county.agenda.at(between(county, county.start, 20, YEAR), _jobs, village.place.code)
        for mechanism in Mechanism:
            built = MechanismEstablished(mechanism=mechanism)
            if mechanism is not Mechanism.OPINION_RESPONSE:
                say(county, CYBERSPACE, built, between(county, county.start, 30, 300),
                    place=county.code)  # fmt: skip
        county.agenda.at(between(county, county.start, 10, 40), _incident)
        county.agenda.at(between(county, county.start, 60, 200), _tighten)
        _organisations(county, county.start)

    def entered(self, county: County, day: int, child: Child) -> None:
        """Now and then a volunteer takes care of a child."""
        if turn(county, "volunteer", 30):
            _volunteer(county, between(county, day, 40, 200), child)


def _again(county: County, day: int, each: Yearly) -> None:
    county.agenda.at(between(county, day, each.days - 12, each.days + 12), _again, each)
    if likely(county, each.chance):
        place = county.code[: DIGITS[each.level]]
        say(county, each.desk, each.made(county, day), day, place=place)


def _on(county: County, when: date, event: Event, place: str) -> None:
    if when.toordinal() >= county.start:
        county.agenda.at(when.toordinal(), _say_it, event, place)


def _say_it(county: County, day: int, event: Event, place: str) -> None:
    say(county, LEDGER, event, day, place=place)


def _jobs(county: County, day: int, place: str) -> None:
    county.agenda.at(between(county, day, 200, 420), _jobs, place)
    kind = county.aside.choice((*EmploymentService,))
    event = ServiceDelivered(type=kind, heads=county.aside.randint(3, 30))
    say(county, LABOUR, event, day, place=place)


def _tighten(county: County, day: int) -> None:
    """The county has pupils in need counselled within four weeks (T2.6), from two months on."""
    place, holds = county.code, date.fromordinal(day + 60)
    event = SettingTightened(rule="T2.6", key="T2.6", longest=28, place=place, valid_from=holds)
    say(county, LEDGER, event, day, place=place)


def _incident(county: County, day: int) -> None:
    county.agenda.at(between(county, day, 20, 60), _incident)
    number, kind = county.number("ni"), county.aside.choice((*IncidentKind,))
    reported = IncidentReported(incident_id=number, kind=kind)
    say(county, CYBERSPACE, reported, day, place=county.code)
    if likely(county, 0.92):
        settled = IncidentDisposed(incident_id=number, handling=county.aside.choice((*Handling,)))
        county.agenda.at(between(county, day, 1, 10), _dispose, settled)


def _dispose(county: County, day: int, settled: IncidentDisposed) -> None:
    say(county, CYBERSPACE, settled, day, place=county.code)


def _organisations(county: County, day: int) -> None:
    for kind in OrgKind:
        number = county.number("org")
        say(county, LEDGER, OrgRegistered(org_id=number, kind=kind), day, place=county.code)
        county.agenda.at(between(county, day, 30, 300), _engage, number)


def _engage(county: County, day: int, number: str) -> None:
    county.agenda.at(between(county, day, 200, 500), _engage, number)
    form = county.aside.choice((*Engagement,))
    say(county, LEDGER, OrgEngaged(org_id=number, form=form), day, place=county.code)
    if turn(county, "commended", 3):
        say(county, LEDGER, OrgCommended(org_id=number), day + 20, place=county.code)


def _volunteer(county: County, day: int, child: Child) -> None:
    number, place = county.number("vo"), child.family.village.place.code
    say(county, YOUTH, VolunteerRegistered(volunteer_id=number), day, place=place)
    checked = between(county, day, 2, 15)
    say(county, POLICE, VolunteerChecked(volunteer_id=number, clear=True), checked, place=place)
    county.agenda.at(between(county, checked, 20, 40), _pair, number, child)


def _pair(county: County, day: int, number: str, child: Child) -> None:
    if not child.on_ledger:
        return
    say(county, YOUTH, VolunteerPaired(volunteer_id=number), day, child)
    ended = VolunteerEnded(volunteer_id=number)
    county.agenda.at(between(county, day, 100, 300), _part, ended, child.family.village.place.code)


def _part(county: County, day: int, ended: VolunteerEnded, place: str) -> None:
    say(county, YOUTH, ended, day, place=place)
