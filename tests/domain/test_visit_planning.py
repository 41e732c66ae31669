"""The visit list: duty first, then risk, within the hours."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.duties import Agreement, ChildFacts, duties_of
from domain.foresight import Duty, ListedFor
from domain.visit_list import Candidate, Costs, Line, Rules, plan, tie_break

MONDAY = date(2026, 3, 16)
COSTS = Costs()
VISIT = COSTS.visit + COSTS.travel


def child(number: int, *, visited: int = 20, called: int = 5, **more: Any) -> Candidate:
    """A candidate visited and called so many days ago."""
    known = ChildFacts(
        child_id=UUID(int=number),
        village_code="520526100200",
        registered_on=date(2025, 1, 1),
        director_visit_on=MONDAY - timedelta(days=visited),
        director_contact_on=MONDAY - timedelta(days=called),
        unparented_since=more.pop("unparented_since", None),
        agreement=more.pop("agreement", None),
    )
    return Candidate(child_id=known.child_id, duties=tuple(duties_of(known, MONDAY)), **more)


def listed(candidates: list[Candidate], minutes: int = 14 * 60, **more: Any) -> list[Line]:
    return plan(candidates, minutes, day=MONDAY, **more).lines


def numbers(lines: list[Line]) -> list[int]:
    return [line.child_id.int for line in lines]


def test_the_longest_overdue_come_first_then_the_due_then_the_risky() -> None:
    lines = listed(
        [child(1, score=0.9), child(2, visited=90), child(3, visited=100), child(4, visited=300)]
    )
    assert numbers(lines) == [4, 3, 2, 1]
    assert [line.duty for line in lines] == [
        Duty.OVERDUE_VISIT,
        Duty.OVERDUE_VISIT,
        Duty.DUE_VISIT,
        Duty.NONE,
    ]
    assert [line.rank for line in lines] == [1, 2, 3, 4]


def test_a_line_says_why_it_stands_there_duty_first() -> None:
    risk = ("一个月内两次走访发现问题", "父母三个月未联系", "近期转学", "第四条")
    line = listed([child(1, visited=102, score=0.4, risk_reasons=risk)])[0]
    assert line.reasons == ("已逾期12天未入户走访(应每三个月一次)", *risk[:3])


def test_risk_goes_by_score() -> None:
    lines = listed([child(1, score=0.1), child(2, score=0.8), child(3, score=0.5)])
    assert numbers(lines) == [2, 3, 1]


def test_an_overdue_contact_costs_a_phone_call() -> None:
    line = listed([child(1, visited=60, called=60)], minutes=COSTS.contact)[0]
    assert (line.duty, line.task, line.minutes) == (Duty.OVERDUE_CONTACT, "contact", COSTS.contact)


def test_a_risky_child_with_a_contact_due_is_visited_in_its_place() -> None:
    lines = listed([child(1, visited=60, called=60, score=0.9), child(2, score=0.5)])
    assert [(line.duty, line.task, line.minutes) for line in lines] == [
        (Duty.OVERDUE_CONTACT, "visit", VISIT),
        (Duty.NONE, "visit", VISIT),
    ]


def test_a_visit_makes_the_call_superfluous() -> None:
    lines = listed([child(1, visited=120, called=120)])
    assert len(lines) == 1
    assert lines[0].task == "visit"
    assert len(lines[0].reasons) == 2


def test_duties_that_do_not_fit_are_counted_and_nobody_is_visited_for_risk() -> None:
    late = [child(n, visited=100 + n) for n in range(1, 5)]
    week = plan([*late, child(9, score=0.99)], 2 * VISIT + 30, day=MONDAY)
    assert numbers(week.lines) == [4, 3]
    assert (week.left_out, week.minutes) == (2, 2 * VISIT)


def test_siblings_share_the_travel() -> None:
    home = [child(n, visited=100, household="h1") for n in (1, 2)]
    assert sum(line.minutes for line in listed(home)) == 2 * COSTS.visit + COSTS.travel


def test_a_missing_agreement_is_urged_at_a_visit_after_the_other_duties() -> None:
    left = MONDAY - timedelta(days=200)
    lines = listed([child(1, visited=40, unparented_since=left), child(2, visited=90)])
    assert [(line.child_id.int, line.duty) for line in lines] == [
        (2, Duty.DUE_VISIT),
        (1, Duty.NO_AGREEMENT),
    ]


def test_a_family_urged_lately_or_with_an_agreement_is_not_urged() -> None:
    left = MONDAY - timedelta(days=200)
    held = Agreement(signed_on=left, filed_on=left)
    urged = child(1, visited=10, score=0.0, unparented_since=left)
    settled = child(2, visited=40, unparented_since=left, agreement=held)
    assert listed([urged, settled], rules=Rules(random_share=0)) == []


def test_without_approved_scores_the_list_is_in_the_order_of_duty() -> None:
    children = [child(1, visited=20, score=0.9), child(2, visited=50, score=0.1)]
    lines = listed(children, scores_approved=False)
    assert numbers(lines) == [2, 1]
    assert [line.score for line in lines] == [None, None]
    assert {line.duty for line in lines} == {Duty.DUE_VISIT}
    unscored = [child(1, visited=20), child(2, visited=50)]
    assert numbers(listed(unscored)) == [2, 1]


def test_equals_are_ordered_anew_each_day_and_not_by_row() -> None:
    ids = [UUID(int=n) for n in range(50)]
    one, other = (
        sorted(ids, key=lambda each, day=day: tie_break(day, each))
        for day in (MONDAY, MONDAY + timedelta(days=7))
    )
    assert one != other != ids


CHILDREN = st.lists(
    st.builds(
        child,
        st.integers(1, 10**6),
        visited=st.integers(0, 200),
        called=st.integers(0, 90),
        score=st.none() | st.floats(0, 1),
        household=st.sampled_from(["", "h1", "h2"]),
    ),
    max_size=25,
    unique_by=lambda each: each.child_id,
)


@given(CHILDREN, st.integers(0, 2000), st.booleans(), st.data())
def test_a_plan_keeps_within_the_hours_and_does_not_depend_on_the_order_of_rows(
    children: list[Candidate], minutes: int, approved: bool, data: Any
) -> None:
    week = plan(children, minutes, day=MONDAY, scores_approved=approved)
    shuffled = data.draw(st.permutations(children))
    assert plan(shuffled, minutes, day=MONDAY, scores_approved=approved) == week
    assert sum(line.minutes for line in week.lines) == week.minutes <= minutes
    assert len({line.child_id for line in week.lines}) == len(week.lines)
    assert [line.rank for line in week.lines] == list(range(1, len(week.lines) + 1))


@given(CHILDREN, st.integers(0, 2000))
def test_risk_never_comes_before_duty(children: list[Candidate], minutes: int) -> None:
    lines = plan(children, minutes, day=MONDAY).lines
    beyond = [line.listed_for is not ListedFor.DUTY for line in lines]
    assert beyond == sorted(beyond)
