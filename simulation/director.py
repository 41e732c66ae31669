"""What a child director does in a week: visits by duty, on request, at random; calls."""

from __future__ import annotations

from datetime import date
from math import exp

from domain.child_file import RecordRetracted
from domain.event import Event
from domain.terms import Channel, Severity, Tier, WorkerRole
from domain.visiting import (
    Checklist,
    Concern,
    ContactLogged,
    ContactWith,
    Finding,
    FoundBy,
    NotVisited,
    ProblemKind,
    Selection,
    VisitAttemptFailed,
    VisitCompleted,
)
from domain.workforce import Position, WorkerAppointed, WorkerEnded
from simulation import agreements, harm, ledger, reports, steering
from simulation.journal import APP, LEDGER, TOWNSHIP, Desk, Sent
from simulation.seasons import busy
from simulation.state import Child, County, Village, Worker

DAY = 86_400
KINDS = {
    Concern.LIVING: ProblemKind.LIVING,
    Concern.GUARDIANSHIP: ProblemKind.GUARDIANSHIP,
    Concern.SCHOOLING: ProblemKind.SCHOOLING,
    Concern.HEALTH: ProblemKind.HEALTH,
    Concern.PSYCHOLOGY: ProblemKind.PSYCHOLOGY,
    Concern.SAFETY: ProblemKind.SAFETY,
    Concern.INTERNET: ProblemKind.INTERNET,
}
SHOWS_AS = {
    ProblemKind.ABUSE: Concern.PSYCHOLOGY,
    ProblemKind.UNATTENDED: Concern.GUARDIANSHIP,
    **{kind: concern for concern, kind in KINDS.items()},
}
AVERAGE_STRAIN = 2.0
ALONE, NOT_ALONE = 1.25, 0.8
"""A child that is spoken to alone tells more."""
POSITIONS = (Position.DEPUTY_HEAD, Position.DEPUTY_HEAD, Position.MEMBER, Position.HIRED)
"""T16.1: half of them deputy heads. K: tunable."""
NOTES = (
    "{child}在家写作业,{carer}在地里干活。",
    "{carer}说{child}最近吃饭睡觉都好。",
    "与{carer}谈了防溺水和用电安全。",
    "{child}想念父母,约好周末视频。",
    "{carer}身体不太好,请邻居多照看。",
)


# --- the workers -------------------------------------------------------------------------------


def hire(county: County) -> Worker:
    """A director as they come: some have time, some care, some see."""
    par, rng = county.par, county.rng
    return Worker(
        worker_id=county.number("w"),
        hours=round(rng.uniform(*par.director_hours) * 2) / 2,
        diligence=rng.uniform(*par.diligence),
        skill=rng.uniform(*par.skill),
    )


def appoint(county: County, day: int, village: Village) -> None:
    """A director takes office; one day another will."""
    worker = village.director
    fact = WorkerAppointed(
        worker_id=worker.worker_id,
        role=WorkerRole.DIRECTOR,
        place=village.place.code,
        weekly_hours=worker.hours,
        position=county.aside.choice(POSITIONS),
    )
    county.journal.send(LEDGER, fact, county.moment(day, 6, 7))
    for service in county.services:
        service.appointed(county, day, village)
    stays = 60 + int(county.rng.expovariate(county.par.director_turnover) * 365)
    county.agenda.at(day + stays, _succeed, village)


def _succeed(county: County, day: int, village: Village) -> None:
    ended = WorkerEnded(worker_id=village.director.worker_id)
    county.journal.send(LEDGER, ended, county.moment(day, 5, 6))
    village.director = hire(county)
    appoint(county, day, village)


def appoint_supervisor(county: County, day: int, worker: Worker, township: str) -> None:
    """A supervisor takes office in a township."""
    fact = WorkerAppointed(
        worker_id=worker.worker_id,
        role=WorkerRole.SUPERVISOR,
        place=township,
        weekly_hours=worker.hours,
    )
    county.journal.send(LEDGER, fact, county.moment(day, 6, 7))


# --- calls -------------------------------------------------------------------------------------


def begin(county: County, day: int, child: Child) -> None:
    """From now on the child is called every month, and by the supervisor once a year."""
    county.agenda.at(day + county.rng.randint(2, 30), monthly, child, day)
    county.agenda.at(day + county.rng.randint(20, 350), yearly, child, day)


def monthly(county: County, day: int, child: Child, since: int) -> None:
    """T8.5, as far as the director keeps to it."""
    if not child.on_ledger:
        return
    county.agenda.at(day + county.rng.randint(25, 34), monthly, child, since)
    director = child.family.village.director
    if not county.chance(0.25 + 0.75 * director.diligence):
        return
    call(county, day, child, director, WorkerRole.DIRECTOR)
    if child.harm is not None and child.harm.start <= day:
        if county.chance(county.par.found_by_contact * director.skill):
            harm.discover(county, day, child, FoundBy.CONTACT)
    elif county.chance(county.par.false_reports / 12):
        reports.report(county, day, child, ProblemKind.ABUSE, FoundBy.REPORT, true=False)


def yearly(county: County, day: int, child: Child, since: int) -> None:
    """T8.4, by the township's supervisor."""
    if child.on_ledger:
        county.agenda.at(day + county.rng.randint(330, 380), yearly, child, since)
        if county.chance(0.93):
            worker = child.family.village.supervisor
            call(county, day, child, worker, WorkerRole.SUPERVISOR)


def call(county: County, day: int, child: Child, worker: Worker, by: WorkerRole) -> None:
    """One call, mostly by telephone."""
    rng = county.rng
    young = day - child.birth < 7 * 365
    whom = ContactWith.CARER if young or rng.random() < 0.35 else ContactWith.CHILD
    if child.family.away and rng.random() < 0.12:
        whom = ContactWith.PARENT
    draw = rng.random()
    channel = Channel.PHONE if draw < 0.6 else Channel.VIDEO if draw < 0.8 else Channel.IN_PERSON
    fact = ContactLogged(by=by, channel=channel, with_whom=whom, minutes=rng.randint(3, 20))
    director = by is WorkerRole.DIRECTOR
    desk, rule = (APP, "T8.5") if director else (TOWNSHIP, "T8.4")
    moment = county.moment(day, 9, 20)
    sent = county.journal.send(desk, fact, moment, child, actor=worker.worker_id, rule=rule)
    if county.chance(county.par.retracted):
        _retract(county, desk, child, worker, sent)


# --- visits ------------------------------------------------------------------------------------


def week(county: County, monday: int, village: Village) -> None:
    """The director's visits of one week."""
    rng, director = county.rng, village.director
    county.turn("director", monday, village)
    if not county.chance(0.35 + 0.65 * director.diligence):
        return
    hours = director.hours * (1.0 - busy(monday)) * rng.uniform(0.6, 1.1)
    if county.steer is not None and county.steer[0] <= monday:
        steering.week(county, monday, village, int(60 * hours))
        return
    places = int(hours / county.par.hours_per_visit + rng.random())
    if places <= 0:
        return
    known = [
        child
        for family in village.families
        for child in family.children
        if child.on_ledger and child.registered < monday
    ]
    for child, why in _choose(county, monday, known, places):
        go(county, monday + rng.randrange(7), child, director, why)


def _choose(
    county: County, monday: int, known: list[Child], places: int
) -> list[tuple[Child, Selection]]:
    """Requests first, then duty in order of delay with some noise, a few at random."""
    rng, days = county.rng, county.par.tier_days
    chosen: list[tuple[Child, Selection]] = []
    due: list[tuple[float, int]] = []
    for index, child in enumerate(known):
        if child.asked_for and child.asked_for <= monday:
            chosen.append((child, Selection.REQUEST))
            continue
        interval = days[child.tier.value if child.tier else "green"]
        late = (monday + 7 - child.last_visit) / interval
        if late > 0.95:
            due.append((late + rng.gauss(0.0, county.par.order_noise), index))
    due.sort(reverse=True)
    for _, index in due[: max(0, places - len(chosen))]:
        child = known[index]
        urgent = child.tier in (Tier.RED, Tier.YELLOW) and rng.random() < 0.3
        chosen.append((child, Selection.RISK if urgent else Selection.DUTY))
    if known and rng.random() < county.par.random_visits * len(known) / 11:
        child = known[rng.randrange(len(known))]
        if all(child is not each for each, _ in chosen):
            chosen.append((child, Selection.RANDOM))
    return chosen


def go(
    county: County,
    day: int,
    child: Child,
    director: Worker,
    why: Selection,
    *,
    siblings: bool = True,
) -> None:
    """The way to a child: there may be nobody; siblings are mostly seen as well."""
    rng, missed = county.rng, county.par.failed_attempts
    if not child.on_ledger:
        return
    if child.harm is not None and child.harm.start <= day:
        missed *= 1.8
        if not child.harm.found:
            chance = (1 - missed) * _sees(county, director)
            county.truth.looked(child.key, day, chance, child.harm.end)
    if rng.random() < missed:
        kinds = (NotVisited.NOBODY_HOME, NotVisited.REFUSED, NotVisited.WEATHER)
        refuses = 0.25 if child.strain > AVERAGE_STRAIN + 1.0 else 0.05
        reason = rng.choices(kinds, (0.8 - refuses, refuses, 0.2))[0]
        failed = VisitAttemptFailed(by=WorkerRole.DIRECTOR, reason=reason)
        moment = county.moment(day, 9, 18)
        county.journal.send(APP, failed, moment, child, actor=director.worker_id, rule="T8.6")
        return
    visit(county, day, child, director, why)
    for other in child.family.children if siblings else ():
        there = other is not child and other.on_ledger and other.registered < day
        if there and day - other.last_visit > 25 and rng.random() < 0.6:
            visit(county, day, other, director, why)


def visit(county: County, day: int, child: Child, director: Worker, why: Selection) -> None:
    """A visit: what the director sees depends on what there is, on skill and on luck."""
    rng, par = county.rng, county.par
    child.last_visit, child.asked_for = day, 0
    alone = rng.random() < _alone(director)
    ill = child.harm if child.harm is not None and child.harm.start <= day else None
    strain = min(3.5, max(-3.0, child.strain - AVERAGE_STRAIN))
    signs = par.concern * exp(par.concern_slope * strain) * (0.4 + director.skill)
    marks, concerns = _look(county, child, director.skill, signs)
    fact = VisitCompleted(
        by=WorkerRole.DIRECTOR,
        child_seen=rng.random() < (0.8 if ill else 0.92),
        child_spoken_alone=alone,
        carer_present=child.family.carer is not None and rng.random() < 0.85,
        checklist=Checklist(**marks),
        concerns=concerns,
        selection=why,
        minutes=rng.randint(15, 70),
        next_due=_next(county, day, child) if rng.random() < 0.4 else None,
        note=_note(county, child) if rng.random() < 0.12 else None,
    )
    moment = county.moment(day, 9, 18)
    sent = county.journal.send(APP, fact, moment, child, actor=director.worker_id, rule="T8.6")
    _amend(county, child, director, sent, fact)
    seeing = par.found_at_visit * director.skill * (ALONE if alone else NOT_ALONE)
    if ill is not None and not ill.found and county.chance(seeing):
        harm.discover(county, day, child, FoundBy.VISIT)
    else:
        _small_things(county, day, child, concerns, signs)


def _alone(director: Worker) -> float:
    """The chance that the child is spoken to alone."""
    return 0.15 + 0.5 * director.skill


def _sees(county: County, director: Worker) -> float:
    """The chance that a visit sees harm, before it is known who is spoken to alone."""
    alone = _alone(director)
    by_chance = ALONE * alone + NOT_ALONE * (1 - alone)
    return county.par.found_at_visit * director.skill * by_chance


def _look(
    county: County, child: Child, skill: float, signs: float
) -> tuple[dict[str, Finding], list[Concern]]:
    """Seven headings, each fine, of concern, unsafe, or not seen."""
    rng = county.rng
    shown = SHOWS_AS[child.harm.kind] if child.harm is not None else None
    marks: dict[str, Finding] = {}
    concerns: list[Concern] = []
    for heading in Concern:
        chance = signs
        if heading is shown:
            chance += 0.22 * skill
        elif heading is Concern.SCHOOLING and child.out_of_school:
            chance += 0.3
        elif heading is Concern.HEALTH and child.disability:
            chance += 0.1
        draw = rng.random()
        if draw < chance:
            marks[heading.value] = Finding.UNSAFE if draw < chance * 0.08 else Finding.CONCERN
            concerns.append(heading)
        else:
            marks[heading.value] = Finding.NOT_SEEN if draw > 0.95 else Finding.FINE
    return marks, concerns


def _small_things(
    county: County,
    day: int,
    child: Child,
    concerns: list[Concern],
    signs: float,
) -> None:
    """Problems that are no serious harm; a carer's illness; a grade for the care."""
    par, rng, director = county.par, county.rng, child.family.village.director
    chance = par.minor_problem * signs / par.concern + (0.05 if concerns else 0.0)
    if rng.random() < min(0.4, chance * 0.6):
        about = rng.choice(concerns) if concerns else rng.choice((*KINDS,))
        serious = rng.random() < 0.04
        severity = Severity.SERIOUS if serious else Severity.MINOR
        harm.problem(county, day, child, (KINDS[about], severity), FoundBy.VISIT)
        child.family.stress -= 0.1
    if Concern.GUARDIANSHIP in concerns and rng.random() < 0.12:
        agreements.found_deficient(county, day, child)
    carer = child.family.carer
    if carer is not None and carer.ill_until > day and rng.random() < 0.35 * director.skill:
        ledger.assess_carer(county, day, child, director.skill)
        if rng.random() < 0.15:
            agreements.found_deficient(county, day, child)
    elif rng.random() < 0.06:
        ledger.assess_carer(county, day, child, director.skill)
    if rng.random() < 0.005:
        county.agenda.at(day + 5, ledger.change_health, child)


def _note(county: County, child: Child) -> str:
    """Free text holds anything, names too."""
    carer = child.family.carer
    who = carer.name if carer is not None else child.family.surname + "家大人"
    return county.rng.choice(NOTES).format(child=child.name, carer=who)


def _next(county: County, day: int, child: Child) -> date:
    days = county.par.tier_days[child.tier.value if child.tier else "green"]
    return date.fromordinal(day + days)


# --- mistakes ----------------------------------------------------------------------------------


def _amend(
    county: County, child: Child, director: Worker, sent: Sent, fact: VisitCompleted
) -> None:
    """Some visits are typed in wrong and corrected, or taken back."""
    par = county.par
    if county.chance(par.corrected * 4):
        right: Event = VisitCompleted(
            by=fact.by,
            child_seen=not fact.child_seen,
            child_spoken_alone=fact.child_spoken_alone and not fact.child_seen,
            carer_present=fact.carer_present,
            checklist=fact.checklist,
            concerns=fact.concerns,
            selection=fact.selection,
            minutes=county.rng.randint(15, 70),
        )
        county.journal.send(
            APP,
            right,
            sent.moment,
            child,
            actor=director.worker_id,
            rule="T8.6",
            corrects=sent.id,
            recorded=sent.recorded + county.rng.randint(1, 14) * DAY,
        )
    elif county.chance(par.retracted * 2):
        _retract(county, APP, child, director, sent)


def _retract(county: County, desk: Desk, child: Child, worker: Worker, sent: Sent) -> None:
    later = sent.recorded + county.rng.randint(1, 10) * DAY
    fact = RecordRetracted(reason="wrong_child" if county.chance(0.5) else "entered_by_mistake")
    county.journal.send(
        desk, fact, later - 60, child, actor=worker.worker_id, corrects=sent.id, recorded=later
    )
