"""Hidden risk: strain that rises and falls, serious harm that follows, and how it comes to light.

The rate of new harm (a year) is exp(harm_level + strain). Strain adds what a file can show (parents
away, poverty, illness, …) and what it can't (frailty, stress). Each effect is a parameter.
"""

from __future__ import annotations

from math import exp

from domain.child_file import Category, RiskFactor
from domain.subsidy import Benefit
from domain.terms import Severity, Tier
from domain.visiting import FoundBy, ProblemFound, ProblemKind, ProblemOutcome, ProblemResolved
from simulation import agreements, benefits, ledger, reports, school
from simulation.benefits import Award
from simulation.journal import APP, SCHOOL
from simulation.parameters import Parameters
from simulation.parents import contact_now
from simulation.seasons import in_summer, in_term
from simulation.state import Child, County, Family, Harm

YEAR_WEEKS = 365.25 / 7
FACTOR_OF = {
    ProblemKind.PSYCHOLOGY: RiskFactor.PSYCHOLOGICAL,
    ProblemKind.ABUSE: RiskFactor.FAMILY_VIOLENCE,
    ProblemKind.SCHOOLING: RiskFactor.TRUANCY,
    ProblemKind.GUARDIANSHIP: RiskFactor.GUARDIANSHIP_IMPROPER,
    ProblemKind.UNATTENDED: RiskFactor.GUARDIANSHIP_IMPROPER,
}


def constant_strain(par: Parameters, child: Child) -> float:
    """What does not change from week to week."""
    strain = child.frailty
    if child.disability:
        strain += par.effects["disabled"]
    if len(child.family.children) > 2:
        strain += par.effects["many_siblings"]
    return strain


def family_strain(par: Parameters, family: Family, day: int) -> float:
    """What all children of a house share this week."""
    effects, strain = par.effects, family.frailty + family.stress
    away = family.away
    if away:
        strain += effects["both_away"] if away == 2 else effects["one_away"]
        strain += effects["few_contacts"] * max(0.0, 0.4 - contact_now(family))
        if day - family.left_on < 56:
            strain += effects["just_left"]
    if family.poor:
        strain += effects["poor"]
    if family.violent:
        strain += effects["violence"]
    trouble = (not family.father.reachable) + (not family.mother.reachable)
    strain += trouble * effects["parent_trouble"]
    carer = family.carer
    if carer is not None:
        if carer.ill_until > day:
            strain += effects["ill_carer"]
        if day - carer.birth > 25_567:  # seventy years
            strain += effects["old_carer"]
    elif family.nobody_home:
        strain += effects["nobody"]
    return strain


def own_strain(par: Parameters, child: Child, day: int, summer: bool) -> float:
    """What one child of the house adds this week."""
    effects, strain = par.effects, child.constant
    months = (day - child.birth) // 30
    if months < 72 or months > 150:
        strain += effects["small_or_teen"]
    if summer and months < 156:
        strain += effects["summer"]
    if child.out_of_school:
        strain += effects["out_of_school"]
    if child.harmed:
        strain += effects["harmed_before"]
    return strain


def week(county: County, monday: int, date_text: str) -> None:
    """One week of hidden life for everyone on the ledger."""
    par, rng, truth = county.par, county.rng, county.truth
    summer, term = in_summer(monday), in_term(monday)
    for family in (each for village in county.villages for each in village.families):
        county.turn("family", monday, family)
        family.stress = family.stress * par.stress_memory + rng.gauss(0.0, par.stress_noise)
        shared = family_strain(par, family, monday)
        for child in family.children:
            if not child.on_ledger:
                continue
            child.strain = shared + own_strain(par, child, monday, summer)
            hazard = exp(par.harm_level + child.strain)
            truth.hazard(child.key, date_text, hazard, child.harm is not None)
            county.turn("harm", monday, child)
            if child.harm is not None:
                if not child.harm.found:
                    truth.unseen(child.key, monday, child.harm.end)
                _unseen_or_seen(county, monday, child, term)
            elif rng.random() < hazard / YEAR_WEEKS:
                _begin(county, monday + rng.randrange(7), child)


def _begin(county: County, day: int, child: Child) -> None:
    weeks = county.rng.randint(*county.par.harm_weeks)
    child.harm = Harm(kind=_kind(county, child), start=day, end=day + 7 * weeks)


def _kind(county: County, child: Child) -> ProblemKind:
    family = child.family
    weights = {
        ProblemKind.GUARDIANSHIP: 2.0,
        ProblemKind.UNATTENDED: 1.5 if family.nobody_home else 0.5,
        ProblemKind.ABUSE: 3.0 if family.violent else 0.5,
        ProblemKind.PSYCHOLOGY: 1.3,
        ProblemKind.SAFETY: 1.0,
        ProblemKind.SCHOOLING: 1.0 if child.school else 0.0,
        ProblemKind.HEALTH: 0.6,
    }
    return county.rng.choices(list(weights), list(weights.values()))[0]


def _unseen_or_seen(county: County, monday: int, child: Child, term: bool) -> None:
    """A week of an episode that nobody may have seen: schools and neighbours sometimes do."""
    harm, par = child.harm, county.par
    if harm is None:
        return
    if harm.end <= monday:
        close(county, child)
    elif not harm.found and harm.start < monday:
        day = monday + county.rng.randrange(7)
        if child.school and term and county.chance(par.found_by_school):
            discover(county, day, child, FoundBy.SCHOOL)
        elif county.chance(par.found_by_others):
            discover(county, day, child, FoundBy.REPORT)


def close(county: County, child: Child) -> None:
    """The episode is over, seen or not."""
    harm = child.harm
    if harm is not None:
        span = (harm.start, harm.end)
        county.truth.episode(child.key, harm.kind.value, span, harm.found, harm.found_by)
        child.harm = None
        child.harmed += 1


def discover(county: County, day: int, child: Child, by: FoundBy) -> None:
    """Someone sees it. From here on it is on record, and help begins."""
    harm, rng, par = child.harm, county.rng, county.par
    if harm is None or harm.found:
        return
    harm.found, harm.found_by = day, by.value
    harm.end = day + rng.randint(5, 40)
    severity = Severity.URGENT if rng.random() < 0.25 else Severity.SERIOUS
    problem(county, day, child, (harm.kind, severity), by)
    chance = par.reported.get(harm.kind.value, par.reported["other"])
    if by is FoundBy.REPORT:
        chance += 0.06
    if county.chance(chance):
        reports.report(county, day, child, harm.kind, by, true=True)
    for service in county.services:
        service.harm_found(county, day, child, harm.kind)
    _follow_up(county, day, child, harm.kind)


def _follow_up(county: County, day: int, child: Child, kind: ProblemKind) -> None:
    rng = county.rng
    child.asked_for = day + rng.randint(5, 16)
    child.family.stress -= 0.5
    if kind in (ProblemKind.GUARDIANSHIP, ProblemKind.UNATTENDED) and county.chance(0.6):
        agreements.found_deficient(county, day, child)
    if kind in FACTOR_OF and county.chance(0.5):
        ledger.record_factor(county, day + rng.randrange(10), child, FACTOR_OF[kind])
    if kind is ProblemKind.SCHOOLING and county.chance(0.4):
        school.drop_out(county, day, child)
    if kind is ProblemKind.HEALTH:
        county.agenda.at(day + 10, ledger.change_health, child)
    if child.tier not in (Tier.RED, Tier.YELLOW) and county.chance(0.6):
        tier = Tier.RED if county.chance(0.3) else Tier.YELLOW
        county.agenda.at(day + rng.randint(2, 15), ledger.set_tier, child, tier)
        county.agenda.at(day + rng.randint(120, 240), ledger.ease_tier, child)
    if county.chance(0.12):
        category = Category.UNGUARDED
        county.agenda.at(day + rng.randint(5, 40), ledger.add_category, child, category)


def problem(
    county: County, day: int, child: Child, what: tuple[ProblemKind, Severity], by: FoundBy
) -> None:
    """A problem comes on record, and is dealt with in days or months."""
    number, (kind, severity) = county.number("p"), what
    found = ProblemFound(problem_id=number, kind=kind, severity=severity, found_by=by)
    director = child.family.village.director
    by_school = by is FoundBy.SCHOOL
    sent = county.journal.send(
        SCHOOL if by_school else APP,
        found,
        county.moment(day, 18, 20),
        child,
        actor="" if by_school else director.worker_id,
    )
    if county.chance(county.par.corrected * 4):
        other = Severity.SERIOUS if severity is Severity.MINOR else Severity.MINOR
        again = ProblemFound(problem_id=number, kind=kind, severity=other, found_by=by)
        county.journal.send(
            SCHOOL if by_school else APP,
            again,
            sent.moment,
            child,
            corrects=sent.id,
            recorded=sent.recorded + county.rng.randint(1, 9) * 86_400,
        )
    if kind is ProblemKind.LIVING and county.chance(0.3):
        benefits.apply_for(county, day, child, Award(Benefit.TEMPORARY, 100_000))
    if kind is ProblemKind.HEALTH and county.chance(0.3):
        benefits.apply_for(county, day, child, Award(Benefit.TEMPORARY, 150_000))
    if county.chance(0.93):
        least, most = (3, 60) if severity is Severity.MINOR else (10, 120)
        county.agenda.at(day + county.rng.randint(least, most), _resolve, child, number, severity)


def _resolve(county: County, day: int, child: Child, number: str, severity: Severity) -> None:
    draw = county.rng.random()
    outcome = ProblemOutcome.SOLVED
    if draw < 0.2:
        outcome = ProblemOutcome.REFERRED
    elif draw < 0.26 and severity is Severity.MINOR:
        outcome = ProblemOutcome.UNFOUNDED
    fact = ProblemResolved(problem_id=number, outcome=outcome)
    actor = child.family.village.director.worker_id
    county.journal.send(APP, fact, county.moment(day), child, actor=actor)
