"""The child's file: who may be registered, what contradicts, what is merely late."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.ageing import age_on
from domain.child_file import (
    Category,
    CategoryAdded,
    CategoryRemoved,
    ChildForgotten,
    ChildMoved,
    Health,
    HealthStatusSet,
    IDType,
    Leaving,
    LeftLedger,
    RecordRetracted,
    ReturnedToLedger,
    TierSet,
    VisitPlanSet,
)
from domain.child_state import ChildState
from domain.event import UUID
from domain.identity import make_id_number
from domain.streams import fold
from domain.terms import Sex, Tier, WorkerRole
from domain.visiting import VisitCompleted

POVERTY = Category.POVERTY
VISIT = VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)
LEFT = LeftLedger(reason=Leaving.PARENT_BACK)


def test_a_child_is_registered_once(story: Any, registration: Any) -> None:
    story.given((0, registration())).when(1, registration()).then_refused(
        "already_registered", "subject"
    )


def test_a_child_without_household_registration_needs_no_id_number(
    story: Any, registration: Any
) -> None:
    story.when(0, registration(id_type=IDType.NONE, id_number=None)).then_recorded()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"id_number": None}, "id_number_missing", "id_number"),
        ({"id_type": IDType.NONE}, "id_number_unexpected", "id_type"),
        ({"sex": Sex.BOY}, "id_number_mismatch", "sex"),
        ({"birth_date": date(2015, 5, 6)}, "id_number_mismatch", "birth_date"),
        ({"birth_date": date(2025, 1, 2)}, "birth_date_in_future", "birth_date"),
        ({"birth_date": date(2007, 1, 1)}, "not_a_child", "birth_date"),
        ({"id_number": "123"}, "id_number_length", "id_number"),
    ],
)
def test_a_registration_that_contradicts_itself_is_refused(
    story: Any, registration: Any, changes: dict[str, Any], code: str, field: str
) -> None:
    story.when(0, registration(**changes)).then_refused(code, field)


def test_a_child_of_seventeen_is_registered_on_the_eve_of_its_birthday(
    story: Any, registration: Any
) -> None:
    born = date(2007, 1, 2)
    number = make_id_number("529901", born, 2)
    story.when(0, registration(birth_date=born, id_number=number)).then_recorded()


def test_an_age_is_full_years_and_a_leap_day_child_has_its_birthday_in_march() -> None:
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_no_refusal_of_a_registration_repeats_the_id_number(story: Any, registration: Any) -> None:
    number = registration().id_number[:17] + "0"
    refusal = story.when(0, registration(id_number=number)).then_refused(
        "id_number_checksum", "id_number"
    )
    assert number not in str(refusal) + refusal.value + refusal.message


def test_an_event_of_an_unregistered_child_is_refused_and_says_it_can_be_replayed(
    new_story: Any, unregistered: ChildState
) -> None:
    refusal = new_story(file=unregistered).when(0, VISIT).then_refused("child_unknown", "subject")
    assert "replay" in refusal.message


def test_an_event_of_a_child_nobody_knows_is_refused_alike(new_story: Any) -> None:
    story = new_story()
    story.file = None
    story.when(0, VISIT).then_refused("child_unknown", "subject")


def test_a_forgotten_child_takes_no_more_events(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, ChildForgotten()))
    story.when(2, TierSet(tier=Tier.RED)).then_refused("child_forgotten", "subject")
    story.when(2, registration()).then_refused("already_registered", "subject")


def test_a_category_is_added_once_until_it_is_removed(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, CategoryAdded(category=POVERTY)))
    story.when(2, CategoryAdded(category=POVERTY)).then_refused("category_held", "category")
    story.given((3, CategoryRemoved(category=POVERTY)), (4, CategoryAdded(category=POVERTY)))


def test_a_category_that_is_not_held_cannot_be_removed(story: Any, registration: Any) -> None:
    story.given((0, registration()))
    story.when(1, CategoryRemoved(category=POVERTY)).then_refused("category_not_held", "category")


def test_a_late_category_is_judged_at_its_place_in_time(story: Any, registration: Any) -> None:
    story.given((0, registration()), (5, CategoryAdded(category=POVERTY)))
    story.when(2, CategoryAdded(category=POVERTY), recorded=9).then_recorded()
    story.when(3, CategoryRemoved(category=POVERTY), recorded=9).then_recorded()


def test_a_child_leaves_the_ledger_once_until_it_returns(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, LEFT))
    story.when(2, LEFT).then_refused("already_left", "subject")
    story.given((3, ReturnedToLedger()), (4, LEFT))


def test_a_child_on_the_ledger_does_not_return_to_it(story: Any, registration: Any) -> None:
    story.given((0, registration()))
    story.when(1, ReturnedToLedger()).then_refused("not_left", "subject")


def test_a_child_does_not_leave_before_it_was_registered(story: Any, registration: Any) -> None:
    story.given((10, registration()))
    story.when(3, LEFT, recorded=12).then_refused("before_registration", "time")


def test_the_file_of_a_child_that_left_still_takes_facts(story: Any, registration: Any) -> None:
    story.given((0, registration()), (1, LEFT))
    story.given((2, HealthStatusSet(status=Health.WEAK)))


def test_a_disability_grade_needs_the_status_disabled(story: Any, registration: Any) -> None:
    story.given((0, registration()))
    story.when(1, HealthStatusSet(status=Health.WEAK, disability_grade=2)).then_refused(
        "grade_without_disability", "disability_grade"
    )
    story.given((1, HealthStatusSet(status=Health.DISABLED, disability_grade=2)))


def test_a_child_lives_where_it_moved_last_whatever_the_order_of_recording(
    story: Any, registration: Any
) -> None:
    later, earlier = "520526100202", "520526100201"
    story.given((0, registration()), (9, ChildMoved(residence_division=later)))
    story.given((5, ChildMoved(residence_division=earlier)))
    file = fold("child", story.history)
    assert isinstance(file, ChildState)
    assert file.village == later


@pytest.mark.parametrize(
    ("tier", "most"), [(None, 90), (Tier.GREEN, 90), (Tier.BLUE, 30), (Tier.RED, 7)]
)
def test_a_visit_plan_only_tightens(
    story: Any, registration: Any, tier: Tier | None, most: int
) -> None:
    story.given((0, registration()))
    if tier is not None:
        story.given((1, TierSet(tier=tier)))
    refusal = story.when(2, VisitPlanSet(interval_days=most + 1)).then_refused(
        "plan_too_loose", "interval_days"
    )
    assert f"{most} days" in refusal.message
    story.given((2, VisitPlanSet(interval_days=most)))


def test_a_retraction_must_name_what_it_takes_back(story: Any) -> None:
    story.when(1, RecordRetracted()).then_refused("corrects_missing", "corrects")


def test_an_event_from_the_future_is_refused(story: Any) -> None:
    story.when(5, VISIT, recorded=4).then_refused("in_future", "time")


def test_refusals_name_the_child_by_its_pseudonym_alone(story: Any, registration: Any) -> None:
    refusal = (
        story.given((0, registration()))
        .when(1, registration())
        .then_refused("already_registered", "subject")
    )
    assert UUID(refusal.value) == story.child
