"""Every change of a line has a cause."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.list_changes import Cause, Change, Known, Place, Waits, changes

CHILD, OTHER = UUID(int=1), UUID(int=2)
OWN, SIBLINGS, NUMBER, HOURS = (UUID(int=n) for n in (9, 10, 11, 12))
NEWS = Known(own={CHILD: [OWN]})
VISITED = Known(siblings={CHILD: [SIBLINGS]})


def place(rank: int | None, duty: str = "none", score: float = 0.1, **more: Any) -> Place:
    more = {"model_id": "m1", **more}
    return Place(rank=rank, duty=duty if rank else "", score=score, **more)


def change(then: Place, now: Place, known: Known = Known()) -> Change:  # noqa: B008 - frozen
    """Of one child, on a list where something else happened too."""
    (found,) = [
        each
        for each in changes(
            {CHILD: then, OTHER: place(None)},
            {CHILD: now, OTHER: place(90, "overdue_visit")},
            known,
        )
        if each.child_id == CHILD
    ]
    return found


@pytest.mark.parametrize(
    ("then", "now", "known", "cause", "events"),
    [
        (place(3), place(1, score=0.3, model_id="m2"), Known(), Cause.MODEL, []),
        (place(3), place(None, model_id=""), Known(), Cause.MODEL, []),
        (place(3), place(1, score=0.3), NEWS, Cause.EVENT, [OWN]),
        (place(3), place(1, score=0.2), Known(), Cause.DAY, []),
        (place(3), place(1, duty="overdue_visit"), Known(), Cause.DAY, []),
        (place(None), place(1, duty="overdue_visit", model_id="m2"), Known(), Cause.DAY, []),
        (place(3, "overdue_visit"), place(None), NEWS, Cause.EVENT, [OWN]),
        (place(3), place(None), Known(), Cause.OTHERS, []),
        (place(None), place(2), Known(), Cause.OTHERS, []),
        (place(3), place(2), Known(), Cause.OTHERS, []),
    ],
)
def test_the_first_cause_that_holds_is_named(
    then: Place, now: Place, known: Known, cause: Cause, events: list[UUID]
) -> None:
    found = change(then, now, known)
    assert (found.cause, found.event_ids) == (cause, events)


def test_a_place_that_a_draw_decided_is_a_tie() -> None:
    assert change(place(1), place(2, tied=True)).cause is Cause.TIE
    assert change(place(1, tied=True), place(2)).cause is Cause.OTHERS


def test_who_keeps_the_place_is_not_named() -> None:
    assert changes({CHILD: place(1)}, {CHILD: place(1, score=0.9)}, NEWS) == []


# --- a call that becomes a visit -----------------------------------------------------------------

CALL = place(2, "due_contact", task="contact", listed_for="duty")
RAISED = msgspec.structs.replace(CALL, task="visit", raised_for="risk")


def test_a_call_that_becomes_a_visit_on_the_same_place_is_a_change() -> None:
    found = change(CALL, RAISED)
    assert (found.before, found.after) == (2, 2)
    assert (found.task_before, found.task_after) == ("contact", "visit")
    assert found.cause is Cause.OTHERS  # minutes were left
    assert change(CALL, RAISED, NEWS).event_ids == [OWN]


def test_where_a_model_came_or_went_the_call_it_raised_or_lowered_is_the_models() -> None:
    unscored = {"model_id": "", "score": None}
    assert change(msgspec.structs.replace(CALL, **unscored), RAISED).cause is Cause.MODEL
    assert change(RAISED, msgspec.structs.replace(CALL, **unscored)).cause is Cause.MODEL
    moved = msgspec.structs.replace(CALL, rank=1, **unscored)
    assert change(CALL, moved).cause is not Cause.MODEL


def test_a_list_that_did_not_say_what_it_asked_for_is_no_other_task() -> None:
    old = msgspec.structs.replace(CALL, task="")
    assert changes({CHILD: old}, {CHILD: RAISED}, Known()) == []


# --- what time, siblings, places and directors do ------------------------------------------------


def test_a_rest_is_the_siblings_visits_when_it_begins_and_the_days_when_it_ends() -> None:
    resting = place(None, waits=Waits(rests=True))
    begun = change(place(1), resting, VISITED)
    assert (begun.cause, begun.event_ids) == (Cause.EVENT, [SIBLINGS])
    assert change(resting, place(1)).cause is Cause.DAY
    assert change(place(2, "overdue_visit"), place(1, "overdue_visit"), VISITED).event_ids == []


@pytest.mark.parametrize("waits", [Waits(called=True), Waits(unseen=True), Waits(little=True)])
def test_a_wait_that_is_over_is_the_days(waits: Waits) -> None:
    ahead = place(4, "due_contact", task="contact", listed_for="due_order")
    assert change(place(None, waits=waits), ahead).cause is Cause.DAY


def test_a_call_ahead_of_time_that_comes_and_goes_is_no_duty_that_fell_due() -> None:
    ahead = place(4, "due_contact", task="contact", listed_for="due_order")
    assert change(place(None), ahead).cause is Cause.OTHERS
    due = msgspec.structs.replace(ahead, rank=2, listed_for="duty")
    assert change(ahead, due).cause is Cause.DAY


def test_a_number_that_the_place_tightened_is_named_where_a_duty_changed() -> None:
    tightened = Known(numbers=[NUMBER])
    found = change(place(None), place(1, "overdue_visit"), tightened)
    assert (found.cause, found.event_ids) == (Cause.EVENT, [NUMBER])
    assert change(place(3), place(2), tightened).cause is Cause.OTHERS


def test_the_directors_hours_are_named_where_a_line_came_or_went() -> None:
    hours = Known(hours=[HOURS])
    found = change(place(None), place(7), hours)
    assert (found.cause, found.event_ids) == (Cause.EVENT, [HOURS])
    assert change(place(3), place(2), hours).cause is Cause.OTHERS


def test_the_lot_is_named_where_it_fell_and_where_it_no_longer_does() -> None:
    drawn = place(5, listed_for="random")
    assert change(place(None), drawn, NEWS).cause is Cause.LOT
    assert change(drawn, place(None)).cause is Cause.LOT
    assert change(drawn, place(2, listed_for="risk"), NEWS).cause is Cause.EVENT


def test_where_all_would_be_others_it_is_the_days() -> None:
    before = {CHILD: place(1), OTHER: place(2)}
    after = {CHILD: place(2), OTHER: place(1)}
    assert {each.cause for each in changes(before, after, Known())} == {Cause.DAY}
