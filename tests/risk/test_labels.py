"""What came of it: seen or not looked for, by whom, when it can be read; and at which visit."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from domain.child_file import (
    ChildRegistered,
    Hukou,
    IDType,
    SchoolEnrolled,
    SchoolLeaving,
    SchoolLeft,
    SchoolStage,
)
from domain.errors import WrongUsageError
from domain.terms import Channel, Severity, Sex, WorkerRole
from domain.visiting import (
    ContactLogged,
    ContactWith,
    FoundBy,
    ProblemFound,
    ProblemKind,
    VisitCompleted,
)
from risk import labels
from risk.matrix import fetch
from risk.questions import (
    DROPOUT,
    FOUND_AT_NEXT_VISIT,
    NO_CONTACT,
    QUESTIONS,
    SERIOUS_PROBLEM,
    Question,
    question_named,
)

VILLAGE = "520526100201"
AS_OF, READ = date(2025, 6, 1), date(2025, 12, 31)


def register(pen: Any, name: str) -> str:
    fact = ChildRegistered(
        name=name,
        id_type=IDType.NONE,
        sex=Sex.GIRL,
        birth_date=date(2015, 3, 7),
        hukou_type=Hukou.NONE,
        hukou_division="520526",
        residence_division=VILLAGE,
    )
    return str(pen.child_of(pen.write(fact, "2025-01-10")))


def visit(pen: Any, child: str, day: str) -> None:
    pen.write(VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True), day, child=child)


def problem(pen: Any, child: str, day: str, by: FoundBy, recorded: str | None = None) -> None:
    fact = ProblemFound(
        problem_id=f"P{pen.count}", kind=ProblemKind.SAFETY, severity=Severity.SERIOUS, found_by=by
    )
    pen.write(fact, day, recorded, child=child)


@pytest.fixture(scope="module")
def lives(pen: Any) -> dict[str, str]:
    """A child each of whom something else became known in the summer of 2025."""
    made = {
        name: register(pen, name)
        for name in ("nobody came", "seen well", "found", "told", "second visit", "late", "called")
    }
    visit(pen, made["seen well"], "2025-06-20")
    visit(pen, made["found"], "2025-06-20")
    problem(pen, made["found"], "2025-06-20", FoundBy.VISIT)
    problem(pen, made["told"], "2025-07-01", FoundBy.SCHOOL)
    visit(pen, made["second visit"], "2025-06-20")
    visit(pen, made["second visit"], "2025-07-20")
    problem(pen, made["second visit"], "2025-07-20", FoundBy.VISIT)
    visit(pen, made["late"], "2025-06-20")
    problem(pen, made["late"], "2025-06-20", FoundBy.VISIT, recorded="2025-11-20")
    fact = ContactLogged(by=WorkerRole.DIRECTOR, channel=Channel.PHONE, with_whom=ContactWith.CHILD)
    pen.write(fact, "2025-06-10", child=made["called"])
    pen.write(
        SchoolEnrolled(school_code="S-1", stage=SchoolStage.PRIMARY, grade=3),
        "2025-01-12", child=made["told"],
    )  # fmt: skip
    pen.write(
        SchoolLeft(school_code="S-1", reason=SchoolLeaving.DROPPED_OUT),
        "2025-08-01", child=made["told"],
    )  # fmt: skip
    pen.home.catch_up()
    return made


def read(
    pen: Any, lives: dict[str, str], question: Question, by: date = READ
) -> dict[str, tuple[bool, bool, bool, int]]:
    """Name → (observed, discovered, reported, answer)."""
    matrix = fetch(pen.home.warehouse, [AS_OF])
    found = labels.read(pen.home.warehouse, matrix, question, by)
    names = {child: name for name, child in lives.items()}
    return {
        names[child]: (
            bool(found.observed[row]),
            bool(found.discovered[row]),
            bool(found.reported[row]),
            int(found.answer[row]),
        )
        for row, child in enumerate(matrix.text("child"))
        if child in names
    }


def test_a_child_nobody_looked_at_has_no_label(pen: Any, lives: dict[str, str]) -> None:
    made = read(pen, lives, SERIOUS_PROBLEM)
    assert made["nobody came"] == (False, False, False, 0)
    assert made["seen well"] == (True, False, False, 0)
    matrix = labels.answered(
        pen.home.warehouse, fetch(pen.home.warehouse, [AS_OF]), SERIOUS_PROBLEM, READ
    )
    assert lives["nobody came"] not in matrix.labelled().text("child")
    assert lives["seen well"] in matrix.labelled().text("child")


def test_what_a_visit_found_and_what_others_told_are_two_things(
    pen: Any, lives: dict[str, str]
) -> None:
    made = read(pen, lives, SERIOUS_PROBLEM)
    assert made["found"] == (True, True, False, 1)
    assert made["told"] == (True, False, True, 1)


def test_at_the_next_visit_counts_what_that_visit_found(pen: Any, lives: dict[str, str]) -> None:
    made = read(pen, lives, FOUND_AT_NEXT_VISIT)
    assert made["found"] == (True, True, False, 1)
    assert made["second visit"] == (True, False, False, 0)
    assert made["told"][0] is made["called"][0] is made["nobody came"][0] is False
    assert read(pen, lives, SERIOUS_PROBLEM)["second visit"][3] == 1


def test_what_was_typed_in_later_was_not_known(pen: Any, lives: dict[str, str]) -> None:
    early = read(pen, lives, SERIOUS_PROBLEM, by=date(2025, 10, 1))
    assert early["late"] == (True, False, False, 0)
    assert read(pen, lives, SERIOUS_PROBLEM)["late"] == (True, True, False, 1)


def test_a_label_matures_when_its_window_is_over_and_settled(
    pen: Any, lives: dict[str, str]
) -> None:
    matrix = fetch(pen.home.warehouse, [AS_OF])
    for by, ripe in ((date(2025, 9, 12), False), (date(2025, 9, 13), True)):
        found = labels.read(pen.home.warehouse, matrix, SERIOUS_PROBLEM, by)
        assert found.matured.all() == ripe == found.matured.any()


def test_no_contact_is_answered_by_nothing(pen: Any, lives: dict[str, str]) -> None:
    made = read(pen, lives, NO_CONTACT)
    assert made["nobody came"] == (True, False, False, 1)
    assert made["told"][3] == 1
    assert made["called"][3] == made["seen well"][3] == 0


def test_the_school_tells_of_a_dropout(pen: Any, lives: dict[str, str]) -> None:
    made = read(pen, lives, DROPOUT)
    assert made["told"] == (True, False, True, 1)
    assert made["seen well"][3] == 0


def test_the_day_it_came_to_light_is_kept(pen: Any, lives: dict[str, str]) -> None:
    matrix = fetch(pen.home.warehouse, [AS_OF])
    found = labels.read(pen.home.warehouse, matrix, SERIOUS_PROBLEM, READ)
    row = list(matrix.text("child")).index(lives["told"])
    assert found.found_on[row] == (date(2025, 7, 1) - date(1970, 1, 1)).days
    assert (found.found_on[found.answer == 0] == labels.NEVER).all()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda each: each.name)
def test_every_question_can_be_read(pen: Any, lives: dict[str, str], question: Question) -> None:
    matrix = labels.in_cohort(fetch(pen.home.warehouse, [AS_OF]), question)
    found = labels.read(pen.home.warehouse, matrix, question, READ)
    assert len(found.answer) == len(matrix) > 0
    assert not np.any(found.discovered & ~found.observed)
    assert question.window.days > question.horizon_days


def test_a_question_nobody_declared_is_wrong_usage() -> None:
    with pytest.raises(WrongUsageError, match="serious_problem_90"):
        question_named("how_are_you")
