"""Schools: rules and lectures, screenings and what follows, dropouts brought back, pairings.

Numbers: K, tunable; so that every rule is met by most and broken by some.
"""

from __future__ import annotations

from functools import partial

from domain.activities import ActivityAttended, ActivityHeld, Host, Theme, Venue
from domain.child_file import SchoolStage
from domain.dropout import (
    DropoutCause,
    DropoutConfirmed,
    DropoutRelapsed,
    DropoutReportSubmitted,
    DropoutReturned,
    DropoutSuspected,
    Persuader,
    PersuasionMade,
    ReportLevel,
    TeachingPlanMade,
)
from domain.mental_health import (
    Band,
    CommunityRehabEnrolled,
    CounsellingDelivered,
    Counsellor,
    FollowupRecorded,
    Hotline,
    HotlineAdvised,
    LedgerEntry,
    LedgerEntryAdded,
    MedicalVisitConfirmed,
    MentalFileOpened,
    ReferralUrged,
    ScreeningCompleted,
)
from domain.schooling import (
    AbsenceFlagged,
    BoardingAssigned,
    BroughtIn,
    InClass,
    LegalVicePrincipalAssigned,
    PairedWith,
    PairingCreated,
    PairingEnded,
    PairingKind,
    PhonePolicySet,
    PublicEnrolled,
    SchoolRegistered,
    SchoolTransferred,
    VicePrincipalFrom,
)
from simulation.journal import EDUCATION, HEALTH, SCHOOL
from simulation.seasons import next_september
from simulation.services.words import YEAR, between, help_child, likely, say, turn
from simulation.state import Child, County, Service

STAGES = (SchoolStage.PRIMARY, SchoolStage.JUNIOR)
TAUGHT = (*STAGES, SchoolStage.SENIOR, SchoolStage.VOCATIONAL)
NUMBERS = (1, 2, 3)
"""As simulation/school.py names them."""

YEARLY = (
    (Theme.FIRST_BUTTON, 0.9),
    (Theme.GREEN_BOOKMARK, 0.85),
    (Theme.NETWORK_SAFETY, 0.85),
    (Theme.LIFE, 0.85),
    (Theme.SETBACK, 0.75),
    (Theme.PEER, 0.3),
)
"""How likely a school holds it in a school year."""


def code(township: str, stage: SchoolStage, number: int) -> str:
    """A school's code."""
    return f"S{township}-{stage.value[:2].upper()}{number}"


class Schools(Service):
    """Every school of every township, and its pupils on the ledger."""

    def begin(self, county: County) -> None:
        """Schools are registered, and their year begins."""
        for township in sorted({each.place.township_code for each in county.villages}):
            for stage in STAGES:
                for number in NUMBERS:
                    _found(county, county.start, township, (stage, number))

    def entered(self, county: County, day: int, child: Child) -> None:
        """From here on the child is screened each school year."""
        county.agenda.at(between(county, day, 20, 200), _screen, child)
        county.agenda.at(between(county, day, 30, YEAR), _join_in, child)

    def dropped_out(self, county: County, day: int, child: Child) -> None:
        """Suspected, confirmed, persuaded."""
        name = f"do-{child.key}"
        county.numbers[name] = county.numbers.get(name, 0) + 1
        number = _dropout(county, child)
        if likely(county, 0.8):
            absent = AbsenceFlagged(school_code=child.school, days=county.aside.randint(3, 15))
            say(county, SCHOOL, absent, day, child)
        say(county, SCHOOL, DropoutSuspected(dropout_id=number), day, child)
        confirmed = between(county, day, 3, 12)
        cause = county.aside.choice((*DropoutCause,))
        event = DropoutConfirmed(dropout_id=number, cause=cause)
        county.agenda.at(confirmed, help_child, EDUCATION, event, child)
        if likely(county, 0.85):
            by = county.aside.choice((*Persuader,))
            urged = PersuasionMade(dropout_id=number, by=by)
            county.agenda.at(between(county, confirmed, 1, 7), help_child, SCHOOL, urged, child)

    def came_back(self, county: County, day: int, child: Child) -> None:
        """A plan for the pupil, a place to board; a few leave again."""
        number = _dropout(county, child)
        say(county, SCHOOL, DropoutReturned(dropout_id=number), day, child)
        if likely(county, 0.8):
            plan, made = TeachingPlanMade(dropout_id=number), between(county, day, 2, 25)
            county.agenda.at(made, help_child, SCHOOL, plan, child)
        if likely(county, 0.4):
            say(county, EDUCATION, BoardingAssigned(school_code=child.school), day + 1, child)
        elif turn(county, "public", 3):
            say(county, EDUCATION, PublicEnrolled(school_code=child.school), day + 1, child)
        if turn(county, "relapse", 5):
            again = DropoutRelapsed(dropout_id=number)
            county.agenda.at(between(county, day, 30, 80), help_child, SCHOOL, again, child)


def _dropout(county: County, child: Child) -> str:
    name = f"do-{child.key}"
    return f"{name}-{county.numbers[name]}"


# --- a school ----------------------------------------------------------------------------------


def _found(county: County, day: int, township: str, which: tuple[SchoolStage, int]) -> None:
    stage, number = which
    own = code(township, stage, number)
    tell = partial(say, county, EDUCATION, place=township)
    tell(SchoolRegistered(school_code=own, stage=stage), day)
    if likely(county, 0.85):
        sent_by = county.aside.choice((*VicePrincipalFrom,))
        chosen = LegalVicePrincipalAssigned(school_code=own, sent_by=sent_by)
        tell(chosen, between(county, day, 10, 220))
    if likely(county, 0.9):
        right = likely(county, 0.9)
        policy = PhonePolicySet(
            school_code=own,
            brought_in=BroughtIn.LIMITED if right else BroughtIn.FREE,
            in_class=InClass.FORBIDDEN,
        )
        tell(policy, between(county, day, 5, 150))
    county.agenda.at(between(county, day, 20, 200), _school_year, own, township)
    county.agenda.at(between(county, day, 20, 120), _before_holiday, own, township)
    county.agenda.at(between(county, day, 5, 30), _report, own, township)


def _held(county: County, day: int, own: str, township: str, theme: Theme) -> None:
    event = ActivityHeld(
        activity_id=county.number("ac"),
        theme=theme,
        host=Host.SCHOOL,
        attendance=county.aside.randint(30, 600),
        school_code=own,
        venue=Venue.SCHOOL,
    )
    say(county, SCHOOL, event, day, place=township)


def _school_year(county: County, day: int, own: str, township: str) -> None:
    county.agenda.at(
        next_september(day) + county.aside.randint(10, 250), _school_year, own, township
    )
    for theme, chance in YEARLY:
        if likely(county, chance):
            _held(county, between(county, day, 0, 30), own, township, theme)


def _before_holiday(county: County, day: int, own: str, township: str) -> None:
    county.agenda.at(between(county, day, 170, 195), _before_holiday, own, township)
    if likely(county, 0.9):
        _held(county, day, own, township, Theme.SAFETY_LECTURE)


def _report(county: County, day: int, own: str, township: str) -> None:
    county.agenda.at(between(county, day, 28, 32), _report, own, township)
    if likely(county, 0.93):
        event = DropoutReportSubmitted(
            level=ReportLevel.SCHOOL, school_code=own, suspected=0, confirmed=0
        )
        say(county, SCHOOL, event, day, place=township)


# --- a pupil -----------------------------------------------------------------------------------


def _in_school(child: Child) -> bool:
    return bool(child.on_ledger and child.school and not child.out_of_school)


def _join_in(county: County, day: int, child: Child) -> None:
    """Once a year: clubs, pairings, a change of school."""
    county.agenda.at(between(county, day, 330, 400), _join_in, child)
    if not _in_school(child):
        return
    if likely(county, 0.75):
        say(county, SCHOOL, ActivityAttended(activity_id=county.number("ac")), day, child)
    if likely(county, 0.05):
        number, academic = county.number("pa"), likely(county, 0.7)
        kind = PairingKind.ACADEMIC if academic else PairingKind.HELPER
        with_whom = PairedWith.TEACHER if academic else PairedWith.NEIGHBOUR
        made = PairingCreated(pairing_id=number, kind=kind, paired_with=with_whom)
        say(county, SCHOOL, made, day, child)
        ended = PairingEnded(pairing_id=number)
        county.agenda.at(between(county, day, 90, 200), help_child, SCHOOL, ended, child)
    if turn(county, "transferred", 80):
        township = county.aside.choice(county.villages).place.township_code
        other = code(township, child.stage, 1)
        moved = SchoolTransferred(school_code=child.school, to_school_code=other)
        say(county, SCHOOL, moved, day, child)


def _screen(county: County, day: int, child: Child) -> None:
    """A screening each school year, for most."""
    county.agenda.at(next_september(day) + county.aside.randint(20, 280), _screen, child)
    if not _in_school(child) or child.stage not in TAUGHT or not likely(county, 0.88):
        return
    if turn(county, f"file {child.key}", 10_000) and likely(county, 0.9):
        say(county, SCHOOL, MentalFileOpened(), day, child)
    burden = min(max(child.strain, 0.0), 3.0)
    draw = county.aside.random()
    band = Band.NORMAL
    if draw < 0.01 + 0.01 * burden:
        band = Band.SUSPECTED_ILLNESS
    elif draw < 0.05 + 0.04 * burden:
        band = Band.NEEDS_COUNSELLING
    elif draw < 0.2:
        band = Band.ATTENTION
    say(county, SCHOOL, ScreeningCompleted(instrument="mhs-1", band=band), day, child)
    if band is Band.NEEDS_COUNSELLING:
        _counsel(county, day, child)
    if band is Band.SUSPECTED_ILLNESS:
        _refer(county, day, child)


def _counsel(county: County, day: int, child: Child) -> None:
    if likely(county, 0.85):
        talk = CounsellingDelivered(by=Counsellor.TEACHER, minutes=40)
        county.agenda.at(between(county, day, 3, 40), help_child, SCHOOL, talk, child)
    if likely(county, 0.75):
        entry = LedgerEntryAdded(entry=county.aside.choice((*LedgerEntry,)))
        county.agenda.at(between(county, day, 1, 35), help_child, SCHOOL, entry, child)
    if likely(county, 0.3):
        hotline = HotlineAdvised(hotline=county.aside.choice((*Hotline,)))
        say(county, SCHOOL, hotline, day + 1, child)


def _refer(county: County, day: int, child: Child) -> None:
    if not likely(county, 0.92):
        return
    number, urged = county.number("re"), between(county, day, 0, 9)
    say(county, SCHOOL, ReferralUrged(referral_id=number), urged, child)
    if not likely(county, 0.85):
        return
    visited = between(county, urged, 3, 40)
    say(county, HEALTH, MedicalVisitConfirmed(referral_id=number), visited, child)
    if likely(county, 0.85):
        followed = between(county, visited, 10, 100)
        say(county, HEALTH, FollowupRecorded(referral_id=number), followed, child)
    if turn(county, "community", 4):
        say(county, HEALTH, CommunityRehabEnrolled(), visited + 5, child)
