"""Crashes and poison with several partitions: a stretch is made whole, only poison is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from domain.foresight import RiskScored
from domain.terms import WorkerRole
from domain.visiting import VisitCompleted
from projections.backlog import heads
from projections.definition import load, parse
from projections.engine import UNREADABLE, Engine
from projections.stretch import Span, between
from projections.verify import verify

VISIT = VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)
SCORE = RiskScored(model_id="m-1", as_of=date(2026, 3, 1), score=0.25, log_position=1)


class Crash(Exception):  # noqa: N818 - stands for kill -9
    """The process is gone."""


class Fuse:
    """A client that dies at its nth statement, before or after ClickHouse carried it out."""

    def __init__(self, client: Any, steps: int, *, after: bool) -> None:
        self._client, self._left, self._after = client, steps, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def command(self, text: str, *args: Any, **options: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Crash
        try:
            return self._client.command(text, *args, **options)
        finally:
            if self._left == 0:
                raise Crash


def go_on(random: Any, topic: Any, helpers: Any) -> None:
    """Some more life, with a visit and a score of every child, in ClickHouse at once."""
    log = topic.house.log
    helpers.live_on(log, random, 20, children=8)
    for number in range(8):
        log.write(VISIT, helpers.kid(number))
        log.write(SCORE, helpers.kid(number))
    topic.publish()
    topic.deliver_all()


def advances(house: Any, models: list[Any], step: int, *, after: bool) -> bool:
    """Bring the read models to the head, with a crash at the nth statement. → whether it got by."""
    engine = Engine(house.client, models)
    engine._client = engine._checkpoints._client = Fuse(house.client, step, after=after)
    try:
        engine.advance()
    except Crash:
        return False
    return True


@pytest.mark.parametrize(
    ("poisoned", "at_least", "after"),
    [
        (None, 5, True), (3, 10, False),
        pytest.param(None, 5, False, marks=pytest.mark.long),
        pytest.param(3, 10, True, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_a_crash_at_any_step_of_a_round_costs_nothing(
    house: Any, helpers: Any, poisoned: int | None, at_least: int, *, after: bool
) -> None:
    """Plan, three inserts, checkpoint; and with a child whose visits are poison, all the halves."""
    whose = f"type = 'visit.completed.v1' AND child_id = '{helpers.kid(poisoned or 99)}'"
    random = helpers.dice(11)
    topic = helpers.Topic(house, helpers.PARTITIONS, helpers.by_child, random)
    strict = parse("strict", helpers.STRICT % f"throwIf({whose}, 'poison')")
    models = [strict, *(each for each in load() if each.name in {"visits", "scores"})]
    Engine(house.client, models).advance()
    whole, step = False, 0
    while not whole:
        step += 1
        go_on(random, topic, helpers)
        whole = advances(house, models, step, after=after)
        engine = Engine(house.client, models)
        engine.advance()
        visits = of_type(house, "visit.completed.v1")
        spoilt = of_type(house, "visit.completed.v1", whose)
        assert bool(spoilt) == bool(poisoned)
        assert held(house, "visits") == visits
        assert held(house, "scores") == of_type(house, "risk.scored.v1")
        assert [position for position, _ in engine.parked().get("strict", [])] == spoilt
        assert held(house, "strict") == sorted(set(visits) - set(spoilt))
    assert step > at_least


def of_type(house: Any, kind: str, also: str = "1") -> list[int]:
    """Positions of events."""
    query = f"SELECT position FROM events WHERE type = '{kind}' AND {also} ORDER BY position"
    return [row[0] for row in house.ask(query)]


def held(house: Any, name: str) -> list[int]:
    """Positions of a read model's facts."""
    return [row[0] for row in house.ask(f"SELECT position FROM {name}_history ORDER BY position")]


@pytest.mark.parametrize("left", ["nothing", "half", "all"])
def test_a_stretch_cut_short_is_made_whole_and_what_was_there_before_stays(
    house: Any, topic: Any, statements: list[str], left: str
) -> None:
    topic.deliver(0)
    topic.deliver(1, 20)
    house.engine.advance(["visits"])
    topic.deliver_all()
    storage = house.engine._shelf.live()["visits"].table
    places = house.engine._checkpoints.done()[storage]
    stretch = between(places, heads(house.client, places))
    assert [each.partition for each in stretch] == [1, 2, 3]
    targets = house.engine._targets([e for e in load() if e.name == "visits"], rebuilt=False)
    house.engine._checkpoints.note("planned", [storage], stretch)
    house.engine._fill(targets[0], stretch)
    if left != "all":
        half = " AND position % 2" if left == "half" else ""
        rows = "SELECT position FROM events WHERE partition > 1"
        house.client.command(f"DELETE FROM {storage} WHERE position IN ({rows}){half}")
    statements.clear()
    Engine(house.client).advance()
    assert any(each.startswith(f"INSERT INTO {storage}") for each in statements) == (left != "all")
    assert verify(house.log, house.client, house.log.head()).first == []


def test_an_interrupted_rebuild_goes_on_where_it_stopped(
    house: Any, topic: Any, statements: list[str]
) -> None:
    topic.deliver_all()
    house.engine.advance()
    before = house.contents()
    visits = [each for each in load() if each.name == "visits"]
    (target,) = house.engine._targets(visits, rebuilt=True)
    house.engine._take([target], (Span(0, 0, 40), Span(2, 0, 10)))
    statements.clear()
    Engine(house.client).advance()
    (insert,) = [each for each in statements if each.startswith(f"INSERT INTO {target.table} ")]
    assert "partition = 0 AND offset BETWEEN 41 AND" in insert
    assert house.contents() == before


def test_poison_is_set_aside_by_its_position_and_the_other_partitions_go_on(
    house: Any, topic: Any, helpers: Any
) -> None:
    topic.deliver_all()
    rows = house.ask(
        "SELECT partition, position FROM events WHERE type = 'visit.completed.v1'"
        " ORDER BY partition, position"
    )
    poison = {rows[0][1], rows[-1][1]}
    assert rows[0][0] < rows[-1][0]
    listed = ", ".join(map(str, poison))
    strict = parse("strict", helpers.STRICT % f"throwIf(position IN ({listed}), 'poison')")
    engine = Engine(house.client, [strict])
    engine.advance()
    parked = engine.parked()["strict"]
    assert {position for position, _ in parked} == poison
    assert all("poison" in reason for _, reason in parked)
    there = house.ask("SELECT position FROM strict_history ORDER BY position")
    assert [row[0] for row in there] == sorted({position for _, position in rows} - poison)
    assert engine.behind() == {"strict": 0}
    assert engine.positions() == {"strict": house.log.head()}


def test_an_error_that_no_event_is_to_blame_for_is_raised(
    house: Any, topic: Any, helpers: Any
) -> None:
    topic.deliver(0)
    strict = parse("strict", helpers.STRICT % "JSONExtract(data, 'minutes', 'UInt8')")
    engine = Engine(house.client, [strict])
    engine.advance()
    storage = engine._shelf.live()["strict"].table
    house.client.command(f"ALTER TABLE {storage} DROP COLUMN minutes")
    house.client.command(f"ALTER TABLE {storage} ADD COLUMN minutes Array(UInt8) FIRST")
    topic.deliver_all()
    with pytest.raises(DatabaseError) as raised:
        engine.advance()
    assert raised.value.code in UNREADABLE
    assert engine.parked() == {}


def test_a_state_that_kafka_brought_and_nobody_can_read_stalls_nothing_and_is_shown(
    house: Any, topic: Any
) -> None:
    topic.waiting[3].append((10_000, b"\xff not json"))
    topic.deliver_all()
    house.engine.advance()
    assert house.engine.positions()["visits"] == house.engine.head() == house.log.head()
    where = "shouhe.events, partition 3, offset 10000"
    assert house.engine.parked()["events"] == [(0, f"the stored state is not JSON ({where})")]
