"""One child's claims, applications and money, folded from its events: rules T9.1 and T9.2.

What `entitlements`, `application_steps` and `payment_findings` say of everyone in SQL, for one
child in Python, by the same functions (domain/entitlement.py, domain/applications.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from msgspec import convert

from domain.ageing import held_on, off_ledger_on
from domain.applications import Application, Step, steps
from domain.categories import Person, decide
from domain.child_file import Category
from domain.circumstances import Told, circumstances
from domain.duty_settings import Setting, values_on
from domain.entitlement import Award, Entitlement, Finding, entitlements, findings
from domain.entitlement_settings import COUNTRYS
from domain.standards import Set, expected
from domain.subsidy import Benefit

STEPS = {
    "eligibility.applied.v1": "applied_on",
    "eligibility.accepted.v1": "accepted_on",
    "eligibility.checked.v1": "checked_on",
    "eligibility.confirmed.v1": "decided_on",
    "eligibility.rejected.v1": "decided_on",
    "eligibility.notified.v1": "notified_on",
}
"""Event → the day of an application that it gives, where it is the first to."""


class Claims(NamedTuple):
    """What is owed of benefits on a day.

    claims   of every benefit that a rule gives, whether there is a claim and a cover; off the
             ledger none
    steps    application → its steps
    money    (rule, benefit) → what is wrong with it, what was found first in front
    """

    claims: list[Entitlement]
    steps: dict[str, list[Step]]
    money: dict[tuple[str, str], list[Finding]]


def claims_of(
    told: Sequence[Told], on: date, place: str, settings: Iterable[Setting], sets: Sequence[Set]
) -> Claims:
    """A registered child's claims, applications and money.

    told   its events that count on that day, in the order of time
    sets   the local standards, in the order in which they were set
    """
    ours = (each for each in settings if not each.place or each.key not in COUNTRYS)
    values = values_on(ours, place, on)
    awards = awards_of(told)
    applications = applications_of(told)
    found = findings(awards, on, values["pay_days"], lambda b, m: expected(sets, b, place, m))
    return Claims(
        claims=_claims(told, on, values, awards),
        steps={key: steps(one, on, values) for key, one in applications.items()},
        money=_by_benefit(found),
    )


def _claims(
    told: Sequence[Told], on: date, values: Mapping[str, int], awards: Sequence[Award]
) -> list[Entitlement]:
    known = circumstances(told)
    born = [each.data["birth_date"] for each in told if each.type == "child.registered.v1"][-1]
    person = Person(convert(born, date).replace(day=1), on, values)
    on_file = frozenset(
        each
        for each in Category
        if (topic := f"category.{each.value}") in known and known[topic].value == "held"
    )
    held = held_on(person.birth_month, on_file, on)
    turns = {"child.registered.v1", "child.left_ledger.v1", "child.returned_to_ledger.v1"}
    left = [each.type for each in told if each.type in turns][-1] == "child.left_ledger.v1"
    if left or on >= off_ledger_on(person.birth_month, on_file):
        return []
    decisions = decide(known, person)
    names = [each.value for each in held]
    return entitlements(known, person, names, decisions, awards)


def awards_of(told: Iterable[Told]) -> list[Award]:
    """The benefits that were granted, with their amounts and payments."""
    own: dict[str, list[Told]] = {}
    for each in told:
        if each.type.startswith("benefit."):
            own.setdefault(each.data["benefit_id"], []).append(each)
    return [made for key, of_it in own.items() if (made := _award(key, of_it))]


def _award(key: str, told: Sequence[Told]) -> Award | None:
    of = {name: [each for each in told if each.type == f"benefit.{name}.v1"] for name in (
        "granted", "paid", "stopped",
    )}  # fmt: skip
    if not of["granted"]:
        return None
    first = of["granted"][0]
    return Award(
        benefit_id=key,
        benefit=first.data["type"],
        granted_on=first.day,
        first_month=first.data["from_month"],
        last_month=of["stopped"][-1].data["last_month"] if of["stopped"] else "",
        amounts=tuple(
            (t.data["from_month"], t.data["amount_fen"]) for t in told if "from_month" in t.data
        ),
        paid=tuple((t.data["period"], t.data["amount_fen"], t.day) for t in of["paid"]),
    )


def applications_of(told: Iterable[Told]) -> dict[str, Application]:
    """The applications, in the sender's numbering."""
    days: dict[str, dict[str, date]] = {}
    for each in told:
        if each.type in STEPS:
            days.setdefault(each.data["application_id"], {}).setdefault(STEPS[each.type], each.day)
    return {key: Application(**own) for key, own in days.items() if "applied_on" in own}


def _by_benefit(found: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    made: dict[tuple[str, str], list[Finding]] = {}
    for each in sorted(found, key=lambda f: (f.day, f.kind, f.period)):
        rule = "T9.2" if each.benefit == Benefit.SPECIAL_HARDSHIP.value else "T9.1"
        for benefit_id in each.benefit_ids:
            made.setdefault((rule, benefit_id), []).append(each)
    return made
