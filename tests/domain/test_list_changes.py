"""Every change of a place has a cause."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.list_changes import Cause, Place, changes

CHILD, OTHER, EVENT = UUID(int=1), UUID(int=2), UUID(int=9)


def place(rank: int | None, duty: str = "none", score: float = 0.1, model: str = "m1") -> Place:
    return Place(rank=rank, duty=duty if rank else "", score=score, model_id=model)


@pytest.mark.parametrize(
    ("then", "now", "recorded", "cause"),
    [
        (place(3), place(1, score=0.3, model="m2"), False, Cause.MODEL),
        (place(3), place(None, model=""), False, Cause.MODEL),
        (place(3), place(1, score=0.3), True, Cause.EVENT),
        (place(3), place(1, score=0.2), False, Cause.DAY),
        (place(3), place(1, duty="overdue_visit"), False, Cause.DAY),
        (place(None), place(1, duty="overdue_visit", model="m2"), False, Cause.DAY),
        (place(3, "overdue_visit"), place(None), True, Cause.EVENT),
        (place(3), place(None), False, Cause.OTHERS),
        (place(None), place(2), False, Cause.OTHERS),
        (place(3), place(2), False, Cause.OTHERS),
    ],
)
def test_the_first_cause_that_holds_is_named(
    then: Place, now: Place, recorded: bool, cause: Cause
) -> None:
    events = {CHILD: [EVENT]} if recorded else {}
    (found,) = changes({CHILD: then}, {CHILD: now}, events)
    assert found.cause is cause
    assert found.event_ids == ([EVENT] if cause is Cause.EVENT else [])


def test_equals_that_change_places_are_a_tie() -> None:
    before, after = {CHILD: place(1), OTHER: place(2)}, {CHILD: place(2), OTHER: place(1)}
    assert {each.cause for each in changes(before, after, {})} == {Cause.TIE}


def test_who_keeps_the_place_is_not_named() -> None:
    assert changes({CHILD: place(1)}, {CHILD: place(1, score=0.9)}, {CHILD: [EVENT]}) == []
