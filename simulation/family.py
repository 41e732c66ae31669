"""How families come to be: parents, carers, siblings, difficulty, hidden frailty."""

from __future__ import annotations

from datetime import date

from domain.child_file import Category
from domain.event import child_id
from domain.guardianship import ParentStatus
from domain.terms import Parent, Relation, Sex
from simulation.journal import LEDGER
from simulation.state import Carer, Child, County, Family, ParentOf, Village

UNSUPPORTED = (
    ParentStatus.LOST_CONTACT,
    ParentStatus.SEVERE_DISABILITY,
    ParentStatus.IMPRISONED,
    ParentStatus.SERIOUS_ILLNESS,
    ParentStatus.DETOX,
    ParentStatus.MISSING,
)


def make_family(county: County, village: Village, size: int, day: int) -> Family:
    """A family of `size` children as it stands on the day it enters the ledger."""
    rng, par = county.rng, county.par
    surname = county.people.surname()
    family = Family(
        surname=surname,
        village=village,
        address=county.people.address(village.place.township + village.place.name),
        phone=county.people.phone(),
        ethnicity=county.people.ethnicity(),
        father=ParentOf(Parent.FATHER),
        mother=ParentOf(Parent.MOTHER),
        carer=None,
        poor=county.chance(par.poor),
        violent=county.chance(par.violence),
        frailty=rng.gauss(0.0, par.frailty),
        contact=min(0.95, max(0.02, rng.betavariate(1.6, 1.6 / par.weekly_contact - 1.6))),
        weekly_log=county.chance(par.logs_every_week),
        stress=rng.gauss(0.0, 0.8),
    )
    _set_parents(county, family)
    family.carer = _make_carer(county, family, day)
    for _ in range(size):
        family.children.append(_make_child(county, family, day))
    return family


def _set_parents(county: County, family: Family) -> None:
    par, draw = county.par, county.rng.random()
    if draw < par.orphan:
        family.father.status = family.mother.status = ParentStatus.DEAD
        return
    if draw < par.orphan + par.de_facto:
        one, other = county.rng.sample(family.parents, 2)
        dead = county.chance(par.dead_of_de_facto)
        one.status = ParentStatus.DEAD if dead else county.rng.choice(UNSUPPORTED)
        other.status = county.rng.choice(UNSUPPORTED)
        return
    if draw < par.orphan + par.de_facto + par.only_in_difficulty:
        family.poor = family.poor or county.chance(0.7)
        return
    _set_workplaces(county, family)


def _set_workplaces(county: County, family: Family) -> None:
    par, draw = county.par, county.rng.random()
    if county.chance(par.divorced):
        family.father.status = ParentStatus.DIVORCED
        family.mother.status = (
            ParentStatus.LOST_CONTACT if county.chance(0.4) else ParentStatus.DIVORCED
        )
    if draw < par.both_away:
        family.father.works_away = family.mother.works_away = True
    elif draw < par.both_away + par.father_only_away:
        family.father.works_away = True
    else:
        family.mother.works_away = True
    for each in family.parents:
        each.works_away = each.works_away and each.reachable


def _make_carer(county: County, family: Family, day: int) -> Carer | None:
    par, rng = county.par, county.rng
    if not family.nobody_home and not any(each.works_away for each in family.parents):
        return None
    draw = rng.random()
    if draw < par.carer_nobody:
        return None
    if draw < par.carer_nobody + par.carer_relatives:
        relation = rng.choice((Relation.RELATIVE, Relation.NEIGHBOUR, Relation.SIBLING))
        years = rng.uniform(20, 50)
    else:
        paternal = county.chance(0.8)
        relation = Relation.PATERNAL_GRANDPARENT if paternal else Relation.MATERNAL_GRANDPARENT
        years = max(42.0, rng.gauss(*par.carer_age))
    sex = Sex.GIRL if county.chance(0.6) else Sex.BOY
    return Carer(
        guardian_id=county.number("g"),
        relation=relation,
        name=county.people.elder_name(family.surname),
        phone=county.people.phone(),
        birth=day - int(years * 365.25),
        sex=sex,
    )


def _age(county: County, oldest: float) -> float:
    """Years, by the ledger's age bands."""
    bands, draw = county.par.age_bands, county.rng.random() * 100
    if draw < bands["under_6"]:
        return county.rng.uniform(0.3, 6)
    if draw < bands["under_6"] + bands["under_14"]:
        return county.rng.uniform(6, 14)
    return county.rng.uniform(14, oldest)


def _make_child(county: County, family: Family, day: int) -> Child:
    par, rng = county.par, county.rng
    lasting = family.poor or not any(each.reachable for each in family.parents)
    birth = day - int(_age(county, 17.0 if lasting else 15.9) * 365.25)
    sex = Sex.BOY if county.chance(par.boys) else Sex.GIRL
    unnumbered = county.chance(par.no_id_number)
    entry = county.number("child")
    child = Child(
        key=str(child_id(LEDGER.source, entry)),
        id_number="" if unnumbered else county.people.id_number(birth, sex),
        name=county.people.child_name(family.surname, sex),
        sex=sex,
        birth=birth,
        family=family,
        frailty=rng.gauss(0.0, par.own_frailty),
    )
    child.recorded["entry"] = int(entry.rsplit("-", 1)[1])
    if county.chance(par.disabled):
        child.disability = rng.choice((1, 2, 2, 3, 3, 4))
    return child


def categories(family: Family, child: Child, age: int) -> list[Category]:
    """What the family's state makes the child, by the field's definitions (domain.md §2)."""
    found = []
    father, mother = family.parents
    apart = all(each.works_away or not each.reachable for each in family.parents)
    if age < 16 and apart and any(each.works_away for each in family.parents):
        found.append(Category.LEFT_BEHIND)
    if father.status is mother.status is ParentStatus.DEAD:
        found.append(Category.ORPHAN)
    elif not father.reachable and not mother.reachable:
        found.append(Category.DE_FACTO)
    if family.poor:
        found.append(Category.POVERTY)
    if child.disability:
        found.append(Category.DISABLED)
    return found or [Category.OTHER if age >= 16 or not family.away else Category.LEFT_BEHIND]


def born_on(child: Child) -> date:
    """The birth date."""
    return date.fromordinal(child.birth)
