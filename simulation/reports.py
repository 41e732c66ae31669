"""强制报告: from submission to feedback. The reporter's name goes to the receiving desk alone."""

from __future__ import annotations

from domain.event import Event
from domain.mandatory_report import (
    Disposal,
    FeedbackManner,
    Measure,
    ReportAccepted,
    ReportDisposed,
    ReporterKind,
    ReportFeedbackGiven,
    ReportInvestigated,
    ReportMeasureTaken,
    ReportReceived,
    ReportSubmitted,
    ReportTransferred,
    Situation,
    Substantiation,
)
from domain.terms import Department, Severity
from domain.visiting import FoundBy, ProblemKind
from simulation.journal import APP, DAY, POLICE
from simulation.seasons import age
from simulation.state import Child, County

HOUR = 3600
REPORTERS = {
    FoundBy.VISIT: ReporterKind.DIRECTOR,
    FoundBy.CONTACT: ReporterKind.DIRECTOR,
    FoundBy.SCHOOL: ReporterKind.SCHOOL,
    FoundBy.REPORT: ReporterKind.CITIZEN,
}


def _situation(county: County, day: int, child: Child, kind: ProblemKind) -> Situation:
    if kind is ProblemKind.UNATTENDED:
        return Situation.UNATTENDED
    if kind is ProblemKind.PSYCHOLOGY:
        return Situation.SELF_HARM
    if kind is not ProblemKind.ABUSE:
        return Situation.OTHER
    if child.id_number and int(child.id_number[16]) % 2 == 0 and county.chance(0.35):
        young = age(child.birth, day) < 14
        return Situation.GIRL_UNDER_14 if young else Situation.GIRL_OVER_14
    return Situation.VIOLENCE


def report(
    county: County, day: int, child: Child, kind: ProblemKind, by: FoundBy, *, true: bool
) -> None:
    """One report with all its stages, each recorded as it happens."""
    rng, number = county.rng, county.number("mr")
    moment = county.moment(day, 8, 21)
    desk = Department.POLICE if rng.random() < 0.7 else Department.CIVIL_AFFAIRS
    submitted = ReportSubmitted(
        report_id=number,
        situation=_situation(county, day, child, kind),
        severity=Severity.URGENT if true and rng.random() < 0.3 else Severity.SERIOUS,
        to=desk,
        reporter_kind=REPORTERS[by],
        reporter_name=county.people.elder_name(county.people.surname()),
        reporter_phone=county.people.phone(),
    )
    source = APP if by in (FoundBy.VISIT, FoundBy.CONTACT) else POLICE
    sent = county.journal.send(source, submitted, moment, child)
    when = sent.recorded
    for gap, fact in _stages(county, number, desk, true=true):
        when += gap + int(rng.random() * gap)
        county.agenda.at(when // DAY, _stage, child, fact, when)


def _stages(
    county: County, number: str, desk: Department, *, true: bool
) -> list[tuple[int, Event]]:
    """(least seconds since the stage before, event)."""
    rng = county.rng
    found: list[tuple[int, Event]] = [(HOUR // 4, ReportReceived(report_id=number, desk=desk))]
    if desk is not Department.POLICE and rng.random() < 0.5:
        desk = Department.POLICE
        found.append((3 * HOUR, ReportTransferred(report_id=number, to=desk)))
        found.append((HOUR // 2, ReportReceived(report_id=number, desk=desk)))
    found.append((4 * HOUR, ReportAccepted(report_id=number, desk=desk)))
    finding = Substantiation.SUBSTANTIATED if true else Substantiation.UNSUBSTANTIATED
    if not true and rng.random() < 0.25:
        finding = Substantiation.UNCLEAR
    found.append((96 * HOUR, ReportInvestigated(report_id=number, finding=finding)))
    if true:
        measure = rng.choice((*Measure,))
        found.append((12 * HOUR, ReportMeasureTaken(report_id=number, measure=measure)))
    outcome = Disposal.NO_ACTION
    if true:
        outcome = rng.choice((Disposal.CRIMINAL, Disposal.ADMINISTRATIVE, Disposal.GUIDANCE))
    found.append((120 * HOUR, ReportDisposed(report_id=number, outcome=outcome)))
    if rng.random() < 0.9:
        manner = rng.choice((*FeedbackManner,))
        found.append((24 * HOUR, ReportFeedbackGiven(report_id=number, manner=manner)))
    return found


def _stage(county: County, day: int, child: Child, fact: Event, moment: int) -> None:
    county.journal.send(POLICE, fact, max(moment, day * DAY + 8 * HOUR), child)
