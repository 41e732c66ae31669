"""What a director put on a list, or took off it, is judged by what came to light."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.child_file import ChildRegistered, Hukou, IDType
from domain.foresight import ChildListed, Duty, ListedFor, ListOverridden, Override, OverrideReason
from domain.terms import Channel, Severity, Sex, WorkerRole
from domain.visiting import (
    ContactLogged,
    ContactWith,
    FoundBy,
    ProblemFound,
    ProblemKind,
    VisitCompleted,
)
from risk.overrides import Overridden, eve, overrides

WEEK, VILLAGE = "2025-W12", "520526100201"
DUE = date(2025, 7, 1)
"""A hundred and seven days after the eve of that week: the answers are due."""

CALL = ContactLogged(by=WorkerRole.DIRECTOR, channel=Channel.PHONE, with_whom=ContactWith.CHILD)
VISIT = VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)


@pytest.fixture(scope="module")
def found(pen: Any) -> list[Overridden]:
    def child(number: int) -> str:
        file = ChildRegistered(
            name=f"儿童{number}", id_type=IDType.NONE, sex=Sex.GIRL,
            birth_date=date(2015, 3, number + 1), hukou_type=Hukou.NONE,
            hukou_division="520526", residence_division=VILLAGE,
        )  # fmt: skip
        return pen.child_of(pen.write(file, "2024-05-01"))

    def override(who: str, action: Override, why: OverrideReason, day: str = "2025-03-17") -> None:
        pen.write(ListOverridden(week=WEEK, action=action, reason=why), day, child=who)

    def trouble(who: str, day: str) -> None:
        problem = ProblemFound(
            problem_id=f"P-{who}", kind=ProblemKind.SAFETY, severity=Severity.SERIOUS,
            found_by=FoundBy.VISIT,
        )  # fmt: skip
        pen.write(VISIT, day, child=who)
        pen.write(problem, day, child=who)

    known, called, unseen, away, late, listed = map(child, range(6))
    override(known, Override.ADDED, OverrideReason.KNOWN_TROUBLE)
    trouble(known, "2025-03-20")
    override(called, Override.ADDED, OverrideReason.OTHER)
    pen.write(CALL, "2025-04-02", child=called)
    override(unseen, Override.DROPPED, OverrideReason.CANNOT_REACH)
    override(away, Override.ADDED, OverrideReason.OTHER, "2025-03-16")
    override(away, Override.DROPPED, OverrideReason.CHILD_AWAY)
    trouble(away, "2025-05-02")
    override(late, Override.DROPPED, OverrideReason.CHILD_AWAY)
    pen.write(CALL, "2025-03-30", child=late)
    trouble(late, "2025-06-28")
    for rank, who in enumerate((listed, late), 1):
        line = ChildListed(
            week=WEEK, village_code=VILLAGE, worker_id="D-1", rank=rank, duty=Duty.NONE,
            listed_for=ListedFor.RISK,
        )  # fmt: skip
        pen.write(line, "2025-03-16", child=who)
    trouble(listed, "2025-04-01")
    pen.home.catch_up()
    return overrides(pen.home.warehouse, DUE)


def of(found: list[Overridden], action: str, reason: str = "") -> Overridden:
    (each,) = [e for e in found if (e.action, e.reason) == (action, reason)]
    return each


def test_the_children_put_on_a_list_are_judged_by_what_was_found(found: list[Overridden]) -> None:
    added = of(found, "added")
    assert (added.children, added.looked_at, added.found, added.share) == (2, 2, 1, 0.5)
    assert added.interval is not None
    assert added.interval[0] < 0.1
    assert added.interval[1] > 0.9
    assert of(found, "added", "known_trouble").found == 1
    assert of(found, "added", "other").found == 0


def test_the_last_word_of_a_director_counts(found: list[Overridden]) -> None:
    assert of(found, "dropped", "child_away").children == 2
    assert of(found, "added", "other").children == 1


def test_nobody_is_called_well_because_nobody_looked(found: list[Overridden]) -> None:
    unreached = of(found, "dropped", "cannot_reach")
    assert (unreached.children, unreached.looked_at) == (1, 0)
    assert unreached.share is None
    assert unreached.interval is None


def test_what_came_to_light_after_the_horizon_does_not_count(found: list[Overridden]) -> None:
    dropped = of(found, "dropped")
    assert (dropped.children, dropped.looked_at, dropped.found) == (3, 2, 1)


def test_the_lists_own_places_of_the_week_stand_beside(found: list[Overridden]) -> None:
    listed = of(found, "listed")
    assert (listed.children, listed.found) == (1, 1)


def test_a_week_is_not_judged_before_its_answers_are_due(found: list[Overridden], pen: Any) -> None:
    assert found
    assert eve(WEEK) == date(2025, 3, 16)
    assert overrides(pen.home.warehouse, date(2025, 6, 20)) == []
