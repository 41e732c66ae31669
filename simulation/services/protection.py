"""What follows when harm is seen: admonition, protection, temporary guardianship, courts.

Numbers: K, tunable; in step with domain.md §6 (temporary guardianships are rare).
"""

from __future__ import annotations

from datetime import date

from domain.courts import (
    AdviceBy,
    AdviceIssued,
    AdviceReplied,
    Applicant,
    GuardianshipRestored,
    OrderApplied,
    OrderDenied,
    OrderExpired,
    OrderExtended,
    OrderIssued,
    PublicInterestFiled,
    RevocationApplied,
    RevocationDecided,
    SuitSupported,
    SupervisionOrderIssued,
)
from domain.household import (
    AdmonishedByCommittee,
    FamilyEducationOrdered,
    OrderedBy,
    PoliceReprimanded,
    Shortcoming,
)
from domain.intervention import (
    AdoptionCompleted,
    CaseFiled,
    CaseKind,
    Fitness,
    GuardianshipEnded,
    GuardianshipEnding,
    GuardianshipNeedAssessed,
    GuardianshipReviewed,
    GuardianshipStarted,
    LongGuardianshipStarted,
    LongTermGround,
    NeedOfGuardianship,
    Placement,
    Protection,
    ProtectionTaken,
    SentBackAssessed,
    WarningLetterIssued,
)
from domain.lodging import MinorCheckin
from domain.mental_health import CrisisRecorded
from domain.terms import Department, Severity
from domain.visiting import ProblemKind
from simulation.journal import COMMITTEE, COURT, HEALTH, LEDGER, POLICE, PROCURATOR
from simulation.services.words import between, likely, say, turn
from simulation.state import Child, County, Service

NEGLECT = (ProblemKind.GUARDIANSHIP, ProblemKind.UNATTENDED)
ORDER_DAYS = 170


class Guardians(Service):
    """Committee, police, civil affairs and courts after harm; hotels and advice meanwhile."""

    def begin(self, county: County) -> None:
        """Hotels and advice go on by themselves."""
        county.agenda.at(between(county, county.start, 5, 20), _checkin)
        county.agenda.at(between(county, county.start, 30, 90), _advise)

    def harm_found(self, county: County, day: int, child: Child, kind: ProblemKind) -> None:
        """What is done about it, soon, late or never."""
        if kind in NEGLECT and likely(county, 0.75):
            event = AdmonishedByCommittee(shortcoming=Shortcoming.NEGLECT)
            say(county, COMMITTEE, event, between(county, day, 1, 22), child)
        if kind is ProblemKind.PSYCHOLOGY and likely(county, 0.3):
            say(county, HEALTH, CrisisRecorded(severity=Severity.SERIOUS), day, child)
        if kind is ProblemKind.ABUSE:
            _police(county, day, child)
            _court(county, day, child)
        if (kind is ProblemKind.ABUSE or kind in NEGLECT) and turn(county, "assessed", 4):
            _assess(county, between(county, day, 1, 20), child)


def _police(county: County, day: int, child: Child) -> None:
    if likely(county, 0.8):
        measure = county.aside.choice((*Protection,))
        say(county, COMMITTEE, ProtectionTaken(measure=measure), between(county, day, 0, 3), child)
    later = between(county, day, 5, 45)
    if likely(county, 0.4):
        say(county, POLICE, PoliceReprimanded(), later, child)
    if turn(county, "education", 6):
        ordered = FamilyEducationOrdered(ordered_by=OrderedBy.POLICE)
        say(county, POLICE, ordered, later, child)
    if turn(county, "warning", 6):
        say(county, POLICE, WarningLetterIssued(), later, child)
    if likely(county, 0.3):
        kind = CaseKind.CRIMINAL if likely(county, 0.5) else CaseKind.ADMINISTRATIVE
        say(county, POLICE, CaseFiled(kind=kind), later, child)


def _court(county: County, day: int, child: Child) -> None:
    if turn(county, "order", 3):
        _order(county, day, child)
    if turn(county, "revocation", 12):
        number, applied = county.number("cc"), between(county, day, 20, 60)
        begun = RevocationApplied(case_id=number, applicant=Applicant.CIVIL_AFFAIRS)
        say(county, COURT, begun, applied, child)
        decided = between(county, applied, 15, 45)
        granted = turn(county, "revoked", 2)
        say(county, COURT, RevocationDecided(case_id=number, granted=granted), decided, child)
        if granted:
            restored = between(county, decided, 95, 130)
            county.agenda.at(restored, _restore, number, child)
    for name, event in (
        ("suit", SuitSupported()),
        ("supervision", SupervisionOrderIssued()),
        ("public", PublicInterestFiled()),
    ):
        if turn(county, name, 10):
            say(county, PROCURATOR, event, between(county, day, 15, 90), child)


def _restore(county: County, day: int, number: str, child: Child) -> None:
    say(county, COURT, GuardianshipRestored(case_id=number), day, child)


def _order(county: County, day: int, child: Child) -> None:
    number, applied = county.number("cc"), between(county, day, 1, 10)
    begun = OrderApplied(case_id=number, applicant=Applicant.WOMEN)
    say(county, COURT, begun, applied, child)
    decided = between(county, applied, 0, 5)
    if turn(county, "denied", 5):
        say(county, COURT, OrderDenied(case_id=number), decided, child)
        return
    until = date.fromordinal(decided + ORDER_DAYS)
    say(county, COURT, OrderIssued(case_id=number, valid_until=until), decided, child)
    if turn(county, "extended", 4):
        renewed = decided + ORDER_DAYS - 10
        until = date.fromordinal(renewed + 90)
        county.agenda.at(renewed, _extend, OrderExtended(case_id=number, valid_until=until), child)
    else:
        ended = decided + ORDER_DAYS + 1
        county.agenda.at(ended, _extend, OrderExpired(case_id=number), child)


def _extend(county: County, day: int, event: OrderExtended | OrderExpired, child: Child) -> None:
    say(county, COURT, event, day, child)


def _assess(county: County, day: int, child: Child) -> None:
    met = turn(county, "met", 2)
    items = [NeedOfGuardianship.HARMED] if met else []
    say(county, LEDGER, GuardianshipNeedAssessed(met=met, items=items), day, child)
    if not met:
        return
    number, placement = county.number("tg"), county.aside.choice((*Placement,))
    started = between(county, day, 0, 5)
    begun = GuardianshipStarted(guardianship_id=number, placement=placement)
    say(county, LEDGER, begun, started, child)
    county.agenda.at(between(county, started, 30, 60), _review, number, child)


def _review(county: County, day: int, number: str, child: Child) -> None:
    reviewed = GuardianshipReviewed(guardianship_id=number, go_on=True)
    say(county, LEDGER, reviewed, day, child)
    county.agenda.at(between(county, day, 20, 90), _end, number, child)


def _end(county: County, day: int, number: str, child: Child) -> None:
    stays = turn(county, "long_term", 4)
    fitness = Fitness.UNFIT if stays else Fitness.FIT
    say(county, LEDGER, SentBackAssessed(fitness=fitness), day, child)
    ending = GuardianshipEnding.LONG_TERM if stays else GuardianshipEnding.SENT_BACK
    ended = GuardianshipEnded(guardianship_id=number, ending=ending)
    say(county, LEDGER, ended, day, child)
    if stays:
        ground, placement = LongTermGround.REVOKED, Placement.WELFARE
        say(county, LEDGER, LongGuardianshipStarted(ground=ground, placement=placement), day, child)
        if turn(county, "adopted", 3):
            adopted = between(county, day, 40, 60)
            event = AdoptionCompleted(registered_on=date.fromordinal(adopted))
            say(county, LEDGER, event, adopted, child)


def _checkin(county: County, day: int) -> None:
    """A hotel takes in a minor; most keep all five musts."""
    county.agenda.at(between(county, day, 10, 40), _checkin)
    kept = [likely(county, 0.95) for _ in range(5)]
    event = MinorCheckin(
        checked_id=kept[0],
        guardian_contacted=kept[1],
        relation_asked=kept[2],
        patrolled=kept[3],
        suspicion_handled=kept[4],
    )
    say(county, POLICE, event, day, place=county.code)


def _advise(county: County, day: int) -> None:
    county.agenda.at(between(county, day, 60, 150), _advise)
    number, replied = county.number("ad"), between(county, day, 10, 50)
    by = county.aside.choice((*AdviceBy,))
    issued = AdviceIssued(advice_id=number, by=by, to=Department.EDUCATION)
    say(county, PROCURATOR, issued, day, place=county.code)
    if likely(county, 0.9):
        answer = AdviceReplied(advice_id=number, accepted=likely(county, 0.8))
        county.agenda.at(replied, _answer, answer)


def _answer(county: County, day: int, answer: AdviceReplied) -> None:
    say(county, PROCURATOR, answer, day, place=county.code)
