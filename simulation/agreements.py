"""委托照护协议: signed late or never, filed, noticed, renewed, ended; delegates found unfit."""

from __future__ import annotations

from datetime import date

from domain.guardianship import (
    AgreementEnded,
    AgreementEnding,
    AgreementFiled,
    AgreementRenewed,
    AgreementSigned,
    Deficiency,
    DeficiencyFound,
    DelegateAssessed,
    DelegateReplaced,
    DelegateSupported,
    Disqualifier,
    NoticeSent,
    NoticeTo,
    ParentNotified,
)
from domain.terms import Relation, Sex
from simulation import ledger
from simulation.journal import APP, COMMITTEE
from simulation.services.words import say
from simulation.state import Carer, Child, County, Family


def arrange(county: County, day: int, family: Family, left: int) -> None:
    """Parents who leave entrust their children to someone: in time, late, or never."""
    par, rng = county.par, county.rng
    if family.carer is None or county.chance(par.delegate_never / 2):
        return
    late = county.chance(par.delegate_late)
    signing = day + rng.randint(5, 90) if late else max(day, left)
    for child in family.children:
        if child.on_ledger and not child.agreement:
            county.agenda.at(signing, sign, child)


def sign(county: County, day: int, child: Child) -> None:
    """A written agreement, and the papers that follow it."""
    carer = child.family.carer
    if carer is None or child.agreement or not child.on_ledger or not child.family.nobody_home:
        return
    rng = county.rng
    number = county.number("ca")
    child.agreement = number
    end = day + 365 if rng.random() < 0.6 else 0
    half = end - 180 if end and (child.birth + day) % 8 == 0 else 0
    # renewed after half a year: by no chance, so that nobody's life changes by it
    signed = AgreementSigned(
        agreement_id=number,
        name=carer.name,
        phone=carer.phone,
        relation=carer.relation,
        start=date.fromordinal(day),
        end=date.fromordinal(half or end) if end else None,
        child_view_heard=rng.random() < 0.7,
    )
    county.journal.send(COMMITTEE, signed, county.moment(day), child)
    unfit = [Disqualifier.PAST_NEGLECT] if rng.random() < 0.004 else []
    county.agenda.at(day + rng.randint(0, 5), _assess, child, number, unfit)
    if rng.random() < 0.92:
        county.agenda.at(day + rng.randint(1, 25), _file, child, number)
    if half:
        county.agenda.at(half - 7, _renew, child, number, end)
    if end:
        county.agenda.at(end, _expire, child, number)


def _assess(county: County, day: int, child: Child, number: str, unfit: list[Disqualifier]) -> None:
    if child.agreement != number:
        return
    fact = DelegateAssessed(agreement_id=number, disqualifiers=unfit)
    county.journal.send(COMMITTEE, fact, county.moment(day, 18, 20), child)
    if unfit:
        end(county, day + 2, child, AgreementEnding.DELEGATE_UNFIT)


def _file(county: County, day: int, child: Child, number: str) -> None:
    if child.agreement != number:
        return
    filed = AgreementFiled(agreement_id=number)
    county.journal.send(COMMITTEE, filed, county.moment(day, 18, 20), child)
    if county.chance(0.45):
        to = NoticeTo.SCHOOL if child.school else NoticeTo.COMMITTEE
        notice = NoticeSent(agreement_id=number, to=to)
        county.journal.send(COMMITTEE, notice, county.moment(day, 20, 21), child)


def _renew(county: County, day: int, child: Child, number: str, until: int) -> None:
    """The same delegate goes on for the other half."""
    if child.agreement == number and child.on_ledger:
        renewed = AgreementRenewed(agreement_id=number, end=date.fromordinal(until))
        say(county, COMMITTEE, renewed, day, child)


def _expire(county: County, day: int, child: Child, number: str) -> None:
    if child.agreement != number or not child.on_ledger:
        return
    end(county, day, child, AgreementEnding.EXPIRED)
    if county.chance(0.85):
        county.agenda.at(day + county.rng.randint(1, 60), sign, child)


def end(county: County, day: int, child: Child, reason: AgreementEnding) -> None:
    """The agreement in force, if any, ends."""
    if child.agreement and child.on_ledger:
        fact = AgreementEnded(agreement_id=child.agreement, reason=reason)
        county.journal.send(COMMITTEE, fact, county.moment(day, 18, 20), child)
        child.agreement = ""


def end_for_leaving(county: County, day: int, child: Child) -> None:
    """The child leaves the ledger."""
    end(county, day, child, AgreementEnding.OTHER)


def found_deficient(county: County, day: int, child: Child) -> None:
    """A director sees that the delegate can't, or doesn't (T5.4), and acts."""
    family, carer, number = child.family, child.family.carer, child.agreement
    if carer is None or not number:
        return
    ill = carer.ill_until > day
    kind = Deficiency.INCAPABLE if ill or county.chance(0.3) else Deficiency.NEGLIGENT
    actor = family.village.director.worker_id
    found = DeficiencyFound(agreement_id=number, kind=kind)
    county.journal.send(APP, found, county.moment(day, 18, 19), child, actor=actor)
    if county.chance(0.75):
        county.agenda.at(day + county.rng.randint(1, 12), _notify, child, number)
    if county.chance(0.3):
        county.agenda.at(day + county.rng.randint(15, 50), _replace, child, number)
    elif county.chance(0.7):
        county.agenda.at(day + county.rng.randint(2, 25), _support, child, number)


def _notify(county: County, day: int, child: Child, number: str) -> None:
    if child.agreement == number:
        fact = ParentNotified(agreement_id=number)
        county.journal.send(COMMITTEE, fact, county.moment(day), child)


def _support(county: County, day: int, child: Child, number: str) -> None:
    if child.agreement == number:
        fact = DelegateSupported(agreement_id=number)
        county.journal.send(COMMITTEE, fact, county.moment(day), child)
        child.family.stress -= 0.2


def _replace(county: County, day: int, child: Child, number: str) -> None:
    """Another relative takes over, for all the children of the house."""
    family = child.family
    if child.agreement != number or family.carer is None:
        return
    family.carer = Carer(
        guardian_id=county.number("g"),
        relation=county.rng.choice((Relation.RELATIVE, Relation.MATERNAL_GRANDPARENT)),
        name=county.people.elder_name(family.surname),
        phone=county.people.phone(),
        birth=day - county.rng.randint(35, 60) * 365,
        sex=Sex.GIRL,
    )
    family.stress -= 0.4
    for each in family.children:
        if not each.on_ledger:
            continue
        ledger.link_carer(county, day, each)
        if each is child and family.nobody_home:
            each.agreement = ""
            sign(county, day, each)
            replaced = DelegateReplaced(agreement_id=number, new_agreement_id=each.agreement)
            county.journal.send(COMMITTEE, replaced, county.moment(day, 19, 20), each)
        elif each.agreement:
            end(county, day, each, AgreementEnding.REPLACED)
            county.agenda.at(day + 1, sign, each)
