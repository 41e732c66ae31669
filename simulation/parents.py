"""Parents who leave after Spring Festival and come back before it, who call or don't."""

from __future__ import annotations

from math import exp

from domain.child_file import Category, RiskFactor
from domain.guardianship import (
    AgreementEnding,
    Capacity,
    ContactLeg,
    ParentContactLogged,
    ParentDeparted,
    ParentReturned,
    ParentStatus,
    ParentStatusChanged,
)
from domain.terms import Channel, Parent
from simulation import agreements, ledger
from simulation.journal import APP, COMMITTEE, FAMILIES, LEDGER, POLICE
from simulation.seasons import last_festival, next_festival, next_june
from simulation.state import Child, County, Family, ParentOf

FAR = ("4403", "4401", "4419", "3301", "3302", "3502", "3505", "5201", "5301", "3205")
"""Where people go: the coast's cities, Guiyang, Kunming."""

FATES = {
    ParentStatus.DIVORCED: 0.42,
    ParentStatus.LOST_CONTACT: 0.20,
    ParentStatus.SERIOUS_ILLNESS: 0.12,
    ParentStatus.IMPRISONED: 0.11,
    ParentStatus.DEAD: 0.07,
    ParentStatus.SEVERE_DISABILITY: 0.04,
    ParentStatus.DETOX: 0.04,
}


# --- away and back -----------------------------------------------------------------------------


def begin(county: County, day: int, family: Family) -> None:
    """Where the parents are on the day the family enters the ledger, and what comes next."""
    par, rng = county.par, county.rng
    left = last_festival(day) + rng.randint(*par.depart_after)
    family.work_place = rng.choice(FAR)
    if any(each.works_away for each in family.parents):
        if left < day:
            family.left_on = left
            for each in family.parents:
                each.away = each.works_away
        else:
            county.agenda.at(max(left, day + 1), depart, family)
        _plan_festival(county, day, family)
        _plan_summer(county, day, family)
        gap = 7 if family.weekly_log else 30
        county.agenda.at(day + 1 + rng.randrange(gap), log_contacts, family)
    county.agenda.at(day + 1 + int(rng.expovariate(par.parent_event) * 365), fate, family)


def tell_past(county: County, day: int, family: Family) -> None:
    """What had happened before the file was opened, recorded when it is."""
    for child in family.children:
        opened = child.recorded[""]
        for each in family.parents:
            if each.status is not ParentStatus.NORMAL:
                county.journal.send(
                    LEDGER,
                    ParentStatusChanged(parent=each.parent, status=each.status),
                    county.moment(day - county.rng.randint(200, 1500)),
                    child,
                    recorded=opened + 60,
                )
            if each.away:
                moment = county.moment(family.left_on)
                _tell_departed(county, child, each, moment, recorded=opened + 120)


def _plan_festival(county: County, day: int, family: Family) -> None:
    festival = next_festival(day)
    county.agenda.at(max(day + 1, festival - 40), festival_time, family, festival)


def festival_time(county: County, day: int, family: Family, festival: int) -> None:
    """Six weeks ahead, families decide who comes home."""
    par, rng = county.par, county.rng
    county.agenda.at(festival + 30, _next_year, family)
    if not family.away or not county.chance(par.home_at_festival):
        return
    back = festival - rng.randint(*par.return_before)
    county.agenda.at(max(back, day), come_home, family)
    if county.chance(par.stays_home):
        county.agenda.at(festival + 25, stay, family)
    else:
        county.agenda.at(festival + rng.randint(*par.depart_after), depart, family)


def _next_year(county: County, day: int, family: Family) -> None:
    _plan_festival(county, day, family)


def _plan_summer(county: County, day: int, family: Family) -> None:
    county.agenda.at(next_june(day), summer_time, family)


def summer_time(county: County, day: int, family: Family) -> None:
    """In June: some will come for a few weeks of the holiday."""
    _plan_summer(county, day, family)
    if family.away and county.chance(county.par.home_in_summer):
        back = day + county.rng.randint(33, 60)
        county.agenda.at(back, come_home, family)
        county.agenda.at(back + county.rng.randint(8, 24), depart, family)


def depart(county: County, day: int, family: Family) -> None:
    """Those who work away leave, mostly together."""
    together = county.chance(0.85)
    for each in family.parents:
        if each.works_away and not each.away:
            if not together and family.away:
                county.agenda.at(day + county.rng.randint(3, 25), depart, family)
                break
            _leave(county, day, family, each)
    if family.away and family.carer is not None and family.nobody_home:
        agreements.arrange(county, day, family, day)


def _leave(county: County, day: int, family: Family, parent: ParentOf) -> None:
    parent.away = True
    family.left_on = day
    family.stress += 0.15
    moment = county.moment(day, 5, 12)
    for child in family.children:
        if child.on_ledger:
            _tell_departed(county, child, parent, moment)


def _tell_departed(
    county: County, child: Child, parent: ParentOf, moment: int, *, recorded: int = 0
) -> None:
    if parent.parent not in child.parents_away:
        child.parents_away.append(parent.parent)
        fact = ParentDeparted(parent=parent.parent, place_division=child.family.work_place)
        county.journal.send(COMMITTEE, fact, moment, child, recorded=recorded)


def tell_away(county: County, day: int, child: Child) -> None:
    """A child is back on the ledger: who has left meanwhile is written down."""
    for each in child.family.parents:
        if each.away:
            moment = county.moment(child.family.left_on)
            _tell_departed(county, child, each, moment, recorded=county.moment(day))


def come_home(county: County, day: int, family: Family) -> None:
    """Those who are away come back, for the feast or to stay."""
    moment = county.moment(day, 10, 22)
    for each in family.parents:
        if each.away and each.reachable:
            each.away = False
            for child in family.children:
                if each.parent in child.parents_away:
                    child.parents_away.remove(each.parent)
                    fact = ParentReturned(parent=each.parent)
                    county.journal.send(COMMITTEE, fact, moment, child)
    family.stress -= 0.25


def stay(county: County, day: int, family: Family) -> None:
    """They stay: weeks later the county takes note. Some leave again within a year."""
    for each in family.parents:
        each.works_away = False
    for child in family.children:
        agreements.end(county, day, child, AgreementEnding.PARENT_RETURNED)
    county.agenda.at(day + county.rng.randint(20, 60), ledger.parents_are_back, family)
    if county.chance(county.par.leaves_again):
        county.agenda.at(day + county.rng.randint(120, 360), go_again, family)


def go_again(county: County, day: int, family: Family) -> None:
    """Work at home was not enough."""
    for each in family.parents:
        each.works_away = each.reachable
    county.agenda.at(day + 20, ledger.left_again, family)
    depart(county, day, family)


# --- fates and illness -------------------------------------------------------------------------


def fate(county: County, day: int, family: Family) -> None:
    """Divorce, illness, prison, death, silence."""
    again = int(county.rng.expovariate(county.par.parent_event) * 365)
    county.agenda.at(day + 1 + again, fate, family)
    parent = county.rng.choice(family.parents)
    if parent.status is not ParentStatus.NORMAL:
        return
    status = parent.status = county.rng.choices(tuple(FATES), tuple(FATES.values()))[0]
    family.stress += 0.9
    desk = POLICE if status in (ParentStatus.IMPRISONED, ParentStatus.DETOX) else LEDGER
    moment, known = county.moment(day), day + county.rng.randint(0, 60)
    for child in family.children:
        if child.on_ledger:
            county.journal.send(
                desk,
                ParentStatusChanged(parent=parent.parent, status=status),
                moment,
                child,
                recorded=county.moment(known),
            )
    if not parent.reachable:
        parent.works_away = parent.works_away and parent.away
    county.agenda.at(known + 30, _county_takes_note, family)


def _county_takes_note(county: County, day: int, family: Family) -> None:
    father, mother = family.parents
    for child in family.children:
        if not child.on_ledger:
            continue
        if father.status is mother.status is ParentStatus.DEAD:
            ledger.add_category(county, day, child, Category.ORPHAN)
        elif not father.reachable and not mother.reachable:
            ledger.add_category(county, day, child, Category.DE_FACTO)
        else:
            ledger.record_factor(county, day, child, RiskFactor.SINGLE_PARENT)


def plan_illness(county: County, day: int, family: Family) -> None:
    """When the carer will next fall ill: the older, the sooner."""
    if family.carer is None:
        return
    years = (day - family.carer.birth) / 365.25
    rate = county.par.carer_illness * 2 ** ((years - 60) / 10)
    county.agenda.at(day + 1 + int(county.rng.expovariate(rate) * 365), fall_ill, family)


def fall_ill(county: County, day: int, family: Family) -> None:
    """Nobody is told at first: a visit may show it."""
    carer = family.carer
    if carer is None:
        return
    weeks = county.rng.randint(*county.par.carer_illness_weeks)
    carer.ill_until = day + 7 * weeks
    carer.capacity = Capacity.NONE if county.chance(0.15) else Capacity.LIMITED
    family.stress += 0.3
    county.agenda.at(carer.ill_until, recover, family)


def recover(county: County, day: int, family: Family) -> None:
    """Well again, until next time."""
    if family.carer is not None:
        family.carer.capacity = Capacity.FULL
    plan_illness(county, day, family)


# --- calls -------------------------------------------------------------------------------------


def contact_now(family: Family) -> float:
    """Chance of a call this week: strain thins it out."""
    return family.contact * min(1.4, exp(-0.38 * family.stress))


def log_contacts(county: County, day: int, family: Family) -> None:
    """Some families log each week; the others are asked about the month by the director."""
    gap = 7 if family.weekly_log else county.rng.randint(26, 34)
    county.agenda.at(day + gap, log_contacts, family)
    callers = [each for each in family.parents if each.away and each.reachable]
    present = [child for child in family.children if child.on_ledger and child.registered < day]
    if not callers or not present:
        return
    weekly = contact_now(family)
    heard = weekly if family.weekly_log else 1 - (1 - weekly) ** 4
    for child in present:
        if county.chance(heard):
            _log(county, day, child, ContactLeg.CHILD, county.rng.choice(callers).parent)
        if child.agreement and county.chance(heard * 0.45):
            _log(county, day, child, ContactLeg.DELEGATE, callers[-1].parent)


def _log(county: County, day: int, child: Child, leg: ContactLeg, parent: Parent) -> None:
    rng, own = county.rng, child.family.weekly_log
    fact = ParentContactLogged(
        leg=leg,
        parent=parent,
        channel=Channel.VIDEO if rng.random() < 0.62 else Channel.PHONE,
        minutes=2 + int(rng.expovariate(0.09)),
    )
    actor = "" if own else child.family.village.director.worker_id
    moment = county.moment(day, 18, 22)
    county.journal.send(FAMILIES if own else APP, fact, moment, child, actor=actor, rule="T5.5")
