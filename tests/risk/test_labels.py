"""What came of it: seen or not looked for, by whom, when it can be read; and at which visit.

And what hangs on that: no visit tells beforehand how it ended, and a director's changes of a list
are judged.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

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
from domain.foresight import (
    ChildListed,
    Duty,
    ListedFor,
    ListOverridden,
    Override,
    OverrideReason,
    Task,
)
from domain.terms import Channel, Severity, Sex, WorkerRole
from domain.visiting import (
    ContactLogged,
    ContactWith,
    FoundBy,
    ProblemFound,
    ProblemKind,
    Selection,
    VisitCompleted,
)
from risk import labels, statement
from risk.matrix import fetch
from risk.overrides import Overridden, eve, overrides
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


# --- "visited because risky": what a visit was for must not tell how it ended ------------------


@pytest.fixture(scope="module")
def dated_back(pen: Any) -> dict[str, bool]:
    """Child → whether trouble was found in June. If so, its director writes down, afterwards, a
    visit in May that was made because the child was at risk.
    """
    made = {register(pen, f"child {number}"): number % 2 == 0 for number in range(10)}
    for child, trouble in made.items():
        visit(pen, child, "2025-06-20")
        if trouble:
            problem(pen, child, "2025-06-20", FoundBy.VISIT)
            because = VisitCompleted(
                by=WorkerRole.DIRECTOR, child_seen=True, selection=Selection.RISK
            )
            pen.write(because, "2025-05-28", "2025-06-25", child=child)
    pen.home.catch_up()
    return made


def told_by_each_feature(pen: Any, dated_back: dict[str, bool]) -> dict[str, float]:
    """How well each feature alone tells the answer: 0.5 not at all, 1 always."""
    matrix = labels.answered(
        pen.home.warehouse, fetch(pen.home.warehouse, [AS_OF]), SERIOUS_PROBLEM, READ
    )
    own = matrix.where(np.isin(matrix.text("child").astype(str), list(dated_back)))
    assert (len(own), own.label.sum()) == (10, 5)
    areas = (roc_auc_score(own.label, column) for column in np.nan_to_num(own.values).T)
    return {each.name: max(area, 1 - area) for each, area in zip(own.features, areas, strict=True)}


def test_no_feature_knows_that_a_child_was_visited_because_it_was_risky(
    pen: Any, dated_back: dict[str, bool]
) -> None:
    assert set(told_by_each_feature(pen, dated_back).values()) == {0.5}


def test_a_model_that_believed_the_date_of_a_visit_would_learn_the_answer(
    pen: Any, dated_back: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "GUARD", "occurred_at < m AND replaced_at >= m")
    leaking = told_by_each_feature(pen, dated_back)
    assert leaking["risk_visits_365"] == leaking["visits_30"] == 1.0


# --- what a director put on a list, or took off it ----------------------------------------------

WEEK, DUE = "2025-W12", date(2025, 7, 1)
"""107 days after the eve of that week its answers are due."""


def override(
    pen: Any, child: str, action: Override, why: OverrideReason, day: str = "2025-03-17"
) -> None:
    pen.write(ListOverridden(week=WEEK, action=action, reason=why), day, child=child)


def listed(pen: Any, child: str, rank: int, *, raised: bool = False) -> None:
    line = ChildListed(
        week=WEEK, village_code=VILLAGE, worker_id="D-1", rank=rank,
        duty=Duty.DUE_CONTACT if raised else Duty.NONE, task=Task.VISIT,
        listed_for=ListedFor.DUTY if raised else ListedFor.RISK,
        raised_for=ListedFor.RISK if raised else None,
    )  # fmt: skip
    pen.write(line, "2025-03-16", child=child)


@pytest.fixture(scope="module")
def overridden(pen: Any) -> list[Overridden]:
    known, called, unseen, away, late, own, owed = (register(pen, f"listed {n}") for n in range(7))
    call = ContactLogged(by=WorkerRole.DIRECTOR, channel=Channel.PHONE, with_whom=ContactWith.CHILD)
    override(pen, known, Override.ADDED, OverrideReason.KNOWN_TROUBLE)
    visit(pen, known, "2025-03-20")
    problem(pen, known, "2025-03-20", FoundBy.VISIT)
    override(pen, called, Override.ADDED, OverrideReason.OTHER)
    pen.write(call, "2025-04-02", child=called)
    override(pen, unseen, Override.DROPPED, OverrideReason.CANNOT_REACH)
    override(pen, away, Override.ADDED, OverrideReason.OTHER, "2025-03-16")
    override(pen, away, Override.DROPPED, OverrideReason.CHILD_AWAY)
    problem(pen, away, "2025-05-02", FoundBy.SCHOOL)
    override(pen, late, Override.DROPPED, OverrideReason.CHILD_AWAY)
    pen.write(call, "2025-03-30", child=late)
    problem(pen, late, "2025-06-28", FoundBy.VISIT)
    listed(pen, own, 1)
    listed(pen, late, 2)
    listed(pen, owed, 3, raised=True)
    problem(pen, own, "2025-04-01", FoundBy.VISIT)
    pen.home.catch_up()
    return overrides(pen.home.warehouse, DUE)


def of(found: list[Overridden], action: str, reason: str = "") -> Overridden:
    (each,) = [e for e in found if (e.action, e.reason) == (action, reason)]
    return each


def test_the_children_put_on_a_list_are_judged_by_what_was_found(
    overridden: list[Overridden],
) -> None:
    added = of(overridden, "added")
    assert (added.children, added.looked_at, added.found, added.share) == (2, 2, 1, 0.5)
    assert added.interval is not None
    assert added.interval[0] < 0.1
    assert added.interval[1] > 0.9
    assert of(overridden, "added", "known_trouble").found == 1
    assert of(overridden, "added", "other").found == 0


def test_the_last_word_of_a_director_counts(overridden: list[Overridden]) -> None:
    assert of(overridden, "dropped", "child_away").children == 2
    assert of(overridden, "added", "other").children == 1


def test_a_child_taken_off_a_list_is_not_called_well_because_nobody_looked(
    overridden: list[Overridden],
) -> None:
    unreached = of(overridden, "dropped", "cannot_reach")
    assert (unreached.children, unreached.looked_at) == (1, 0)
    assert unreached.share is unreached.interval is None


def test_what_came_to_light_after_the_horizon_does_not_count(overridden: list[Overridden]) -> None:
    dropped = of(overridden, "dropped")
    assert (dropped.children, dropped.looked_at, dropped.found) == (3, 2, 1)


def test_the_lists_own_places_of_the_week_stand_beside(overridden: list[Overridden]) -> None:
    own = of(overridden, "listed")
    assert (own.children, own.found) == (2, 1)  # one of them a contact raised to a visit


def test_overrides_are_not_judged_before_their_answers_are_due(
    overridden: list[Overridden], pen: Any
) -> None:
    assert overridden
    assert eve(WEEK) == date(2025, 3, 16)
    assert overrides(pen.home.warehouse, date(2025, 6, 20)) == []
