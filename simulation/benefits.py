"""救助: assessed, granted, paid each month, adjusted, stopped. Integer fen."""

from __future__ import annotations

from typing import NamedTuple

from domain.child_file import Category
from domain.subsidy import (
    Benefit,
    BenefitAdjusted,
    BenefitGranted,
    BenefitPaid,
    BenefitStopped,
    Eligibility,
    EligibilityAssessed,
    Stopping,
    special_hardship_amount,
)
from simulation.journal import LEDGER, TREASURY
from simulation.raises import raised
from simulation.seasons import age, month, month_day
from simulation.services import money
from simulation.state import Child, County


class Award(NamedTuple):
    """What is applied for: the kind, fen a month, and whether it will be found due."""

    kind: Benefit
    fen: int
    eligible: bool = True


def amount(county: County, day: int, award: Award) -> int:
    """Fen a month by that year's standard: it rises each January. One-off relief stays as it is."""
    if award.kind is Benefit.SPECIAL_HARDSHIP:
        return special_hardship_amount(raised(county, county.par.local_standard_fen, day))
    return award.fen if award.kind is Benefit.TEMPORARY else raised(county, award.fen, day)


def begin(county: County, day: int, child: Child) -> None:
    """What a child on the ledger is entitled to, as far as someone applies."""
    par, years = county.par, age(child.birth, day)
    if Category.POVERTY in child.categories:
        if county.chance(0.85):
            apply_for(county, day, child, Award(Benefit.SUBSISTENCE, par.subsistence_fen))
        if 6 <= years <= 15 and county.chance(0.75):
            amount = special_hardship_amount(par.local_standard_fen)
            apply_for(county, day, child, Award(Benefit.SPECIAL_HARDSHIP, amount))
    if Category.ORPHAN in child.categories:
        apply_for(county, day, child, Award(Benefit.ORPHAN, par.orphan_fen))
    if Category.DE_FACTO in child.categories and county.chance(0.9):
        apply_for(county, day, child, Award(Benefit.DE_FACTO, par.de_facto_fen))
    if child.disability in (1, 2) and county.chance(0.9):
        apply_for(county, day, child, Award(Benefit.DISABILITY, par.disability_fen))
    if county.chance(0.03):
        apply_for(county, day, child, Award(Benefit.NUTRITION, 10_000, eligible=False))


def apply_for(county: County, day: int, child: Child, award: Award) -> None:
    """Assessed within weeks; granted from the next month; paid every month."""
    county.agenda.at(day + county.rng.randint(1, 25), _assess, child, award)


def _assess(county: County, day: int, child: Child, award: Award) -> None:
    if not child.on_ledger:
        return
    number = county.number("b")
    result = Eligibility.ELIGIBLE if award.eligible else Eligibility.INELIGIBLE
    fact = EligibilityAssessed(benefit_id=number, type=award.kind, result=result)
    county.journal.send(LEDGER, fact, county.moment(day), child)
    if award.eligible:
        county.agenda.at(day + county.rng.randint(3, 15), _grant, child, award, number)


def _grant(county: County, day: int, child: Child, award: Award, number: str) -> None:
    if not child.on_ledger:
        return
    once = award.kind is Benefit.TEMPORARY
    fen = amount(county, month_day(day, 1, 0 if once else 1), award)
    granted = BenefitGranted(
        benefit_id=number,
        type=award.kind,
        amount_fen=fen,
        standard_ref=f"GZ-{month(day)[:4]}",
        from_month=month(month_day(day, 1, 0 if once else 1)),
    )
    sent = county.journal.send(LEDGER, granted, county.moment(day), child)
    if once:
        paid = BenefitPaid(benefit_id=number, amount_fen=fen, period=month(day))
        moment = county.moment(day, 19, 20)
        county.journal.send(TREASURY, paid, moment, child, recorded=sent.recorded + 60)
        return
    child.benefits.append(number)
    money.granted_twice(county, day, child, award.kind, fen)
    county.agenda.at(month_day(day, 18, 1), _pay, child, award, (number, fen))


def _pay(county: County, day: int, child: Child, award: Award, last: tuple[str, int]) -> None:
    """Pay day is the eighteenth; now and then a month is left out by mistake.

    In January most are raised with the standard; the others mostly from February, a month late.
    `last`: the benefit's number, and what was paid the last time.
    """
    number, fen = last
    new, due = fen, amount(county, day, award)
    if number not in child.benefits:
        return
    if day - month_day(day, 18) == 0 and month(day).endswith("-01") and county.chance(0.6):
        new = fen = due
        adjusted = BenefitAdjusted(benefit_id=number, amount_fen=fen, from_month=month(day))
        county.journal.send(TREASURY, adjusted, county.moment(day, 7, 8), child)
    elif month(day).endswith("-01"):
        new = money.raised_late(county, day, child, number, (fen, due))
    if county.chance(0.99):
        paid = BenefitPaid(benefit_id=number, amount_fen=fen, period=month(day))
        county.journal.send(TREASURY, paid, county.moment(day, 9, 11), child)
    else:
        money.paid_late(county, day, child, number, fen)
    if county.chance(0.004):
        stop(county, day, child, number, Stopping.NO_LONGER_ELIGIBLE)
    else:
        county.agenda.at(month_day(day, 18, 1), _pay, child, award, (number, new))


def stop(county: County, day: int, child: Child, number: str, reason: Stopping) -> None:
    """The last month is this one."""
    child.benefits.remove(number)
    fact = BenefitStopped(benefit_id=number, reason=reason, last_month=month(day))
    county.journal.send(TREASURY, fact, county.moment(day, 14, 17), child)


def stop_all(county: County, day: int, child: Child, *, aged: bool) -> None:
    """The child leaves the ledger."""
    for number in list(child.benefits):
        stop(county, day, child, number, Stopping.AGED_OUT if aged else Stopping.NO_LONGER_ELIGIBLE)
