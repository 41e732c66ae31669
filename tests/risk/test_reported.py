"""Purpose lock, from the event on: what is reported of a child moves no feature the wrong way.

A model keeps the declared directions (tests/risk/test_estimators.py); so a feature that a report
moves needs one, and the report must move it that way.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.child_file import ChildRegistered, Hukou, IDType
from domain.event import Event
from domain.mandatory_report import Department, ReporterKind, ReportSubmitted, Situation
from domain.terms import Severity, Sex
from domain.visiting import FoundBy, ProblemFound, ProblemKind
from risk.features import FEATURES
from risk.matrix import fetch

AS_OF = date(2025, 6, 1)


def found(by: FoundBy, kind: ProblemKind) -> ProblemFound:
    return ProblemFound(
        problem_id=f"P-{by.value}-{kind.value}", kind=kind, severity=Severity.SERIOUS, found_by=by
    )


REPORTED: dict[str, Event] = {
    "a neighbour tells of a danger": found(FoundBy.REPORT, ProblemKind.SAFETY),
    "a school tells of grief": found(FoundBy.SCHOOL, ProblemKind.PSYCHOLOGY),
    "a mandatory report": ReportSubmitted(
        report_id="R-1",
        situation=next(iter(Situation)),
        to=next(iter(Department)),
        reporter_kind=next(iter(ReporterKind)),
    ),
}


@pytest.fixture(scope="module")
def rows(pen: Any) -> dict[str, Any]:
    """What is reported → the child's features; "": of a child like them, of whom nothing was."""
    children = {}
    for name in ("", *REPORTED):
        fact = ChildRegistered(
            name=name or "quiet", id_type=IDType.NONE, sex=Sex.GIRL, birth_date=date(2015, 3, 7),
            hukou_type=Hukou.NONE, hukou_division="520526", residence_division="520526100201",
        )  # fmt: skip
        children[name] = str(pen.child_of(pen.write(fact, "2025-01-10")))
    for name, event in REPORTED.items():
        pen.write(event, "2025-05-12", child=children[name])
    pen.home.catch_up()
    made = fetch(pen.home.warehouse, [AS_OF])
    at = list(made.text("child"))
    return {name: made.values[at.index(child)] for name, child in children.items()}


@pytest.mark.parametrize("name", REPORTED)
def test_what_is_reported_raises_what_it_moves(rows: dict[str, Any], name: str) -> None:
    moved = {
        each.name: each.direction * float(now - before)
        for each, before, now in zip(FEATURES, rows[""], rows[name], strict=True)
        if now != before and "OVER village" not in each.sql  # which is told of other children
    }
    assert moved
    assert {each for each, worse in moved.items() if worse <= 0} == set()
