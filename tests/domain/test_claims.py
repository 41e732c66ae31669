"""Claims, amounts, payments and application periods (T9.1, T9.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.applications import Application, steps
from domain.categories import Person, decide
from domain.circumstances import Standing
from domain.duty_settings import values_on
from domain.entitlement import Award, Entitlement, entitlements, findings, to_pay
from domain.event import event_id
from domain.rules.register import ALL_SETTINGS
from domain.standards import Set, expected
from domain.subsidy import Benefit, special_hardship_amount
from domain.workdays import is_workday, workday_after

VILLAGE = "520526100201"
ON = date(2026, 3, 31)
VALUES = values_on(ALL_SETTINGS, VILLAGE, ON)
FACT = event_id("urn:test", "1")
JANUARY = date(2026, 1, 10)


def facts(**said: str) -> dict[str, Standing]:
    names = {"left_behind": "category.left_behind_child", "orphan": "category.orphan"}
    return {names.get(k, k): Standing(v, JANUARY, JANUARY, FACT) for k, v in said.items()}


POOR = {"hukou": "rural", "income": "subsistence", "school": "primary", "left_behind": "held"}


def claim(
    benefit: Benefit, known: dict[str, Standing], *held: str, awards: tuple[Award, ...] = (),
    born: date = date(2016, 5, 1),
) -> Entitlement:  # fmt: skip
    person = Person(born, ON, VALUES)
    made = entitlements(known, person, held, decide(known, person), awards)
    return next(each for each in made if each.benefit == benefit.value)


def hardship(*held: str, **said: str) -> tuple[str, tuple[str, ...]]:
    found = claim(Benefit.SPECIAL_HARDSHIP, facts(**POOR | said), *held)
    return found.answer, found.needs


LEFT = "left_behind_child"


@pytest.mark.parametrize(
    ("said", "held", "answer"),
    [
        ({}, (LEFT,), ("yes", ())),
        ({"school": "junior"}, (LEFT,), ("yes", ())),
        ({"school": "senior"}, (LEFT,), ("no", ())),
        ({"school": "kindergarten"}, (LEFT,), ("no", ())),
        ({"school": "left"}, (LEFT,), ("needs", ("school",))),
        ({"income": "low_income_margin"}, (LEFT,), ("no", ())),
        ({"hukou": "urban"}, (LEFT,), ("no", ())),
        ({"hukou": "none"}, (LEFT,), ("needs", ("hukou",))),
        ({}, (), ("no", ())),
        ({}, ("migrant_child",), ("no", ())),
    ],
)
def test_the_hardship_allowance_is_for_poor_rural_pupils_on_the_ledger(
    said: dict[str, str], held: tuple[str, ...], answer: Any
) -> None:
    assert hardship(*held, **said) == answer


def test_a_claim_is_due_after_its_days_and_overdue_after_that() -> None:
    found = claim(Benefit.SPECIAL_HARDSHIP, facts(**POOR), LEFT)
    assert (found.since, found.due_on) == (JANUARY, date(2026, 3, 11))
    assert (found.state, found.overdue_days) == ("overdue", 20)


def award(benefit: Benefit, key: str = "B-1", **changes: Any) -> Award:
    given: dict[str, Any] = {
        "benefit_id": key, "benefit": benefit.value, "granted_on": date(2026, 1, 20),
        "first_month": "2026-02", "amounts": (("2026-02", 14_100),),
    }  # fmt: skip
    return Award(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "met"),
        ({"granted_on": date(2026, 3, 20)}, "late"),
        ({"last_month": "2026-02"}, "overdue"),
        ({"last_month": "2026-03"}, "met"),
        ({"first_month": "2026-04"}, "overdue"),
    ],
)
def test_what_runs_in_the_month_covers_a_claim(changes: dict[str, Any], state: str) -> None:
    held = award(Benefit.SPECIAL_HARDSHIP, **changes)
    found = claim(Benefit.SPECIAL_HARDSHIP, facts(**POOR), LEFT, awards=(held,))
    assert found.state == state


def test_a_category_counts_once_a_human_confirmed_it() -> None:
    dead = facts(**{"father.status": "dead", "mother.status": "dead"})
    found = claim(Benefit.ORPHAN, dead)
    assert (found.answer, found.needs) == ("needs", ("confirmation",))
    assert claim(Benefit.ORPHAN, dead | facts(orphan="held"), "orphan").answer == "yes"
    assert claim(Benefit.DE_FACTO, dead | facts(orphan="held"), "orphan").answer == "no"


def test_disability_allowance_needs_the_grade() -> None:
    def answer(known: str, **said: str) -> Any:
        found = claim(Benefit.DISABILITY, facts(**{known: said["value"]}))
        return found.answer, found.needs

    assert answer("certificate", value="sight/2") == ("yes", ())
    assert answer("certificate", value="sight/3") == ("no", ())
    assert answer("health", value="disabled/0") == ("needs", ("grade",))
    assert answer("health", value="healthy/0") == ("no", ())


# --- amounts -----------------------------------------------------------------------------------

SETS = [
    Set("52", "rural_subsistence", "2025-01", 40_000),
    Set("520526", "rural_subsistence", "2026-01", 47_001),
    Set("520526", "rural_subsistence", "2026-07", 48_000),
]


@pytest.mark.parametrize(
    ("place", "month", "fen"),
    [
        (VILLAGE, "2024-12", ()),
        (VILLAGE, "2025-12", (12_000,)),
        (VILLAGE, "2026-01", (14_100,)),
        (VILLAGE, "2026-07", (14_400,)),
        ("520527100201", "2026-07", (12_000,)),
    ],
)
def test_the_allowance_is_thirty_per_cent_of_the_nearest_standard_of_the_month(
    place: str, month: str, fen: tuple[int, ...]
) -> None:
    assert expected(SETS, Benefit.SPECIAL_HARDSHIP.value, place, month) == fen


@pytest.mark.parametrize(
    ("standard", "fen"), [(47_001, 14_100), (47_005, 14_102), (47_004, 14_101), (10_005, 3_002)]
)
def test_half_a_fen_is_rounded_up(standard: int, fen: int) -> None:
    assert special_hardship_amount(standard) == fen


def found(*awards: Award, on: date = ON) -> list[tuple[str, str, int, int]]:
    """Kind, month, what would be right, what was."""
    wrong = findings(awards, on, 10, lambda b, m: expected(SETS, b, VILLAGE, m))
    return [(each.kind, each.period, each.expected_fen, each.found_fen) for each in wrong]


def paid(month: int, fen: int = 14_100, day: date | None = None) -> tuple[str, int, date]:
    return f"2026-{month:02d}", fen, day or date(2026, month, 18)


HARDSHIP = Benefit.SPECIAL_HARDSHIP


def test_paid_in_full_and_in_time_is_no_finding() -> None:
    assert found(award(HARDSHIP, paid=(paid(2), paid(3)))) == []


def test_one_month_paid_under_two_numbers_is_found() -> None:
    twice = award(HARDSHIP, "B-2", paid=(paid(2, day=date(2026, 2, 20)),), last_month="2026-02")
    assert found(award(HARDSHIP, paid=(paid(2), paid(3))), twice) == [
        ("double_paid", "2026-02", 14_100, 28_200)
    ]


def test_allowances_that_exclude_one_another_are_found() -> None:
    orphan = award(Benefit.ORPHAN, "B-1", paid=(paid(2, 160_000), paid(3, 160_000)))
    other = award(Benefit.DE_FACTO, "B-2", paid=(paid(2, 159_000),), last_month="2026-02")
    assert found(orphan, other) == [("excluded", "2026-02", 0, 159_000)]


def test_a_wrong_amount_is_found_where_it_was_granted_and_where_it_was_paid() -> None:
    wrong = award(HARDSHIP, amounts=(("2026-02", 15_000),), paid=(paid(2, 15_000), paid(3)))
    assert found(wrong) == [
        ("wrong_paid", "2026-02", 14_100, 15_000),
        ("wrong_granted", "2026-03", 14_100, 15_000),
    ]


def test_late_and_missing_payments_are_found_ten_days_after_their_month() -> None:
    late = award(HARDSHIP, paid=(paid(2, day=date(2026, 3, 11)),))
    assert found(late) == [("late_paid", "2026-02", 14_100, 14_100)]
    assert found(award(HARDSHIP), on=date(2026, 3, 10)) == []
    assert found(award(HARDSHIP), on=date(2026, 3, 11)) == [("unpaid", "2026-02", 14_100, 0)]


def test_relief_paid_once_is_never_owed_each_month() -> None:
    assert found(award(Benefit.TEMPORARY)) == []


def test_what_to_pay_this_month_is_what_runs_and_is_not_paid() -> None:
    running = award(HARDSHIP, amounts=(("2026-02", 14_100), ("2026-03", 14_400)))
    assert [fen for _, fen in to_pay([running], ON)] == [14_400]
    assert to_pay([award(HARDSHIP, paid=(paid(3),))], ON) == []
    assert to_pay([award(HARDSHIP, last_month="2026-02")], ON) == []


# --- application periods -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # Saturday worked before Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
        (date(2027, 2, 6), False),  # no notice yet: an ordinary Saturday
    ],
)
def test_working_days_follow_the_yearly_notice(day: date, works: bool) -> None:
    assert is_workday(day) is works


def test_three_working_days_reach_over_spring_festival() -> None:
    assert workday_after(date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_each_step_is_due_after_the_one_before() -> None:
    one = Application(applied_on=date(2026, 3, 2), accepted_on=date(2026, 3, 6),
                      checked_on=date(2026, 3, 20))  # fmt: skip
    said = {e.check: (e.due_on, e.state) for e in steps(one, date(2026, 3, 31), VALUES)}
    assert said == {
        "T9.1/accepted": (date(2026, 3, 5), "late"),
        "T9.1/checked": (date(2026, 3, 27), "met"),
        "T9.1/decided": (date(2026, 4, 13), "open"),
    }
