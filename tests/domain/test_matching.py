"""Needs found become offers of the plan: given these facts, then this proposal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.care_plan import HelpMeasure
from domain.matching import BY_FACTOR, BY_PROBLEM, BY_SCREENING, Fact, Need, needs_of
from domain.rules.register import BY_ID
from domain.visiting import ProblemKind

DAY = date(2026, 3, 15)


def fact(type_: str, ago: int = 5, **data: Any) -> Fact:
    return Fact(f"{type_}.v1", uuid4(), DAY - timedelta(days=ago), data)


def problem(kind: str = "psychology", severity: str = "minor", id_: str = "p1") -> Fact:
    return fact("problem.found", kind=kind, severity=severity, problem_id=id_)


def offers(*facts: Fact) -> list[tuple[str, str]]:
    return [(each.offer.measure.value, each.offer.rule) for each in needs_of(facts, DAY)]


def events(needs: list[Need]) -> set[UUID]:
    return {event for each in needs for event in each.events}


def test_nothing_found_needs_nothing() -> None:
    assert needs_of([], DAY) == []


@pytest.mark.parametrize("kind", list(ProblemKind))
def test_every_kind_of_problem_has_its_offer_until_it_is_resolved(kind: ProblemKind) -> None:
    found = problem(kind.value)
    (need,) = needs_of([found], DAY)
    assert need.offer == BY_PROBLEM[kind]
    assert need.events == (found.event_id,)
    resolved = fact("problem.resolved", problem_id="p1", outcome="solved")
    assert needs_of([found, resolved], DAY) == []


def test_a_serious_problem_also_asks_for_more_visits() -> None:
    assert offers(problem("health", "serious")) == [("visiting", "T8.7"), ("health", "T9.4")]


def test_the_same_offer_stands_once_with_all_its_events() -> None:
    first, second = (
        problem("psychology"),
        fact("risk.factor_recorded", factor="psychological_abnormality", present=True),
    )
    (need,) = needs_of([first, second], DAY)
    assert set(need.events) == {first.event_id, second.event_id}


def test_a_factor_that_is_gone_needs_nothing() -> None:
    there = fact("risk.factor_recorded", 50, factor="truancy", present=True)
    gone = fact("risk.factor_recorded", 5, factor="truancy", present=False)
    assert offers(there) == [("schooling", "T11.6")]
    assert offers(there, gone) == []


def test_the_latest_screening_speaks_for_a_year() -> None:
    ill = fact("mental.screening_completed", 20, band="suspected_illness")
    assert offers(ill) == [("psychology", "T2.7")]
    assert offers(ill, fact("mental.screening_completed", 3, band="normal")) == []
    assert offers(fact("mental.screening_completed", 400, band="suspected_illness")) == []


def test_an_unfit_delegate_is_a_need_until_something_was_done() -> None:
    unfit = fact("care.deficiency_found", 40, agreement_id="a", kind="negligent")
    assert offers(unfit) == [("guardianship", "T5.4")]
    assert offers(unfit, fact("care.delegate_supported", 30, agreement_id="a")) == []
    assert offers(unfit, fact("care.delegate_supported", 30, agreement_id="b")) != []


def test_a_month_without_a_call_while_a_parent_is_away_asks_for_company() -> None:
    left = fact("parent.departed", 90, parent="mother")
    assert offers(left) == [("companionship", "T11.4")]
    assert offers(left, fact("parent_contact.logged", 10, leg="child")) == []
    assert offers(left, fact("parent.returned", 10, parent="mother")) == []
    assert offers(fact("parent.departed", 10, parent="mother")) == []


def test_every_offer_names_a_rule_of_the_plan_and_a_measure() -> None:
    for offer in (*BY_PROBLEM.values(), *BY_FACTOR.values(), *BY_SCREENING.values()):
        assert offer.rule in BY_ID
        assert isinstance(offer.measure, HelpMeasure)
        assert offer.text
