"""The list as a decision: what it may do with hours that duty leaves, and what no score may do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.duties import ChildFacts, duties_of
from domain.foresight import Duty, ListedFor
from domain.visit_list import Candidate, Costs, Line, Rules, plan

MONDAY = date(2026, 3, 16)
VISIT = Costs().visit + Costs().travel
NO_LOT = Rules(random_share=0)


def child(number: int, *, visited: int = 20, called: int = 5, **more: Any) -> Candidate:
    known = ChildFacts(
        child_id=UUID(int=number),
        village_code="520526100200",
        registered_on=date(2025, 1, 1),
        director_visit_on=MONDAY - timedelta(days=visited),
        director_contact_on=MONDAY - timedelta(days=called),
    )
    return Candidate(child_id=known.child_id, duties=tuple(duties_of(known, MONDAY)), **more)


def listed(children: list[Candidate], minutes: int = 14 * 60, **more: Any) -> list[Line]:
    return plan(children, minutes, day=MONDAY, **{"rules": NO_LOT, **more}).lines


def numbers(lines: list[Line]) -> list[int]:
    return [line.child_id.int for line in lines]


# --- left in peace, and never forgotten --------------------------------------------------------


def test_a_child_visited_days_ago_is_not_visited_for_risk() -> None:
    assert numbers(listed([child(1, visited=1, score=0.9), child(2, score=0.1)])) == [2]


def test_a_household_visited_days_ago_is_left_in_peace_but_for_duty() -> None:
    lines = listed(
        [
            child(1, visited=1, score=0.9, household="h"),
            child(2, visited=30, score=0.9, household="h"),
            child(3, visited=120, score=0.9, household="h"),
        ]
    )
    assert numbers(lines) == [3]


def ago(*days: int) -> tuple[date, ...]:
    return tuple(MONDAY - timedelta(days=each) for each in days)


def test_a_household_has_a_ceiling_of_extra_visits_a_month() -> None:
    tired, fresh = child(1, score=0.9, extra_days=ago(9, 16, 23)), child(2, score=0.1)
    assert numbers(listed([tired, fresh])) == [2]


def test_a_household_is_knocked_at_once_a_day_however_many_siblings_are_seen() -> None:
    together = [child(n, score=0.9, household="h", extra_days=ago(9, 16)) for n in (1, 2, 3)]
    assert sorted(numbers(listed(together))) == [1, 2, 3]


def test_visits_to_siblings_on_different_days_are_different_knocks() -> None:
    apart = [
        child(1, score=0.9, household="h", extra_days=ago(9, 16)),
        child(2, score=0.9, household="h", extra_days=ago(23)),
        child(3, score=0.1, extra_days=ago(9, 16)),
    ]
    assert numbers(listed(apart)) == [3]


def test_a_household_at_its_ceiling_is_still_visited_for_duty_and_called() -> None:
    tired = child(1, visited=120, score=0.9, extra_days=ago(9, 16, 23))
    owed_a_call = child(2, called=40, score=0.9, extra_days=ago(9, 16, 23))
    lines = listed([tired, owed_a_call])
    assert [(line.child_id.int, line.task) for line in lines] == [(1, "visit"), (2, "contact")]


# --- a call that becomes a visit -----------------------------------------------------------------


def test_a_call_that_risk_makes_a_visit_of_says_so_and_keeps_its_duty() -> None:
    (line,) = listed([child(1, visited=60, called=60, score=0.9)])
    assert (line.duty, line.task) == (Duty.OVERDUE_CONTACT, "visit")
    assert (line.listed_for, line.raised_for) == (ListedFor.DUTY, ListedFor.RISK)


def test_what_is_visited_or_called_as_it_was_asked_for_was_not_raised() -> None:
    lines = listed([child(1, visited=120), child(2, visited=60, called=60), child(3, score=0.4)])
    assert {line.raised_for for line in lines} == {None}


def test_a_call_that_the_lot_makes_a_visit_of_is_told_by_the_lot() -> None:
    children = [child(n, visited=60, called=60, score=0.5) for n in (1, 2, 3)]
    minutes = 2 * VISIT + Costs().contact
    drawn = [
        line
        for number in range(60)
        for line in plan(
            children, minutes, day=MONDAY, rules=Rules(random_share=0.5), worker=f"D-{number}"
        ).lines
        if line.raised_for is ListedFor.RANDOM
    ]
    assert drawn
    assert all(line.listed_for is ListedFor.DUTY and line.task == "visit" for line in drawn)
    assert all("随机走访(按比例抽取,用于检验清单)" in line.reasons for line in drawn)


def test_a_child_visited_but_never_seen_comes_before_risk() -> None:
    unseen = child(1, score=0.0, unseen_since=MONDAY - timedelta(days=130))
    lines = listed([child(2, score=0.9), unseen])
    assert numbers(lines) == [1, 2]
    assert lines[0].reasons == ("已130天未见到儿童本人",)


def test_a_child_of_whom_little_is_known_is_visited_to_know_more_and_not_called_safe() -> None:
    lines = listed([child(2, score=0.9), child(1, score=0.001, little_known=True)], 5 * VISIT)
    assert numbers(lines) == [1, 2]
    assert lines[0].listed_for is ListedFor.INFORMATION
    assert lines[0].reasons == ("信息不足,需上门了解情况",)


def test_visits_to_know_more_take_a_share_of_the_hours_and_not_all() -> None:
    children = [child(n, score=0.01, little_known=True) for n in range(1, 9)]
    lines = listed([*children, child(99, score=0.9)], 10 * VISIT)
    assert Counter(line.listed_for for line in lines)[ListedFor.INFORMATION] == 2
    assert 99 in numbers(lines)


def test_siblings_gain_by_the_shared_way() -> None:
    lines = listed(
        [
            child(1, score=0.50, household="h"),
            child(2, score=0.40, household="h"),
            child(3, score=0.45),
        ]
    )
    assert numbers(lines) == [1, 2, 3]


def test_the_longer_nobody_looked_the_more_a_visit_is_worth() -> None:
    lately, long_ago = child(1, visited=30, score=0.5), child(2, visited=80, score=0.4)
    assert numbers(listed([lately, long_ago])) == [2, 1]
    assert numbers(listed([lately, child(3, visited=30, score=0.4)])) == [1, 3]


# --- minutes that no visit fits in ---------------------------------------------------------------


def test_minutes_that_no_visit_fits_in_go_to_calls_before_they_fall_due() -> None:
    children = [child(n, visited=50, called=40, score=n / 10) for n in range(1, 6)]
    lines = listed(children, VISIT + 2 * Costs().contact + 5)
    assert [(line.child_id.int, line.task, line.listed_for) for line in lines] == [
        (5, "visit", ListedFor.RISK),
        (4, "contact", ListedFor.DUE_ORDER),
        (3, "contact", ListedFor.DUE_ORDER),
    ]
    assert lines[1].reasons == ("应于2026-03-31前联系(应每月一次)",)
    assert [line.propensity for line in lines[1:]] == [None, None]


def test_nobody_is_called_again_within_two_weeks_or_against_the_directors_word() -> None:
    spoken_to = child(1, called=10, score=0.9)
    dropped = child(2, called=40, score=0.9, dropped="儿童主任:儿童外出")
    assert listed([spoken_to, dropped], 30) == []


def test_where_a_visit_that_is_owed_does_not_fit_the_minutes_go_to_calls() -> None:
    lines = listed([child(1, visited=120, score=0.1), child(2, called=40)], 30)
    assert [(line.child_id.int, line.task) for line in lines] == [(2, "contact")]


# --- the director's own say --------------------------------------------------------------------


def test_whom_the_director_adds_comes_before_risk_and_whom_the_director_drops_does_not_come() -> (
    None
):
    lines = listed(
        [
            child(1, score=0.9, dropped="儿童主任:儿童外出"),
            child(2, score=0.5),
            child(3, score=0.1, added="儿童主任:知悉困难"),
        ]
    )
    assert numbers(lines) == [3, 2]
    assert lines[0].reasons == ("儿童主任:知悉困难",)


def test_a_duty_stands_whoever_drops_the_child() -> None:
    assert numbers(listed([child(1, visited=120, dropped="儿童主任:无法到达")])) == [1]


# --- drawn by lot ------------------------------------------------------------------------------


def _weeks(children: list[Candidate], minutes: int, rules: Rules) -> tuple[Counter[int], list[Any]]:
    visited: Counter[int] = Counter()
    plans = []
    for number in range(4000):
        made = plan(children, minutes, day=MONDAY, rules=rules, worker=f"D-{number}")
        visited.update(numbers(made.lines))
        plans.append(made)
    return visited, plans


def test_the_recorded_propensity_is_how_often_a_child_is_visited() -> None:
    children = [child(n, score=0.5 - n / 100) for n in range(1, 9)]
    visited, plans = _weeks(children, 3 * VISIT, Rules(random_share=0.1))
    told = {line.child_id.int: line.propensity for made in plans for line in made.lines}
    for number, propensity in told.items():
        assert visited[number] / len(plans) == pytest.approx(propensity, abs=0.03)
    assert told[1] == told[2] == 1.0
    assert told[3] == pytest.approx(0.7 + 0.3 / 6)
    assert told[8] == pytest.approx(0.3 / 6)


def test_the_lot_takes_its_share_of_the_visits_and_says_so() -> None:
    children = [child(n, score=0.5 - n / 100) for n in range(1, 9)]
    _, plans = _weeks(children, 4 * VISIT, Rules(random_share=0.05))
    lines = [line for made in plans for line in made.lines]
    drawn = [line for line in lines if line.listed_for is ListedFor.RANDOM]
    assert 0.04 < len(drawn) / len(lines) < 0.06
    assert {line.reasons for line in drawn} == {("随机走访(按比例抽取,用于检验清单)",)}


def test_the_lot_takes_no_hour_from_duty() -> None:
    late = [child(n, visited=100, score=0.5) for n in range(1, 4)]
    made = plan(late, 3 * VISIT, day=MONDAY, rules=Rules(random_share=1))
    assert (made.left_out, made.lot, len(made.lines)) == (0, 0.0, 3)


def test_the_share_of_places_that_a_draw_decided_is_told() -> None:
    lines = listed([child(1, score=0.5), child(2, score=0.5), child(3, score=0.4)], 2 * VISIT)
    assert [line.tied for line in lines] == [True, False] or sum(line.tied for line in lines) >= 1
    assert not any(line.tied for line in listed([child(1, score=0.5), child(3, score=0.4)]))


def test_a_draw_that_decided_among_calls_is_told() -> None:
    equal = [child(n, visited=50, called=40) for n in (1, 2)]
    lines = listed([*equal, child(3, visited=90, called=70, score=0.0)], 30)
    assert [(line.task, line.tied) for line in lines] == [("contact", False)] + [
        ("contact", True)
    ] * 2


@pytest.mark.parametrize(
    "more",
    [
        {"added": "儿童主任:知悉困难"},
        {"score": 0.0, "unseen_since": MONDAY - timedelta(days=130)},
        {"score": 0.01, "little_known": True},
        {"score": 0.5},
    ],
)
def test_a_draw_is_told_whatever_the_place_was_given_for(more: dict[str, Any]) -> None:
    lines = listed([child(n, **more) for n in (1, 2)], 12 * VISIT)
    assert [line.tied for line in lines] == [True, True]
    assert [line.tied for line in listed([child(1, **more)], 12 * VISIT)] == [False]


def test_a_draw_is_told_in_the_order_in_which_visits_fall_due() -> None:
    lines = listed([child(1), child(2), child(3, visited=21)], scores_approved=False)
    assert (lines[0].child_id.int, lines[0].tied) == (3, False)
    assert [line.tied for line in lines][1:] == [True, True]


# --- the purpose lock: what no score can do ----------------------------------------------------

DAYS = st.dates(MONDAY - timedelta(days=29), MONDAY)
SCORES = st.none() | st.floats(0, 1)
CHILDREN = st.lists(
    st.builds(
        child,
        st.integers(1, 10**6),
        visited=st.integers(0, 200),
        called=st.integers(0, 90),
        score=SCORES,
        household=st.sampled_from(["", "h1", "h2"]),
        little_known=st.booleans(),
        extra_days=st.lists(DAYS, max_size=4, unique=True).map(tuple),
        asked_on=st.none() | st.dates(MONDAY - timedelta(days=30), MONDAY),
    ),
    max_size=14,
    unique_by=lambda each: each.child_id,
)
DUTY_FIRST = {ListedFor.DUTY, ListedFor.REQUEST}


def owed(lines: list[Line]) -> dict[UUID, Duty]:
    """Child → the duty on the list."""
    return {line.child_id: line.duty for line in lines if line.listed_for in DUTY_FIRST}


@settings(deadline=None)
@given(CHILDREN, st.integers(0, 1500), st.data())
def test_no_score_takes_a_duty_off_the_list_or_changes_how_many_fit(
    children: list[Candidate], minutes: int, data: Any
) -> None:
    scored = [msgspec.structs.replace(each, score=data.draw(SCORES)) for each in children]
    one = plan(children, minutes, day=MONDAY)
    other = plan(scored, minutes, day=MONDAY)
    if not one.left_out:
        assert owed(one.lines) == owed(other.lines)
    assert bool(one.left_out) == bool(other.left_out)


@settings(deadline=None)
@given(CHILDREN, st.integers(0, 1500), st.floats(0, 1), st.data())
def test_a_higher_score_never_moves_a_child_down(
    children: list[Candidate], minutes: int, more: float, data: Any
) -> None:
    if not children:
        return
    scored = [msgspec.structs.replace(each, score=each.score or 0.1) for each in children]
    chosen = data.draw(st.integers(0, len(children) - 1))
    own = scored[chosen]
    raised = [*scored]
    raised[chosen] = msgspec.structs.replace(own, score=max(own.score or 0.0, more))
    before, after = (plan(each, minutes, day=MONDAY, rules=NO_LOT) for each in (scored, raised))
    assert _place(after.lines, own.child_id) <= _place(before.lines, own.child_id)


def _place(lines: list[Line], child_id: UUID) -> int:
    """A child's place; past the end where it has none."""
    ranks = [line.rank for line in lines if line.child_id == child_id]
    return ranks[0] if ranks else 10**6


@settings(deadline=None)
@given(CHILDREN, st.integers(0, 1500), st.integers(0, 30), st.data())
def test_asking_for_help_never_moves_a_child_down(
    children: list[Candidate], minutes: int, days: int, data: Any
) -> None:
    if not children:
        return
    chosen = data.draw(st.integers(0, len(children) - 1))
    apart = [msgspec.structs.replace(each, household="") for each in children]
    own = apart[chosen]
    silent, asking = [*apart], [*apart]
    silent[chosen] = msgspec.structs.replace(own, asked_on=None)
    asking[chosen] = msgspec.structs.replace(own, asked_on=MONDAY - timedelta(days=days))
    before, after = (plan(each, minutes, day=MONDAY, rules=NO_LOT) for each in (silent, asking))
    assert _place(after.lines, own.child_id) <= _place(before.lines, own.child_id)
    first = [line.rank for line in after.lines if line.listed_for is ListedFor.REQUEST]
    assert first == list(range(1, len(first) + 1))


def test_where_there_is_no_time_for_a_visit_the_call_that_is_due_is_made() -> None:
    lines = listed([child(1, visited=120, called=70)], Costs().contact + 5)
    assert [(line.task, line.duty) for line in lines] == [("contact", Duty.OVERDUE_CONTACT)]


def test_without_approved_scores_nothing_on_the_list_comes_of_a_score() -> None:
    children = [child(n, visited=10 * n, score=1 / n, little_known=n % 2 == 0) for n in range(1, 9)]
    lines = listed(children, scores_approved=False, rules=Rules(random_share=1))
    assert {line.score for line in lines} == {None}
    assert {line.listed_for for line in lines} <= {ListedFor.DUTY, ListedFor.DUE_ORDER}


def test_no_duty_subsidy_or_sanction_is_computed_from_a_score() -> None:
    """The modules that decide them have no way to a score: they import none of its words."""
    from pathlib import Path

    house = Path(__file__).parents[2]
    lists = {"foresight", "list_line", "visit_list", "visit_week", "vocabulary"}
    words = re.compile(rf"domain\.({'|'.join(lists - {'vocabulary'})})\b")
    others = [each for each in (house / "domain").rglob("*.py") if each.stem not in lists]
    assert len(others) > 50
    for each in others:
        text = each.read_text(encoding="utf-8")
        assert not words.search(text), each.name
    shown = {"scores", "visit_list", "list_overrides", "looks"}
    tables = [each for each in (house / "projections").glob("*.sql") if each.stem not in shown]
    assert len(tables) > 10
    for each in tables:
        text = re.sub("--.*", "", each.read_text(encoding="utf-8"))
        assert not re.search(r"\b(scores\w*|visit_list\w*|risk\.scored)\b", text), each.name
