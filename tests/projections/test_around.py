"""A question about a place reads that place's facts alone, and is answered as by all facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from domain.child_file import ChildMoved
from domain.event import event_class
from domain.examples import example_data
from projections.around import around
from projections.storages import Shelf

HERE, ELSEWHERE = "520526100201", "520521100201"
DAY = "2026-05-31"


def _move(house: Any, helpers: Any, child: Any, village: str, day: str) -> None:
    house.log.write(ChildMoved(residence_division=village), child, helpers.at(day))


@pytest.fixture(scope="module")
def two(clickhouse: Any, tmp_path_factory: pytest.TempPathFactory, helpers: Any) -> Iterator[Any]:
    """Children who stayed, who left for another county, who came back; much said of each."""
    with helpers.new_house(clickhouse, tmp_path_factory.mktemp("around")) as house:
        helpers.live_on(house.log, helpers.dice(5), 300, children=6)
        for number in (6, 7, 8):
            _move(house, helpers, helpers.register(house.log, number), ELSEWHERE, "2026-02-10")
        _move(house, helpers, helpers.kid(6), HERE, "2026-02-20")
        kind = event_class("problem.found.v1")
        for number in range(9):  # about a child of one village, in the other
            for place in (HERE, ELSEWHERE):
                data = {**example_data(kind), "problem_id": f"P-{number}-{place}"}
                found = msgspec.convert(data, kind)
                house.log.write(found, helpers.kid(number), helpers.at("2026-03-01"), place=place)
        house.catch_up()
        yield house


@pytest.mark.parametrize("place", [pytest.param("520526", marks=pytest.mark.long), ELSEWHERE])
def test_a_place_alone_says_what_all_of_the_province_says_of_it(two: Any, place: str) -> None:
    only = around(two.client, [place], happened=True)
    assert only
    for view, column in {"duties": "village_code", "judged": "place"}.items():
        query = (
            f"SELECT * FROM {view}_as_of(as_of = '{DAY}')"
            f" WHERE startsWith({column}, '{place}') ORDER BY ALL"
        )
        alone = two.client.query(query, settings=only).result_rows
        assert alone
        assert alone == two.client.query(query).result_rows, view


def test_it_reads_the_facts_of_that_place_alone(two: Any) -> None:
    query = "SELECT uniqExact(child_id) FROM children_history"
    whole, here = (
        two.client.query(query, settings=each).result_rows[0][0]
        for each in ({}, around(two.client, [ELSEWHERE]))
    )
    assert whole == 9
    assert here == 3  # one of whom left again


def test_all_is_read_where_a_place_is_large_or_none(two: Any) -> None:
    for places in ([], [""], ["52"], ["5205"], ["52'; DROP"]):
        assert around(two.client, places) == {}


def test_many_villages_are_read_by_their_counties_so_that_the_question_stays_short(
    two: Any,
) -> None:
    """A county's lists ask for its 200 villages at once; a query's text ends at 256 KiB."""
    villages = [f"520526{number:06}" for number in range(300)] + [HERE]
    only = around(two.client, villages)
    assert only == around(two.client, ["520526"])
    assert len(str(only)) < 100_000
    assert two.client.query("SELECT count() FROM duties", settings=only).result_rows[0][0] > 0
    assert around(two.client, [f"52{number:04}100" for number in range(40)]) == {}


def test_all_is_read_where_too_many_strangers_had_to_do_with_a_place(
    two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert around(two.client, [ELSEWHERE], happened=True)
    monkeypatch.setattr("projections.around.STRANGERS", 5)  # six children never lived there
    assert around(two.client, [ELSEWHERE])
    assert around(two.client, [ELSEWHERE], happened=True) == {}


def test_all_is_read_while_a_child_is_known_whose_residence_is_not(two: Any, helpers: Any) -> None:
    storage = Shelf(two.client).live()["residences"].table
    two.client.command(f"DELETE FROM {storage} WHERE child_id = '{helpers.kid(4)}'")
    assert around(two.client, [HERE]) == {}
