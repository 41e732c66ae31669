"""Categories, claims, applications and money: SQL and domain/ give the same answers on any day."""
# ruff: noqa: E501 - tables

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import child_file as c
from domain import eligibility as e
from domain import guardianship as g
from domain import subsidy as s
from domain.ageing import held_on, off_ledger_on
from domain.applications import Application, steps
from domain.categories import Person, decide
from domain.circumstances import Told, circumstances
from domain.disability import DisabilityCertified, DisabilityType
from domain.duty_settings import values_on
from domain.entitlement import Award, entitlements, findings, to_pay
from domain.event import NO_CHILD, SHANGHAI, Recorded, day
from domain.household import ChildReunited, IncomeStatus, IncomeStatusSet
from domain.proposals import Change, ProposalRefused, proposals
from domain.rules.register import ALL_SETTINGS
from domain.standards import Set, Standard, StandardSet, expected
from domain.terms import Parent, Relation, Sex

VILLAGES = ("520526100201", "520526100202", "520527100201")
FIRST = datetime(2024, 9, 1, 9, tzinfo=SHANGHAI)
SPAN = 800 * 24 * 60
"""Minutes of the histories."""
BENEFITS = list(s.Benefit)[:7]


def _month(dice: Random) -> str:
    return f"{dice.choice((2025, 2026))}-{dice.randint(1, 12):02d}"


def _registration(dice: Random) -> c.ChildRegistered:
    return c.ChildRegistered(
        name="enc1:n",
        id_type=c.IDType.NONE,
        sex=Sex.GIRL,
        birth_date=date(2006, 1, 1) + timedelta(days=dice.randrange(17 * 365)),
        hukou_type=dice.choice([*[c.Hukou.RURAL] * 4, *c.Hukou]),
        hukou_division=dice.choice(("520526", "520527", "52")),
        residence_division=dice.choice(VILLAGES),
    )


def _event(dice: Random, child: int) -> Any:
    """Something that categories, claims or money rest on; two things of a child meet often."""
    pick, parent = dice.choice, dice.choice(list(Parent))
    benefit, application = f"B-{child}-{dice.randrange(3)}", f"AP-{child}-{dice.randrange(2)}"
    kind, fen = pick(BENEFITS), pick((14_100, 14_100, 15_000, 160_000))
    return pick([
        lambda: c.CategoryAdded(category=pick(list(c.Category))),
        lambda: c.CategoryRemoved(category=pick(list(c.Category))),
        lambda: c.ChildMoved(residence_division=pick(VILLAGES)),
        lambda: c.HealthStatusSet(status=c.Health.DISABLED, disability_grade=pick((None, 1, 3))),
        lambda: c.HealthStatusSet(status=pick((c.Health.HEALTHY, c.Health.SERIOUS))),
        lambda: c.SchoolEnrolled(school_code="S-1", stage=pick(list(c.SchoolStage))),
        lambda: c.SchoolLeft(school_code="S-1", reason=c.SchoolLeaving.OTHER),
        lambda: c.RiskFactorRecorded(factor=pick(list(c.RiskFactor)), present=pick((True, False))),
        lambda: g.ParentDeparted(parent=parent, reason=pick(list(g.AbsenceReason))),
        lambda: g.ParentDeparted(parent=parent),
        lambda: g.ParentReturned(parent=parent),
        lambda: g.ParentStatusChanged(parent=parent, status=pick(list(g.ParentStatus))),
        lambda: g.ParentStatusChanged(parent=parent, status=pick(list(g.ParentStatus))),
        lambda: g.GuardianLinked(guardian_id=f"G-{dice.random()}", name="enc1:x", is_legal=True,
                                 relation=pick((Relation.FATHER, Relation.MOTHER, Relation.SIBLING)),
                                 capacity=pick(list(g.Capacity))),
        lambda: g.GuardianAssessed(guardian_id="G-1", grade=pick(list(g.GuardianGrade))),
        lambda: IncomeStatusSet(status=pick([IncomeStatus.SUBSISTENCE, *IncomeStatus])),
        lambda: DisabilityCertified(type=DisabilityType.SIGHT, grade=dice.randint(1, 4)),
        ChildReunited,
        lambda: ProposalRefused(category=pick(list(c.Category)), change=pick(list(Change))),
        lambda: c.LeftLedger(reason=c.Leaving.OTHER),
        c.ReturnedToLedger,
        *[lambda: s.BenefitGranted(benefit_id=benefit, type=kind, amount_fen=fen,
                                   from_month=_month(dice))] * 3,
        lambda: s.BenefitAdjusted(benefit_id=benefit, amount_fen=fen, from_month=_month(dice)),
        *[lambda: s.BenefitPaid(benefit_id=benefit, amount_fen=fen, period=_month(dice))] * 6,
        lambda: s.BenefitStopped(benefit_id=benefit, reason=s.Stopping.OTHER,
                                 last_month=_month(dice)),
        lambda: e.Applied(application_id=application, benefit=kind),
        lambda: e.Accepted(application_id=application),
        lambda: e.Checked(application_id=application, in_order=True),
        lambda: e.Confirmed(application_id=application),
        lambda: e.Rejected(application_id=application, reason=e.Refused.PAPERS),
        lambda: e.Notified(application_id=application),
    ])()  # fmt: skip


def live(log: Any, helpers: Any, dice: Random, events: int, children: int = 12) -> None:
    """Children of all ages, and what happens to them; late facts and corrections among it."""
    for number in range(children):
        log.write(_registration(dice), helpers.kid(number), FIRST)
    for _ in range(events):
        when = FIRST + timedelta(minutes=dice.randrange(SPAN))
        known = when + timedelta(minutes=dice.choice((0, 9, 60 * 24 * 40)))
        if dice.random() < 0.03:
            told = StandardSet(standard=dice.choice(list(Standard)), from_month=_month(dice),
                               amount_fen=dice.choice((47_000, 47_001, 160_000)))  # fmt: skip
            log.write(told, NO_CHILD, when, known, place=VILLAGES[0][: dice.choice((2, 4, 6))])
            continue
        number, corrects = dice.randrange(children), NO_CHILD
        event = _event(dice, number)
        if dice.random() < 0.1:
            stored = [msgspec.json.decode(row[4], type=Recorded) for row in log.stored[children:]]
            same = [r for r in stored if (r.type, r.child_id) == (event.TYPE, helpers.kid(number))]
            same = [r for r in same if _key(r, event)]
            corrects = same[-1].event_id if same else NO_CHILD
        log.write(event, helpers.kid(number), when, known, corrects)


def _key(recorded: Recorded, event: Any) -> bool:
    data = msgspec.json.decode(recorded.data)
    return event.KEY is None or data[event.KEY] == getattr(event, event.KEY)


# --- the slow and obvious way ------------------------------------------------------------------

Fact = tuple[Recorded, dict[str, Any]]


def known_on(log: Any, on: date) -> list[Fact]:
    """The events that counted at the end of a day, as known then, in their order."""
    events = [msgspec.json.decode(row[4], type=Recorded) for row in log.stored]
    known = [(n, each) for n, each in enumerate(events) if day(each.recorded_at) <= on]
    gone = {each.corrects for _, each in known} - {NO_CHILD}
    kept = [(n, each) for n, each in known if day(each.occurred_at) <= on]
    kept.sort(key=lambda pair: (pair[1].occurred_at, pair[0]))
    return [(r, msgspec.json.decode(r.data)) for _, r in kept if r.event_id not in gone]


class Child:
    """What Python says of one child on a day."""

    def __init__(self, facts: list[Fact], on: date, sets: list[Set]) -> None:
        told = [Told(r.type, d, day(r.occurred_at), r.event_id) for r, d in facts]
        birth = next(d for t, d, *_ in told if t == "child.registered.v1")["birth_date"]
        born = date.fromisoformat(birth).replace(day=1)
        self.known = circumstances(told)
        names = {t.partition(".")[2] for t, v in self.known.items()
                 if t.startswith("category.") and v.value == "held"}  # fmt: skip
        on_file = frozenset(each for each in c.Category if each.value in names)
        self.held = held_on(born, on_file, on)
        turns = [r.type for r, _ in facts if r.type in {
            "child.registered.v1", "child.left_ledger.v1", "child.returned_to_ledger.v1"}]  # fmt: skip
        self.on_ledger = turns[-1] != "child.left_ledger.v1" and on < off_ledger_on(born, on_file)
        self.village = [d["residence_division"] for r, d in facts
                        if r.type in {"child.registered.v1", "child.moved.v1"}][-1]  # fmt: skip
        values = values_on(ALL_SETTINGS, self.village, on)
        self.decisions = decide(self.known, Person(born, on, values))
        self.awards = _awards(facts)
        held = [each.value for each in self.held]
        self.claims = entitlements(
            self.known, Person(born, on, values), held, self.decisions, self.awards
        )
        self.findings = findings(self.awards, on, values["pay_days"],
                                 lambda b, m: expected(sets, b, self.village, m))  # fmt: skip
        self.steps = [each for one in _applications(facts) for each in steps(one, on, values)]


def _awards(facts: list[Fact]) -> list[Award]:
    by_id: defaultdict[str, list[Fact]] = defaultdict(list)
    for r, d in facts:
        if r.type.startswith("benefit."):
            by_id[d["benefit_id"]].append((r, d))
    made = []
    for key, own in by_id.items():
        grants = [each for each in own if each[0].type == "benefit.granted.v1"]
        if grants:
            stops = [d["last_month"] for r, d in own if r.type == "benefit.stopped.v1"]
            made.append(Award(
                benefit_id=key, benefit=grants[0][1]["type"],
                granted_on=day(grants[0][0].occurred_at), first_month=grants[0][1]["from_month"],
                last_month=stops[-1] if stops else "",
                amounts=tuple((d["from_month"], d["amount_fen"]) for _, d in own if "from_month" in d),
                paid=tuple((d["period"], d["amount_fen"], day(r.occurred_at))
                           for r, d in own if "period" in d),
            ))  # fmt: skip
    return made


def _applications(facts: list[Fact]) -> list[Application]:
    by_id: defaultdict[str, dict[str, date]] = defaultdict(dict)
    names = {"applied": "applied_on", "accepted": "accepted_on", "checked": "checked_on",
             "confirmed": "decided_on", "rejected": "decided_on", "notified": "notified_on"}  # fmt: skip
    for r, d in facts:
        if "application_id" in d:
            by_id[d["application_id"]].setdefault(names[r.type.split(".")[1]], day(r.occurred_at))
    return [Application(**each) for each in by_id.values() if "applied_on" in each]


def children(facts: list[Fact], on: date) -> dict[UUID, Child]:
    """Every registered child, as Python sees it."""
    own: defaultdict[UUID, list[Fact]] = defaultdict(list)
    for fact in facts:
        own[fact[0].child_id].append(fact)
    sets = [Set(r.place, d["standard"], d["from_month"], d["amount_fen"])
            for r, d in own.pop(NO_CHILD, []) if r.type == "subsidy.standard_set.v1"]  # fmt: skip
    registered = {r.child_id for r, _ in facts if r.type == "child.registered.v1"}
    return {key: Child(each, on, sets) for key, each in own.items() if key in registered}


def compare(house: Any, on: date) -> None:
    """Each view says what Python says."""
    young = children(known_on(house.log, on), on)
    listed = {key: child for key, child in young.items() if child.on_ledger}

    def asked(columns: str, view: str) -> list[Any]:
        return sorted(house.ask(f"SELECT {columns} FROM {view}_as_of(as_of = '{on}')"), key=str)

    def said(rows: Any) -> list[Any]:
        return sorted(rows, key=str)

    assert asked("child_id, arraySort(categories)", "children") == said(
        (k, sorted(e.value for e in ch.held)) for k, ch in young.items()
    )
    assert asked("child_id, category, answer, needs, since", "category_decisions") == said(
        (k, d.category, d.answer, list(d.needs), d.since)
        for k, ch in listed.items() for d in ch.decisions
    )  # fmt: skip
    shown = house.ask(
        "SELECT child_id, proposal, category"
        f" FROM category_decisions_as_of(as_of = '{on}') WHERE proposal != ''"
    )
    assert said(shown) == said(
        (k, p.change.value, p.decision.category)
        for k, ch in listed.items() for p in proposals(ch.decisions, ch.held, ch.known)
    )  # fmt: skip
    columns = "child_id, benefit, rule, answer, needs, since, due_on, done_on, benefit_id, state"
    assert asked(f"{columns}, overdue_days", "entitlements") == said(
        (k, x.benefit, x.rule, x.answer, list(x.needs), x.since, x.due_on, x.done_on,
         x.benefit_id, x.state or "", max(x.overdue_days, -10**6))
        for k, ch in listed.items() for x in ch.claims
    )  # fmt: skip
    columns = "kind, child_id, benefit, benefit_ids, period, expected_fen, found_fen, day"
    assert asked(columns, "payment_findings") == said(
        (f.kind, k, f.benefit, list(f.benefit_ids), f.period, f.expected_fen, f.found_fen, f.day)
        for k, ch in young.items() for f in ch.findings
    )  # fmt: skip
    assert asked("child_id, benefit_id, fen", "to_pay") == said(
        (k, award.benefit_id, fen) for k, ch in young.items()
        for award, fen in to_pay(ch.awards, on)
    )  # fmt: skip
    columns = "child_id, check, since, due_on, done_on, state, overdue_days"
    assert asked(columns, "application_steps") == said(
        (k, x.check, x.since, x.due_on, x.done_on, x.state, x.overdue_days)
        for k, ch in young.items() for x in ch.steps
    )  # fmt: skip


@given(seed=st.integers(0, 2**32), on=st.dates(date(2025, 1, 1), date(2026, 10, 1)))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_and_python_agree_on_any_day(
    house_maker: Any, helpers: Any, seed: int, on: date
) -> None:
    with house_maker() as house:
        live(house.log, helpers, helpers.dice(seed), 600)
        house.catch_up()
        compare(house, on)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_sql_and_python_agree_on_many_histories(house_maker: Any, helpers: Any, seed: int) -> None:
    with house_maker() as house:
        live(house.log, helpers, helpers.dice(seed), 20_000, children=250)
        house.catch_up()
        for on in (date(2025, 8, 31), date(2026, 3, 1)):
            compare(house, on)
