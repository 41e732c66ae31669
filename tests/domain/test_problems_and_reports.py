"""Problems from found to solved; mandatory reports from submission to feedback."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from domain.child_file import Leaving, LeftLedger
from domain.event import Event
from domain.mandatory_report import (
    Disposal,
    FeedbackManner,
    Measure,
    ReportAccepted,
    ReportDisposed,
    ReporterKind,
    ReportFeedbackGiven,
    ReportInvestigated,
    ReportMeasureTaken,
    ReportReceived,
    ReportSubmitted,
    ReportTransferred,
    Situation,
    Substantiation,
)
from domain.streams import Occasion, apply
from domain.terms import Department, Severity
from domain.visiting import FoundBy, ProblemFound, ProblemKind, ProblemOutcome, ProblemResolved

FOUND = ProblemFound(
    problem_id="p1", kind=ProblemKind.HEALTH, severity=Severity.MINOR, found_by=FoundBy.VISIT
)
RESOLVED = ProblemResolved(problem_id="p1", outcome=ProblemOutcome.SOLVED)

POLICE, CIVIL = Department.POLICE, Department.CIVIL_AFFAIRS
SUBMITTED = ReportSubmitted(
    report_id="r1", situation=Situation.VIOLENCE, to=POLICE, reporter_kind=ReporterKind.SCHOOL
)
RECEIVED = ReportReceived(report_id="r1", desk=POLICE)
TRANSFERRED = ReportTransferred(report_id="r1", to=CIVIL)
ACCEPTED = ReportAccepted(report_id="r1", desk=POLICE)
INVESTIGATED = ReportInvestigated(report_id="r1", finding=Substantiation.SUBSTANTIATED)
MEASURE = ReportMeasureTaken(report_id="r1", measure=Measure.MEDICAL)
DISPOSED = ReportDisposed(report_id="r1", outcome=Disposal.GUIDANCE)
FEEDBACK = ReportFeedbackGiven(report_id="r1", manner=FeedbackManner.PHONE)
ROAD = [SUBMITTED, RECEIVED, ACCEPTED, INVESTIGATED, MEASURE, DISPOSED, FEEDBACK]


def test_a_problem_is_found_then_solved_each_once(story: Any) -> None:
    story.when(0, RESOLVED).then_refused("problem_unknown", "problem_id")
    story.given((1, FOUND)).when(2, FOUND).then_refused("already_found", "problem_id")
    story.given((3, RESOLVED)).when(4, RESOLVED).then_refused("already_resolved", "problem_id")


def test_a_problem_is_not_solved_before_it_was_found(story: Any) -> None:
    story.given((5, FOUND)).when(4, RESOLVED, recorded=6).then_refused(
        "resolved_before_found", "time"
    )


def test_a_problem_belongs_to_one_child(story: Any) -> None:
    story.given((0, FOUND))
    story.child = uuid4()
    story.when(1, RESOLVED).then_refused("key_taken", "problem_id")


def test_a_report_goes_its_whole_way(story: Any) -> None:
    story.given(*enumerate(ROAD))


@pytest.mark.parametrize("step", range(1, len(ROAD)))
def test_no_step_of_a_report_comes_before_the_one_it_needs(story: Any, step: int) -> None:
    needed = {4: 1}.get(step, step - 1 if step != 5 else 3)
    story.given(*enumerate(ROAD[:needed]))
    refusal = story.when(9, ROAD[step]).then_refused("report_step_missing", "report_id")
    assert ROAD[needed].TYPE.removesuffix(".v1") in refusal.message


@pytest.mark.parametrize("event", [RECEIVED, ACCEPTED, INVESTIGATED, DISPOSED, FEEDBACK])
def test_each_step_of_a_report_is_taken_once(story: Any, event: Event) -> None:
    story.given(*enumerate(ROAD)).when(9, event).then_refused("report_step_repeated", "report_id")


def test_a_transferred_report_is_received_by_the_new_desk(story: Any) -> None:
    story.given((0, SUBMITTED), (1, RECEIVED), (2, TRANSFERRED))
    story.when(3, ACCEPTED).then_refused("report_step_missing", "report_id")
    story.when(3, RECEIVED).then_refused("wrong_desk", "desk")
    story.given(
        (3, ReportReceived(report_id="r1", desk=CIVIL)),
        (4, ReportAccepted(report_id="r1", desk=CIVIL)),
    )


def test_a_report_may_be_transferred_more_than_once(story: Any) -> None:
    story.given(
        (0, SUBMITTED),
        (1, RECEIVED),
        (2, TRANSFERRED),
        (3, ReportReceived(report_id="r1", desk=CIVIL)),
        (4, ReportTransferred(report_id="r1", to=POLICE)),
        (5, RECEIVED),
    )


def test_only_the_desk_that_holds_a_report_accepts_it(story: Any) -> None:
    story.given((0, SUBMITTED), (1, RECEIVED))
    story.when(2, ReportAccepted(report_id="r1", desk=CIVIL)).then_refused("wrong_desk", "desk")


def test_an_accepted_report_is_not_transferred(story: Any) -> None:
    story.given((0, SUBMITTED), (1, RECEIVED), (2, ACCEPTED))
    story.when(3, TRANSFERRED).then_refused("already_accepted", "report_id")


def test_a_report_is_not_transferred_to_where_it_is(story: Any) -> None:
    story.given((0, SUBMITTED), (1, RECEIVED))
    story.when(3, ReportTransferred(report_id="r1", to=POLICE)).then_refused("same_desk", "to")


def test_protection_does_not_wait_for_acceptance(story: Any) -> None:
    story.given((0, SUBMITTED), (1, RECEIVED), (1, MEASURE), (2, MEASURE))


def test_a_measure_taken_before_disposal_may_be_recorded_after_it(story: Any) -> None:
    story.given(*enumerate(ROAD[:6]))
    story.when(4, MEASURE, recorded=20).then_recorded()
    story.when(6, MEASURE, recorded=20).then_refused("report_disposed", "report_id")


def test_no_step_is_earlier_than_the_submission(story: Any) -> None:
    story.given((5, SUBMITTED)).when(3, RECEIVED, recorded=6).then_refused(
        "before_submission", "time"
    )


def test_a_report_is_worked_on_after_the_child_left_the_ledger(story: Any) -> None:
    left = LeftLedger(reason=Leaving.MOVED_AWAY)
    apply(story.file, left, Occasion(story.at(1).occurred_at, story.at(1).recorded_at))
    assert not story.file.on_ledger
    story.given(*enumerate(ROAD, start=2))


def test_a_report_is_about_one_child(story: Any) -> None:
    story.given((0, SUBMITTED))
    story.child = uuid4()
    story.when(1, RECEIVED).then_refused("key_taken", "report_id")
    story.when(1, SUBMITTED).then_refused("key_taken", "report_id")
