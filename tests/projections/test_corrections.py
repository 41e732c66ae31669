"""Corrections, retractions and late facts: what counts now, what counted on a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from domain import child_file as c
from domain import visiting as v
from domain.terms import Tier, WorkerRole

NEVER = datetime(2299, 12, 31)  # noqa: DTZ001 - ClickHouse answers in UTC without a zone


def visit(minutes: int) -> v.VisitCompleted:
    return v.VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True, minutes=minutes)


@pytest.fixture
def corrected(house: Any, helpers: Any) -> Any:
    """A visit, corrected on 10 March, corrected again on 20 March."""
    child, write, at = helpers.register(house.log, 1), house.log.write, helpers.at
    house.a = write(visit(10), child, at("2026-03-01"))
    house.b = write(visit(20), child, at("2026-03-01"), at("2026-03-10"), house.a)
    house.c = write(visit(30), child, at("2026-03-02"), at("2026-03-20"), house.b)
    house.child = child
    return house


def test_of_a_chain_of_corrections_only_the_last_counts(corrected: Any) -> None:
    corrected.catch_up()
    assert corrected.ask("SELECT minutes, day, event_id FROM visits") == [
        (30, date(2026, 3, 2), corrected.c)
    ]


def test_history_keeps_every_version_and_says_when_it_was_replaced(
    corrected: Any, helpers: Any
) -> None:
    corrected.catch_up()
    rows = corrected.ask("SELECT minutes, replaced_at FROM visits_history ORDER BY position")
    naive = [helpers.at(day).replace(tzinfo=None) for day in ("2026-03-10", "2026-03-20")]
    assert rows == [(10, naive[0]), (20, naive[1]), (30, NEVER)]


@pytest.mark.parametrize(
    ("as_of", "minutes"),
    [("2026-02-28", []), ("2026-03-01", [10]), ("2026-03-09", [10]), ("2026-03-10", [20]),
     ("2026-03-19", [20]), ("2026-03-20", [30])],
)  # fmt: skip
def test_as_of_a_day_tells_what_was_known_then(
    corrected: Any, as_of: str, minutes: list[int]
) -> None:
    corrected.catch_up()
    rows = corrected.ask(f"SELECT minutes FROM visits_as_of(as_of = '{as_of}')")
    assert [row[0] for row in rows] == minutes
    end = f"toDateTime64('{as_of} 23:59:59.999999', 6, 'Asia/Shanghai')"
    by_hand = corrected.ask(
        f"SELECT minutes FROM visits_history WHERE occurred_at <= {end} AND recorded_at <= {end}"
        f" AND replaced_at > {end}"
    )
    assert by_hand == rows


KNOWN = [
    ("2026-02-28", "2026-03-31", []),
    ("2026-03-01", "2026-03-09", [10]),
    ("2026-03-01", "2026-03-10", [20]),
    ("2026-03-01", "2026-03-20", []),  # now it is known that it was a day later
    ("2026-03-02", "2026-03-20", [30]),
    ("2026-03-31", "2026-02-28", []),  # known before it happened: nothing
]


@pytest.mark.parametrize(("as_of", "known_by", "minutes"), KNOWN)
def test_a_day_is_seen_as_it_is_known_on_another(
    corrected: Any, as_of: str, known_by: str, minutes: list[int]
) -> None:
    corrected.catch_up()
    source = f"visits_as_known(as_of = '{as_of}', known_by = '{known_by}')"
    assert [row[0] for row in corrected.ask(f"SELECT minutes FROM {source}")] == minutes


def test_known_then_is_known_by_the_day_asked_about(house: Any, helpers: Any) -> None:
    helpers.live_on(house.log, helpers.dice(3), 300)
    house.catch_up()
    asked = (
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%_as_of'"
    )
    views = {row[0] for row in house.ask(asked)}
    assert {"children_as_of", "duties_as_of", "indicators_as_of", "subjects_as_of"} <= views
    # `indicators` are made of nothing but `judged`
    for name in sorted(views - {"judged_as_of"}):
        known = name.replace("_as_of", "_as_known")
        then = house.ask(f"SELECT * FROM {name}(as_of = '2026-05-05') ORDER BY ALL")
        asked = f"{known}(as_of = '2026-05-05', known_by = '2026-05-05')"
        assert house.ask(f"SELECT * FROM {asked} ORDER BY ALL") == then, name


def test_a_correction_that_comes_after_the_read_model_saw_the_original_replaces_it(
    house: Any, helpers: Any
) -> None:
    child = helpers.register(house.log, 1)
    first = house.log.write(visit(10), child)
    house.catch_up()
    house.log.write(visit(11), child, corrects=first)
    house.catch_up()
    assert house.ask("SELECT minutes FROM visits") == [(11,)]


def test_a_retracted_fact_is_gone_now_and_was_there_before(corrected: Any, helpers: Any) -> None:
    corrected.log.write(
        c.RecordRetracted(), corrected.child, helpers.at("2026-03-25"), corrects=corrected.c
    )
    corrected.catch_up()
    assert corrected.ask("SELECT minutes FROM visits") == []
    assert corrected.ask("SELECT minutes FROM visits_as_of(as_of = '2026-03-24')") == [(30,)]


def test_a_late_fact_does_not_overrule_a_newer_one(house: Any, helpers: Any) -> None:
    child, write, at = helpers.register(house.log, 1), house.log.write, helpers.at
    write(c.TierSet(tier=Tier.RED), child, at("2026-03-01"))
    write(c.TierSet(tier=Tier.BLUE), child, at("2026-02-01"), at("2026-04-01"))
    house.catch_up()
    assert house.one("SELECT tier FROM children")["tier"] == "red"
    before = house.one("SELECT tier FROM children_as_of(as_of = '2026-02-15')")
    assert before["tier"] == ""


def test_a_corrected_state_is_read_without_what_was_corrected(house: Any, helpers: Any) -> None:
    child, write, at = helpers.register(house.log, 1), house.log.write, helpers.at
    wrong = write(c.CategoryAdded(category=c.Category.ORPHAN), child, at("2026-02-01"))
    write(c.CategoryAdded(category=c.Category.LEFT_BEHIND), child, at("2026-02-02"))
    right = c.CategoryAdded(category=c.Category.DE_FACTO)
    write(right, child, at("2026-02-01"), at("2026-02-05"), wrong)
    house.catch_up()
    state = house.one("SELECT categories FROM children")
    assert state["categories"] == ["de_facto_unsupported", "left_behind_child"]


def test_answers_do_not_depend_on_join_use_nulls(corrected: Any) -> None:
    corrected.catch_up()
    query = "SELECT minutes, replaced_at FROM visits_history ORDER BY position"
    assert corrected.ask(query) == corrected.ask(f"{query} SETTINGS join_use_nulls = 1")
