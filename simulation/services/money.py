"""The subsidy desk's mistakes and repairs, and the standards that a county sets.

Granted twice, paid late, raised late, a proposal refused. Chance comes from `county.aside`.
Numbers: K, tunable.
"""

from __future__ import annotations

from domain.child_file import Category
from domain.proposals import Change, ProposalRefused
from domain.standards import Standard, StandardSet
from domain.subsidy import (
    Benefit,
    BenefitAdjusted,
    BenefitGranted,
    BenefitPaid,
    BenefitStopped,
    Eligibility,
    EligibilityAssessed,
    Stopping,
)
from simulation.journal import LEDGER, TREASURY
from simulation.raises import raised
from simulation.seasons import month, month_day
from simulation.services.words import between, help_child, likely, say, turn
from simulation.state import Child, County, Service


class Desk(Service):
    """Standards at the beginning and each January; now and then a proposal is refused."""

    def begin(self, county: County) -> None:
        """The standards that hold from the first month."""
        _set_standards(county, county.start)

    def entered(self, county: County, day: int, child: Child) -> None:
        """The county looks at what the rules propose."""
        if turn(county, "refused", 120):
            refused = ProposalRefused(category=Category.MIGRANT, change=Change.ADDED)
            county.agenda.at(between(county, day, 20, 120), help_child, LEDGER, refused, child)


def _set_standards(county: County, day: int) -> None:
    county.agenda.at(month_day(day, 3, 13 - int(month(day)[5:])), _set_standards)
    par = county.par
    for standard, fen in (
        (Standard.RURAL_SUBSISTENCE, par.local_standard_fen),
        (Standard.ORPHAN_DISPERSED, par.orphan_fen),
        (Standard.DE_FACTO, par.de_facto_fen),
    ):
        amount = raised(county, fen, day)
        told = StandardSet(standard=standard, amount_fen=amount, from_month=month(day))
        say(county, LEDGER, told, day, place=county.code)


def granted_twice(county: County, day: int, child: Child, kind: Benefit, fen: int) -> None:
    """One in many is granted again under another number; an orphan beside it as unsupported."""
    if turn(county, "granted_twice", 45):
        _again(county, day, child, kind, fen)
    elif kind is Benefit.ORPHAN and turn(county, "both_allowances", 12):
        _again(county, day, child, Benefit.DE_FACTO, raised(county, county.par.de_facto_fen, day))


def _again(county: County, day: int, child: Child, kind: Benefit, fen: int) -> None:
    """Paid for two months, then found and stopped."""
    number = county.number("bx")
    assessed = EligibilityAssessed(benefit_id=number, type=kind, result=Eligibility.ELIGIBLE)
    first = month(month_day(day, 1, 1))
    granted = BenefitGranted(
        benefit_id=number, type=kind, amount_fen=fen, standard_ref="GZ", from_month=first
    )
    say(county, LEDGER, assessed, day, child)
    say(county, LEDGER, granted, day, child)
    for later in (1, 2):
        on = month_day(day, 18, later)
        paid = BenefitPaid(benefit_id=number, amount_fen=fen, period=month(on))
        county.agenda.at(on, help_child, TREASURY, paid, child)
    stopped = BenefitStopped(
        benefit_id=number, reason=Stopping.ERROR, last_month=month(month_day(day, 1, 2))
    )
    county.agenda.at(month_day(day, 25, 2), help_child, TREASURY, stopped, child)


def raised_late(county: County, day: int, child: Child, number: str, fen: tuple[int, int]) -> int:
    """From February on, for most. → what is paid from then on."""
    old, new = fen
    if old == new or not likely(county, 0.9):
        return old
    following = month(month_day(day, 1, 1))
    raised_ = BenefitAdjusted(benefit_id=number, amount_fen=new, from_month=following)
    say(county, TREASURY, raised_, day, child)
    return new


def paid_late(county: County, day: int, child: Child, number: str, fen: int) -> None:
    """Some of the months left out are paid when somebody notices."""
    if likely(county, 0.6):
        paid = BenefitPaid(benefit_id=number, amount_fen=fen, period=month(day))
        county.agenda.at(between(county, day, 30, 60), help_child, TREASURY, paid, child)
