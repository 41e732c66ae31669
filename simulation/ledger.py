"""On and off the ledger: registration, categories, tiers, moving, growing up."""

from __future__ import annotations

from domain.child_file import (
    Category,
    CategoryAdded,
    CategoryRemoved,
    ChildMoved,
    ChildRegistered,
    Health,
    HealthStatusSet,
    Hukou,
    IDType,
    Leaving,
    LeftLedger,
    ReturnedToLedger,
    RiskFactor,
    RiskFactorRecorded,
    TierSet,
    VisitPlanSet,
)
from domain.guardianship import GuardianAssessed, GuardianGrade, GuardianLinked
from domain.terms import Tier
from simulation import agreements, benefits, director, parents, school
from simulation.family import born_on, categories, make_family
from simulation.harm import constant_strain
from simulation.journal import APP, COMMITTEE, HEALTH, LEDGER, REGISTER, TOWNSHIP
from simulation.seasons import age, birthday
from simulation.state import Child, County, Family, Village


def enter(county: County, day: int, village: Village, size: int) -> None:
    """A family comes on the ledger."""
    family = make_family(county, village, size, day)
    village.families.append(family)
    parents.begin(county, day, family)
    for child in family.children:
        _register(county, day, child)
    parents.tell_past(county, day, family)
    for child in family.children:
        _open_file(county, day, child)
    if family.nobody_home and family.carer is not None:
        agreements.arrange(county, day, family, family.left_on)
    if family.carer is not None:
        parents.plan_illness(county, day, family)
    county.agenda.at(day + 1 + int(county.rng.expovariate(county.par.moves) * 365), move, family)


def _register(county: County, day: int, child: Child) -> None:
    family = child.family
    nobody = not child.id_number
    sent = county.journal.send(
        REGISTER,
        ChildRegistered(
            name=child.name,
            id_type=IDType.NONE if nobody else IDType.RESIDENT,
            id_number=None if nobody else child.id_number,
            sex=child.sex,
            birth_date=born_on(child),
            ethnicity=family.ethnicity,
            hukou_type=Hukou.NONE if nobody else Hukou.RURAL,
            hukou_division=county.code,
            residence_division=family.village.place.code,
            address=family.address,
            phone=family.phone,
        ),
        county.moment(day),
        child,
        nameless=True,
        id_=f"child-{county.code}-{child.recorded.pop('entry'):06d}",
    )
    child.recorded[""] = sent.recorded
    child.registered, child.on_ledger = day, True
    child.last_visit = day - county.rng.randrange(90)
    child.constant = constant_strain(county.par, child)


def _open_file(county: County, day: int, child: Child) -> None:
    family = child.family
    if family.carer is not None:
        link_carer(county, day, child)
    for category in categories(family, child, age(child.birth, day)):
        add_category(county, day, child, category)
    if child.disability:
        _tell_health(county, day, child, Health.DISABLED, child.disability)
    elif county.chance(county.par.chronic):
        _tell_health(county, day, child, Health.CHRONIC, None)
    for factor in _factors(child):
        record_factor(county, day, child, factor)
    set_tier(county, day + county.rng.randrange(1, 10), child, _first_tier(county, child))
    school.begin(county, day, child)
    benefits.begin(county, day, child)
    director.begin(county, day, child)
    for years in (16, 18):
        if birthday(child.birth, years) > day:
            county.agenda.at(birthday(child.birth, years), grow_up, child, years)
    if county.chance(0.35) and family.carer is not None:
        assess_carer(county, day + county.rng.randrange(2, 40), child, 0.6)
    for service in county.services:
        service.entered(county, day, child)


def _tell_health(county: County, day: int, child: Child, status: Health, grade: int | None) -> None:
    county.journal.send(
        HEALTH,
        HealthStatusSet(status=status, disability_grade=grade),
        county.moment(day),
        child,
    )


def change_health(county: County, day: int, child: Child) -> None:
    """A clinic reports a child's illness or recovery."""
    if child.on_ledger and not child.disability:
        status = county.rng.choice((Health.CHRONIC, Health.WEAK, Health.HEALTHY, Health.SERIOUS))
        _tell_health(county, day, child, status, None)


def _factors(child: Child) -> list[RiskFactor]:
    family, found = child.family, []
    if family.away == 2:
        found.append(RiskFactor.BOTH_PARENTS_AWAY)
    if sum(each.reachable for each in family.parents) == 1:
        found.append(RiskFactor.SINGLE_PARENT)
    if child.disability:
        found.append(RiskFactor.CHILD_DISABILITY)
    if family.carer is None and family.nobody_home:
        found.append(RiskFactor.GUARDIANSHIP_IMPROPER)
    return found


def record_factor(
    county: County, day: int, child: Child, factor: RiskFactor, present: bool = True
) -> None:
    """A risk factor appears or goes. Says nothing that is on file already."""
    if (factor in child.factors) is present or not child.on_ledger:
        return
    child.factors.append(factor) if present else child.factors.remove(factor)
    county.journal.send(
        APP,
        RiskFactorRecorded(factor=factor, present=present),
        county.moment(day),
        child,
        actor=child.family.village.director.worker_id,
    )


def _first_tier(county: County, child: Child) -> Tier:
    """A township's judgement at its desk: what is on file, and a little of what is not."""
    points = len(child.factors) + (Category.DE_FACTO in child.categories) + child.family.poor / 2
    points += 0.35 * child.family.frailty + county.rng.gauss(0.0, 0.5)
    if points > 3.6:
        return Tier.RED
    if points > 2.7:
        return Tier.YELLOW
    return Tier.BLUE if points > 1.75 else Tier.GREEN


def set_tier(county: County, day: int, child: Child, tier: Tier) -> None:
    """红黄蓝绿, by the township; red and yellow often with a visiting plan."""
    if child.tier is tier or not child.on_ledger:
        return
    child.tier = tier
    moment, actor = county.moment(day), child.family.village.supervisor.worker_id
    sent = county.journal.send(TOWNSHIP, TierSet(tier=tier), moment, child, actor=actor)
    if tier in (Tier.RED, Tier.YELLOW) and county.chance(0.3):
        days = county.par.tier_days[tier.value] - county.rng.randrange(3)
        plan = VisitPlanSet(interval_days=days)
        county.journal.send(
            TOWNSHIP, plan, moment + 120, child, actor=actor, recorded=sent.recorded + 120
        )


def ease_tier(county: County, day: int, child: Child) -> None:
    """After quiet months a child is taken down a step."""
    order = [Tier.RED, Tier.YELLOW, Tier.BLUE, Tier.GREEN]
    if child.tier is not None and child.tier is not Tier.GREEN and child.harm is None:
        set_tier(county, day, child, order[order.index(child.tier) + 1])


def add_category(county: County, day: int, child: Child, category: Category) -> None:
    """The county confirms a category; not of someone who has grown up since it was asked for."""
    if category not in child.categories and age(child.birth, day) < 18:
        child.categories.append(category)
        county.journal.send(LEDGER, CategoryAdded(category=category), county.moment(day), child)


def remove_category(county: County, day: int, child: Child, category: Category) -> None:
    """The county ends a category."""
    if category in child.categories:
        child.categories.remove(category)
        county.journal.send(LEDGER, CategoryRemoved(category=category), county.moment(day), child)


def link_carer(county: County, day: int, child: Child) -> None:
    """The committee writes down who looks after the child."""
    carer = child.family.carer
    if carer is None:
        return
    number = None
    if county.chance(0.5):
        number = county.people.id_number(carer.birth, carer.sex)
    county.journal.send(
        COMMITTEE,
        GuardianLinked(
            guardian_id=carer.guardian_id,
            name=carer.name,
            id_number=number,
            phone=carer.phone,
            relation=carer.relation,
            capacity=carer.capacity,
            is_legal=False,
        ),
        county.moment(day),
        child,
    )


def assess_carer(county: County, day: int, child: Child, skill: float) -> None:
    """A director grades the care: a noisy view of the family's strain."""
    carer = child.family.carer
    if carer is None or not child.on_ledger:
        return
    seen = skill * (child.strain - 1.0) + county.rng.gauss(0.0, 0.8)
    grade = GuardianGrade.POOR if seen > 1.5 else GuardianGrade.FAIR
    county.journal.send(
        APP,
        GuardianAssessed(
            guardian_id=carer.guardian_id,
            grade=GuardianGrade.GOOD if seen < 0.4 else grade,
            capacity=carer.capacity,
        ),
        county.moment(day),
        child,
        actor=child.family.village.director.worker_id,
    )


def grow_up(county: County, day: int, child: Child, years: int) -> None:
    """Sixteen: no longer left behind. Eighteen: no longer a child."""
    if not child.on_ledger:
        return
    if years == 16:
        remove_category(county, day, child, Category.LEFT_BEHIND)
    if years == 18 or not child.categories or child.categories == [Category.OTHER]:
        leave(county, day, child, Leaving.AGED_OUT)


def leave(county: County, day: int, child: Child, reason: Leaving) -> None:
    """A child leaves the ledger; what hangs on it ends first."""
    if not child.on_ledger:
        return
    for service in county.services:
        service.left(county, day, child, reason)
    agreements.end_for_leaving(county, day, child)
    benefits.stop_all(county, day, child, aged=reason is Leaving.AGED_OUT)
    child.on_ledger = False
    county.journal.send(LEDGER, LeftLedger(reason=reason), county.moment(day, 18, 20), child)


def parents_are_back(county: County, day: int, family: Family) -> None:
    """Weeks after the parents have come back for good, the county takes note."""
    if family.away or any(each.works_away for each in family.parents):
        return
    for child in family.children:
        if not child.on_ledger:
            continue
        remove_category(county, day, child, Category.LEFT_BEHIND)
        record_factor(county, day, child, RiskFactor.BOTH_PARENTS_AWAY, present=False)
        if not child.categories:
            leave(county, day, child, Leaving.PARENT_BACK)


def left_again(county: County, day: int, family: Family) -> None:
    """Parents who had come back have left again: the children come back on the ledger."""
    for child in family.children:
        if age(child.birth, day) >= 16:
            continue
        if not child.on_ledger:
            child.on_ledger = True
            child.last_visit = day - 40
            county.journal.send(LEDGER, ReturnedToLedger(), county.moment(day), child)
            parents.tell_away(county, day, child)
            director.begin(county, day, child)
        add_category(county, day, child, Category.LEFT_BEHIND)
        if family.away == 2:
            record_factor(county, day, child, RiskFactor.BOTH_PARENTS_AWAY)


def move(county: County, day: int, family: Family) -> None:
    """A family moves to another village of the county."""
    others = [each for each in county.villages if each is not family.village]
    if not others or not any(child.on_ledger for child in family.children):
        return
    target = county.rng.choice(others)
    family.village.families.remove(family)
    target.families.append(family)
    family.village = target
    family.address = county.people.address(target.place.township + target.place.name)
    for child in family.children:
        if child.on_ledger:
            county.journal.send(
                COMMITTEE,
                ChildMoved(residence_division=target.place.code, address=family.address),
                county.moment(day),
                child,
            )
