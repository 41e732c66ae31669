"""`timeline`: a child's events, in the order of its life, whole and as known on a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain import visiting as v
from domain.child_file import RecordRetracted
from domain.mandatory_report import ReporterKind, ReportSubmitted, Situation
from domain.terms import Department, Severity, WorkerRole
from domain.vocabulary import EVENTS
from projections.definition import load

TYPES = {"risk.scored.v1", "record.retracted.v1"}
"""Scores have a read model of their own; retractions come to every one."""


def visit() -> v.VisitCompleted:
    return v.VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)


def test_it_is_made_of_every_event_about_a_child_but_scores() -> None:
    (timeline,) = (each for each in load() if each.name == "timeline")
    assert set(timeline.types) == {n for n, cls in EVENTS.items() if cls.ABOUT_CHILD} - TYPES


def test_it_tells_what_events_tell_in_the_order_of_a_life(house: Any, helpers: Any) -> None:
    helpers.live_on(house.log, helpers.dice(3), 400, children=5)
    house.catch_up()
    columns = "type, event_id, occurred_at, recorded_at, actor, role, corrects, data"
    for number in range(5):
        child = f"child_id = '{helpers.kid(number)}'"
        order = "ORDER BY occurred_at, position"
        told = house.ask(f"SELECT {columns} FROM timeline WHERE {child} {order}")
        assert told
        assert told == house.ask(
            f"SELECT {columns} FROM events WHERE {child} AND type != 'risk.scored.v1' {order}"
        )


def test_its_twin_holds_what_counted_on_a_day_as_known_then(house: Any, helpers: Any) -> None:
    log, child = house.log, helpers.register(house.log, 1)
    first = log.write(visit(), child, helpers.at("2026-03-02"))
    mended = log.write(
        visit(), child, helpers.at("2026-03-03"), helpers.at("2026-03-10"), corrects=first
    )
    log.write(RecordRetracted(), child, helpers.at("2026-03-20"), corrects=mended)
    late = log.write(visit(), child, helpers.at("2026-03-05"), helpers.at("2026-04-01"))
    house.catch_up()

    def on(day: str) -> list[Any]:
        rows = house.ask(
            f"SELECT event_id FROM timeline_as_of(as_of = '{day}') WHERE child_id = '{child}'"
            " AND type = 'visit.completed.v1' ORDER BY occurred_at"
        )
        return [row[0] for row in rows]

    assert on("2026-03-01") == []
    assert on("2026-03-09") == [first]
    assert on("2026-03-10") == [mended]
    assert on("2026-03-20") == []
    assert on("2026-04-01") == [late]


def test_its_twin_agrees_with_the_facts_of_another_read_model(house: Any, helpers: Any) -> None:
    helpers.live_on(house.log, helpers.dice(8), 500, children=6)
    house.catch_up()
    for day in (date(2026, 2, 1) + timedelta(days=60 * n) for n in range(4)):
        assert house.ask(
            f"SELECT event_id FROM timeline_as_of(as_of = '{day}')"
            " WHERE type = 'visit.completed.v1' ORDER BY event_id"
        ) == house.ask(f"SELECT event_id FROM visits_as_of(as_of = '{day}') ORDER BY event_id")


def test_who_reported_is_not_in_it(house: Any, helpers: Any) -> None:
    child = helpers.register(house.log, 1)
    sent = ReportSubmitted(
        report_id="R-1", situation=next(iter(Situation)), severity=Severity.SERIOUS,
        to=Department.POLICE, reporter_kind=next(iter(ReporterKind)),
    )  # fmt: skip
    house.log.write(sent, child, actor="w-SECRET")
    house.catch_up()
    told = house.ask("SELECT actor, role, source FROM timeline WHERE type LIKE 'report.%'")
    assert told == [("", "", "")]
