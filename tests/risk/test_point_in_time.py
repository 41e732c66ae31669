"""What was known by a day, and never later: by both times, for every history a feature reads."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from domain import child_file as c
from domain import guardianship as g
from domain import mandatory_report as r
from domain import subsidy as s
from domain import visiting as v
from domain.event import Event
from domain.terms import Channel, Department, Parent, Relation, Severity, Sex, Tier, WorkerRole
from risk import statement
from risk.features import FEATURES
from risk.matrix import Matrix, fetch
from risk.questions import SERIOUS_PROBLEM
from risk.sources import COHORT

DAY = date(2026, 1, 31)
EARLY, BEFORE, AFTER = "2025-11-03", "2026-01-20", "2026-02-03"
VILLAGE = "520526100201"
HISTORIES = {part.source.alias for each in FEATURES for part in each.parts}


def facts(number: int) -> dict[str, Event]:
    """One fact for each history, which every one of them moves some feature."""
    problem, report = f"P-{number}", f"R-{number}"
    return {
        "children": c.TierSet(tier=Tier.RED),
        "guardians": g.GuardianAssessed(guardian_id="G-1", grade=g.GuardianGrade.POOR),
        "absences": g.ParentDeparted(parent=Parent.MOTHER),
        "statuses": g.ParentStatusChanged(parent=Parent.MOTHER, status=g.ParentStatus.LOST_CONTACT),
        "agreements": g.DeficiencyFound(agreement_id="A-1", kind=g.Deficiency.NEGLIGENT),
        "visits": v.VisitCompleted(
            by=WorkerRole.DIRECTOR, child_seen=False, concerns=[v.Concern.HEALTH]
        ),
        "attempts": v.VisitAttemptFailed(by=WorkerRole.DIRECTOR, reason=v.NotVisited.NOBODY_HOME),
        "contacts": v.ContactLogged(by=WorkerRole.DIRECTOR, channel=Channel.PHONE),
        "calls": g.ParentContactLogged(
            leg=g.ContactLeg.CHILD, parent=Parent.FATHER, channel=Channel.VIDEO
        ),
        "problems": v.ProblemFound(
            problem_id=problem,
            kind=v.ProblemKind.SAFETY,
            severity=Severity.SERIOUS,
            found_by=v.FoundBy.VISIT,
        ),
        "reports": r.ReportSubmitted(
            report_id=report,
            situation=r.Situation.UNATTENDED,
            to=Department.POLICE,
            reporter_kind=r.ReporterKind.CITIZEN,
        ),
        "subsidies": s.BenefitGranted(
            benefit_id=f"B-{number}", type=s.Benefit.ORPHAN, amount_fen=75_000, from_month="2026-01"
        ),
    }


def begin(pen: Any, number: int) -> str:
    """A child with a carer, an agreement and a father away; known early. → its id."""
    child = pen.child_of(
        pen.write(
            c.ChildRegistered(
                name="禾苗",
                id_type=c.IDType.NONE,
                sex=Sex.GIRL,
                birth_date=date(2016, 5, 4),
                hukou_type=c.Hukou.NONE,
                hukou_division="520526",
                residence_division=f"{VILLAGE[:-1]}{number}",
            ),
            "2025-09-01",
        )
    )
    pen.write(
        g.GuardianLinked(
            guardian_id="G-1", name="禾婆", relation=Relation.MATERNAL_GRANDPARENT, is_legal=False
        ),
        "2025-09-02",
        child=child,
    )
    pen.write(g.ParentDeparted(parent=Parent.FATHER), "2025-09-03", child=child)
    pen.write(
        g.AgreementSigned(
            agreement_id=f"A-{number}",
            name="禾婆",
            relation=Relation.MATERNAL_GRANDPARENT,
            start=date(2025, 9, 3),
            child_view_heard=True,
        ),
        "2025-09-03",
        child=child,
    )
    pen.write(
        s.EligibilityAssessed(
            benefit_id=f"B-{number}", type=s.Benefit.ORPHAN, result=s.Eligibility.ELIGIBLE
        ),
        "2025-09-04",
        child=child,
    )
    return child


def matrix(pen: Any, child: str, day: date = DAY) -> Any:
    """The features of one child on one day, shape (features,)."""
    pen.home.catch_up()
    return row(fetch(pen.home.warehouse, [day]), child)


def row(made: Matrix, child: str) -> Any:
    return made.values[list(made.text("child")).index(child)]


@pytest.fixture(scope="module")
def planted(pen: Any) -> dict[str, tuple[Any, str]]:
    """Plant in time → (features before planting, the child). One child for each way to be late."""
    known = {}
    for number, way in enumerate(("future", "late", "replaced"), start=1):
        child = begin(pen, number)
        originals = {}
        if way == "replaced":
            originals = {
                name: pen.write(of(fact, number), EARLY, child=child)
                for name, fact in facts(number).items()
            }
        known[way] = (matrix(pen, child), child)
        for name, fact in facts(number).items():
            if way == "future":
                pen.write(of(fact, number), AFTER, child=child)
            elif way == "late":
                pen.write(of(fact, number), BEFORE, AFTER, child=child)
            else:
                pen.write(c.RecordRetracted(), AFTER, child=child, corrects=originals[name])
    pen.home.catch_up()
    return known


def of(fact: Event, number: int) -> Event:
    """A deficiency is of the child's own agreement."""
    if isinstance(fact, g.DeficiencyFound):
        return g.DeficiencyFound(agreement_id=f"A-{number}", kind=fact.kind)
    return fact


@pytest.mark.parametrize("way", ["future", "late", "replaced"])
def test_what_was_not_known_by_the_day_moves_no_feature(
    pen: Any, planted: dict[str, tuple[Any, str]], way: str
) -> None:
    before, child = planted[way]
    np.testing.assert_array_equal(matrix(pen, child), before)


@pytest.mark.parametrize(
    ("way", "guard"),
    [
        ("future", "1"),
        ("late", "recorded_at < m AND "),
        ("replaced", " AND replaced_at >= m"),
    ],
)
def test_without_its_guard_every_history_leaks(
    pen: Any,
    planted: dict[str, tuple[Any, str]],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    guard: str,
) -> None:
    before, child = planted[way]
    loose = "1" if guard == "1" else statement.GUARD.replace(guard, "")
    if way == "replaced":
        loose = "occurred_at < m AND replaced_at = toDateTime64('2299-12-31', 6, 'UTC')"
    monkeypatch.setattr(statement, "GUARD", loose)
    moved = {
        part.source.alias
        for feature, old, new in zip(FEATURES, before, matrix(pen, child), strict=True)
        if old != new
        for part in feature.parts
        if part not in COHORT
    }
    assert moved >= HISTORIES


def test_once_it_is_known_it_counts(pen: Any, planted: dict[str, tuple[Any, str]]) -> None:
    before, child = planted["late"]
    assert (matrix(pen, child, date(2026, 2, 3)) != before).sum() > 20


def test_many_days_in_one_pass_are_the_same_as_day_by_day(
    pen: Any, planted: dict[str, tuple[Any, str]]
) -> None:
    days = [date(2025, 9, 30), date(2025, 12, 31), DAY, date(2026, 3, 31)]
    together = fetch(pen.home.warehouse, days)
    for day in days:
        alone = fetch(pen.home.warehouse, [day])
        np.testing.assert_array_equal(together.on([day]).values, alone.values)
        assert together.on([day]).keys == alone.keys


def test_a_label_counts_what_happens_in_the_window_and_is_known_when_it_is_read(
    pen: Any, planted: dict[str, tuple[Any, str]]
) -> None:
    children = {way: child for way, (_, child) in planted.items()}

    def labels(day: date, known_by: date) -> dict[str, int]:
        made = fetch(pen.home.warehouse, [day], SERIOUS_PROBLEM, known_by)
        found = dict(zip(made.text("child"), made.label, strict=True))
        return {way: int(found[child]) for way, child in children.items()}

    assert labels(DAY, date(2026, 6, 1)) == {"future": 1, "late": 0, "replaced": 0}
    assert labels(DAY, date(2026, 2, 2)) == {"future": 0, "late": 0, "replaced": 0}
    assert labels(date(2025, 12, 1), date(2026, 6, 1)) == {"future": 1, "late": 1, "replaced": 0}
    assert labels(date(2025, 10, 1), date(2026, 1, 31)) == {"future": 0, "late": 0, "replaced": 1}
    assert labels(date(2025, 10, 1), date(2026, 2, 28)) == {"future": 0, "late": 0, "replaced": 0}
