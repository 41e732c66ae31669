"""Growing up happens by the calendar: sixteen and eighteen, leap days, the ends of months."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ageing import age_on, held_on, limit, off_ledger_on, over_on
from domain.child_file import Category, CategoryAdded, IDType
from domain.event import event_id
from domain.one_child import Told, facts_of

LEFT, MIGRANT, ORPHAN = Category.LEFT_BEHIND, Category.MIGRANT, Category.ORPHAN
BORN = date(2010, 3, 15)


@pytest.mark.parametrize(
    ("born", "years", "over"),
    [
        (date(2010, 3, 1), 16, date(2026, 4, 1)),
        (date(2010, 12, 1), 16, date(2027, 1, 1)),
        (date(2008, 2, 1), 18, date(2026, 3, 1)),
    ],
)
def test_a_child_counts_to_the_end_of_its_birth_month(born: date, years: int, over: date) -> None:
    assert over_on(born, years) == over


@given(st.dates(date(2005, 1, 1), date(2026, 1, 1)), st.sampled_from([16, 18]))
def test_a_read_model_is_never_early_and_at_most_a_month_late(born: date, years: int) -> None:
    over = over_on(born.replace(day=1), years)
    assert age_on(born, over) >= years
    assert age_on(born, over - timedelta(days=32)) < years


def test_at_sixteen_the_categories_of_children_in_difficulty_stay() -> None:
    both = frozenset({LEFT, MIGRANT, ORPHAN})
    month = BORN.replace(day=1)
    assert held_on(month, both, date(2026, 3, 31)) == both
    assert held_on(month, both, date(2026, 4, 1)) == {ORPHAN}
    assert held_on(month, both, date(2028, 4, 1)) == frozenset()


def test_who_outgrew_every_category_is_off_the_ledger() -> None:
    month = BORN.replace(day=1)
    assert off_ledger_on(month, frozenset({LEFT})) == date(2026, 4, 1)
    assert off_ledger_on(month, frozenset({LEFT, ORPHAN})) == date(2028, 4, 1)
    assert off_ledger_on(month, frozenset()) == date(2028, 4, 1)


@pytest.mark.parametrize("category", list(Category))
def test_nobody_is_taken_into_a_category_after_the_birthday(
    story: Any, registration: Any, category: Category
) -> None:
    born = date(2009, 1, 11) if limit(category) == 16 else date(2007, 1, 11)
    file = registration(birth_date=born, id_type=IDType.NONE, id_number=None)
    eve = story.given((0, file)).when(9, CategoryAdded(category=category))
    eve.then_recorded()


@pytest.mark.parametrize("category", list(Category))
def test_on_the_birthday_itself_it_is_too_late(
    story: Any, registration: Any, category: Category
) -> None:
    born = date(2009, 1, 11) if limit(category) == 16 else date(2007, 1, 11)
    file = registration(birth_date=born, id_type=IDType.NONE, id_number=None)
    story.given((0, file)).when(10, CategoryAdded(category=category)).then_refused(
        "too_old", "category"
    )


def test_a_leap_days_child_is_sixteen_on_the_first_of_march(story: Any, registration: Any) -> None:
    file = registration(birth_date=date(2009, 3, 1), id_type=IDType.NONE, id_number=None)
    assert age_on(date(2008, 2, 29), date(2024, 2, 28)) == 15
    assert age_on(date(2008, 2, 29), date(2025, 2, 28)) == 16
    assert age_on(date(2004, 2, 29), date(2022, 2, 28)) == 17
    assert age_on(date(2004, 2, 29), date(2022, 3, 1)) == 18
    story.given((0, file)).when(58, CategoryAdded(category=LEFT)).then_recorded()


@pytest.mark.parametrize(("on", "still"), [(date(2026, 3, 31), True), (date(2026, 4, 1), False)])
def test_who_outgrew_the_only_category_has_no_duties(on: date, still: bool) -> None:
    key, day = event_id("urn:test", "1"), date(2025, 1, 1)
    born = {"birth_date": "2010-03-15", "residence_division": "520526100201"}
    told = [
        Told(day, "child.registered.v1", born, key, ""),
        Told(day, "child.category_added.v1", {"category": LEFT.value}, key, ""),
    ]
    facts = facts_of(key, told, on)
    assert facts is not None
    assert facts.on_ledger is still
