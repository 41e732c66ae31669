"""The numbers of a past day, as known then and now: where they differ, the events that did it."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain import child_file as c
from domain import visiting as v
from domain.event import SHANGHAI, Recorded
from domain.terms import WorkerRole
from projections.differences import Difference, differences

DAY, LATER = date(2026, 4, 30), date(2026, 7, 31)


def numbers(house: Any, known_by: date) -> list[Any]:
    """Every indicator of the day, at every place."""
    return list(house.ask(
        f"SELECT * FROM indicators_as_known(as_of = '{DAY}', known_by = '{known_by}') ORDER BY ALL"
    ))  # fmt: skip


def named(found: list[Difference]) -> set[str]:
    return {cause.event_id.hex for each in found for one in each.changed for cause in one.events}


def visit() -> v.VisitCompleted:
    return v.VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)


@pytest.fixture(scope="module")
def histories() -> Any:
    """The random histories of test_obligations."""
    path = Path(__file__).with_name("test_obligations.py")
    spec = importlib.util.spec_from_file_location("obligations_histories", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_without_the_events_that_explain_a_difference_the_old_numbers_come_back(
    house_maker: Any, helpers: Any, histories: Any, seed: int
) -> None:
    with house_maker() as house:
        helpers.live_on(house.log, helpers.dice(seed), 150)
        histories.live(house.log, helpers, helpers.dice(seed), 300)
        house.catch_up()
        then, now = numbers(house, DAY), numbers(house, LATER)
        found = differences(house.client, DAY, DAY, LATER)
        stored = house.log.stored
    assert then != now
    assert all(one.events for each in found for one in each.changed)
    causes = named(found)
    recorded = {row[1]: msgspec.json.decode(row[4], type=Recorded).recorded_at for row in stored}
    between = {own for own, at in recorded.items() if DAY < at.astimezone(SHANGHAI).date() <= LATER}
    assert causes < between
    with house_maker() as house:
        house.log.stored = [
            (number, *row[1:])
            for number, row in enumerate((row for row in stored if row[1] not in causes), 1)
        ]
        house.catch_up()
        assert numbers(house, LATER) == then


def test_where_nothing_came_late_a_past_days_numbers_never_change(
    house: Any, helpers: Any, histories: Any
) -> None:
    histories.live(house.log, helpers, helpers.dice(5), 300)
    kept = []
    for row in house.log.stored:
        told = msgspec.json.decode(row[4], type=Recorded)
        if told.corrects.int == 0:
            prompt = msgspec.structs.replace(told, recorded_at=told.occurred_at)
            kept.append((len(kept) + 1, *row[1:4], msgspec.json.encode(prompt)))
    house.log.stored = kept
    house.catch_up()
    assert (then := numbers(house, DAY))
    assert then == numbers(house, LATER)
    assert differences(house.client, DAY, DAY, LATER) == []


def test_a_late_visit_and_its_retraction_are_each_named(house: Any, helpers: Any) -> None:
    child, write, at = helpers.register(house.log, 1), house.log.write, helpers.at
    late = write(visit(), child, at("2026-04-20"), at("2026-05-10"))
    write(visit(), helpers.register(house.log, 2), at("2026-04-21"), at("2026-04-21"))
    house.catch_up()
    (seen,) = differences(house.client, DAY, DAY, date(2026, 5, 31), rule="T8.6")
    assert (seen.check, seen.before["overdue"], seen.after["overdue"]) == ("T8.6", 1, 0)
    assert not differences(house.client, DAY, DAY, LATER, place="520527", rule="T8.6")
    (changed,) = seen.changed
    assert (changed.before, changed.after, changed.part) == ("overdue", "met", "director_visit")
    assert [(e.event_id, e.why) for e in changed.events] == [(late, "late")]
    back = write(c.RecordRetracted(), child, at("2026-06-02"), corrects=late)
    house.catch_up()
    assert not differences(house.client, DAY, DAY, LATER, rule="T8.6")
    (gone,) = differences(house.client, DAY, date(2026, 5, 31), LATER, rule="T8.6")
    assert [(e.event_id, e.why, e.corrects) for e in gone.changed[0].events] == [
        (back, "retracts", late)
    ]
