"""`events` from a topic of several partitions: read models say what they say from the log itself.

Partitions come at their own pace, their offsets have gaps, and one may bring older positions late.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import visiting as v
from domain.terms import WorkerRole
from projections.backlog import counts, cuts, heads
from projections.definition import load, parse
from projections.engine import Engine
from projections.rendering import matching
from projections.stretch import Span, Stretch, between
from projections.verify import verify

LAGS = 1
"""A partition with much in it."""


def straight(house_maker: Any, log: Any) -> dict[str, Any]:
    """What the read models say when the same log comes without Kafka."""
    with house_maker() as house:
        house.log.stored.extend(log.stored)
        house.catch_up()
        return house.contents()


# --- the same as from the log --------------------------------------------------------------------


Shape, Steps = tuple[int, int, int], list[tuple[int, int, bool]]
"""Of a log its seed, partitions and stretches; a partition, how much of it comes, and whether what
came is taken then.
"""


def the_same_in_parts(house_maker: Any, helpers: Any, shape: Shape, steps: Steps) -> None:
    seed, partitions, span = shape
    random = helpers.dice(seed)
    with house_maker(span=span) as house:
        topic = helpers.Topic(house, partitions, helpers.anywhere(random, partitions), random)
        for partition, count, advanced in steps:
            helpers.live_on(house.log, random, 40)
            topic.publish()
            topic.deliver(partition % partitions, count)
            if advanced:
                house.engine.advance()
                assert set(house.engine.behind().values()) == {0}
        topic.deliver_all()
        assert set(house.engine.advance().values()) == {house.log.head()}
        live = house.contents()
        assert verify(house.log, house.client, house.log.head()).first == []
        house.engine.rebuild()
        assert house.contents() == live
        log = house.log
    assert straight(house_maker, log) == live


def test_split_and_coming_bit_by_bit_the_read_models_say_the_same(
    house_maker: Any, helpers: Any
) -> None:
    steps = [(2, 60, True), (0, 13, False), (1, 40, True), (2, 60, True), (0, 60, False)]
    the_same_in_parts(house_maker, helpers, (4, 3, 60), steps)


@pytest.mark.long
@given(
    shape=st.tuples(st.integers(0, 2**32), st.integers(2, 6), st.sampled_from([60, 1000])),
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 60), st.booleans()), min_size=1, max_size=8
    ),
)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_the_log_is_split_and_whenever_it_comes_the_read_models_say_the_same(
    house_maker: Any, helpers: Any, shape: Shape, steps: Steps
) -> None:
    the_same_in_parts(house_maker, helpers, shape, steps)


def test_the_topic_of_these_tests_has_gaps_and_interleaved_positions(
    house: Any, topic: Any
) -> None:
    topic.deliver_all()
    rows = house.ask(
        "SELECT partition, count(), max(offset), min(position), max(position) FROM events"
        " GROUP BY partition ORDER BY partition"
    )
    assert [row[0] for row in rows] == list(range(len(topic.waiting)))
    assert all(last > count for _, count, last, _, _ in rows)
    assert max(row[3] for row in rows) < min(row[4] for row in rows)


# --- one round -----------------------------------------------------------------------------------


def test_a_round_is_one_statement_a_read_model_and_one_plan(
    house: Any, topic: Any, statements: list[str]
) -> None:
    for partition in range(len(topic.waiting)):
        topic.deliver(partition, 20)
    house.engine.advance()
    topic.deliver_all()
    statements.clear()
    house.engine.advance()
    models = [each for each in statements if re.match(r"INSERT INTO \w+__", each)]
    assert len(models) == len({each.split()[2] for each in models}) > 5
    assert all(text.count("offset BETWEEN") == len(topic.waiting) for text in models)
    states = [each for each in statements if each.startswith("INSERT INTO checkpoints")]
    assert ["'planned'" in each for each in states] == [True, False, False][: len(states)]
    assert len(statements) == len(models) + len(states)


def test_nothing_new_is_no_statement_at_all(house: Any, topic: Any, statements: list[str]) -> None:
    topic.deliver_all()
    house.engine.advance()
    statements.clear()
    assert set(house.engine.advance().values()) == {house.log.head()}
    assert statements == []


def test_a_partition_that_the_topic_gained_is_taken_from_its_beginning(
    house: Any, topic: Any
) -> None:
    for partition in range(len(topic.waiting) - 1):
        topic.deliver(partition)
    house.engine.advance()
    topic.deliver_all()
    house.engine.advance()
    assert verify(house.log, house.client, house.log.head()).first == []


def test_the_token_names_every_slice(
    house: Any, topic: Any, helpers: Any, statements: list[str]
) -> None:
    topic.deliver_all()
    strict = parse("strict", helpers.STRICT % "1")
    statements.clear()
    Engine(house.client, [strict]).advance()
    tops = [row[0] for row in house.ask(
        "SELECT max(offset) FROM events GROUP BY partition ORDER BY partition")]  # fmt: skip
    (insert,) = [each for each in statements if each.startswith("INSERT INTO strict__")]
    slices = ",".join(f"{number}:0-{last}" for number, last in enumerate(tops))
    token = f"strict:{strict.hash}:1:events:{slices}"
    assert insert.endswith(f"insert_deduplication_token = '{token}'")


# --- a partition that lags -----------------------------------------------------------------------


def test_a_partition_that_lags_brings_older_positions_and_all_is_as_if_it_had_not(
    house: Any, topic: Any, house_maker: Any
) -> None:
    for partition in range(1, len(topic.waiting)):
        topic.deliver(partition)
    house.engine.advance()
    held = house.engine.head()
    assert house.engine.positions()["visits"] == held
    topic.deliver(0)
    oldest = house.ask("SELECT min(position) FROM events WHERE partition = 0")[0][0]
    assert oldest < held
    assert house.engine.positions()["visits"] == oldest - 1
    house.engine.advance()
    assert house.engine.positions()["visits"] == house.engine.head() == house.log.head()
    live = house.contents()
    assert straight(house_maker, house.log) == live


def test_a_correction_reaches_what_the_read_model_saw_in_an_earlier_round(
    house: Any, helpers: Any
) -> None:
    random = helpers.dice(1)
    topic = helpers.Topic(house, helpers.PARTITIONS, helpers.by_child, random)
    children = [helpers.register(house.log, number) for number in range(6)]
    first = [house.log.write(visit(10 + n), child) for n, child in enumerate(children)]
    topic.publish()
    topic.deliver_all()
    house.engine.advance()
    for number, (child, wrong) in enumerate(zip(children, first, strict=True)):
        house.log.write(visit(50 + number), child, corrects=wrong)
    topic.publish()
    for partition in range(len(topic.waiting)):
        topic.deliver(partition)
        house.engine.advance()
    minutes = house.ask("SELECT minutes FROM visits ORDER BY minutes")
    assert [row[0] for row in minutes] == [50, 51, 52, 53, 54, 55]
    assert house.ask("SELECT count() FROM visits_history") == [(12,)]


# --- how far --------------------------------------------------------------------------------------


def test_before_the_first_round_everything_is_behind(house: Any, topic: Any) -> None:
    assert house.engine.head() == 0
    assert set(house.engine.behind().values()) == {0}
    topic.deliver_all()
    own = house.ask(
        "SELECT count() FROM events WHERE type IN ('visit.completed.v1', 'record.retracted.v1')"
    )
    assert house.engine.behind()["visits"] == own[0][0] > 0
    assert set(house.engine.positions().values()) == {0}
    assert house.engine.head() == house.log.head()


def test_behind_counts_the_rows_of_its_own_types_past_its_checkpoint(
    house: Any, topic: Any
) -> None:
    for partition in range(len(topic.waiting)):
        topic.deliver(partition, 3)
    house.engine.advance()
    last = house.ask(f"SELECT max(offset) FROM events WHERE partition = {LAGS}")[0][0]
    topic.deliver(LAGS)
    by_hand = house.ask(
        f"SELECT count(), min(position) FROM events WHERE partition = {LAGS} AND offset > {last}"
        " AND type IN ('visit.completed.v1', 'record.retracted.v1')"
    )[0]
    assert house.engine.behind()["visits"] == by_hand[0] > 0
    house.engine.advance(["visits"])
    assert house.engine.behind()["visits"] == 0
    assert house.engine.behind()["children"] > 0
    assert house.engine.positions()["visits"] > house.engine.positions()["children"]


# --- verify ---------------------------------------------------------------------------------------


def test_verify_says_which_position_stands_twice(house: Any, topic: Any) -> None:
    topic.deliver_all()
    house.engine.advance()
    position, partition, offset = house.ask(
        "SELECT position, partition, offset FROM events WHERE partition = 1 ORDER BY offset LIMIT 1"
    )[0]
    house.client.command(
        "INSERT INTO events SELECT * REPLACE (2 AS partition, 100000 AS offset) FROM events"
        f" WHERE position = {position}"
    )
    first = verify(house.log, house.client, house.log.head()).first
    assert f"1 more than one at their position, first {position}: offset" in first[0]
    assert f"{offset} of partition {partition}" in first[0]
    assert "100000 of partition 2" in first[0]


def test_verify_misses_what_a_lagging_partition_has_not_brought(house: Any, topic: Any) -> None:
    for partition in range(1, len(topic.waiting)):
        topic.deliver(partition)
    house.engine.advance()
    lacking = len(topic.waiting[0])
    first = verify(house.log, house.client, house.log.head()).first
    head = house.log.head()
    assert first[0] == f"events 1 to {head}: {head} in the log, {head - lacking} in ClickHouse"


# --- in parts, and fast ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 40, 10_000])
def test_a_big_backlog_is_cut_into_parts_that_hold_every_event_once(
    house: Any, topic: Any, size: int
) -> None:
    topic.deliver_all()
    places = {0: 20, 1: -1, 3: 5}
    whole = between(places, heads(house.client, places))
    visits = next(each for each in load() if each.name == "visits")
    parts = list(cuts(house.client, visits, whole, size))
    own = [sum(counts(house.client, part).get(e, 0) for e in visits.sources) for part in parts]
    assert max(own) <= size
    assert sum(own) == sum(counts(house.client, whole).get(each, 0) for each in visits.sources)
    assert len(parts) == 1 or size < 10_000
    assert _joined([span for part in parts for span in part]) == whole


def _joined(spans: list[Span]) -> Stretch:
    """Slices that follow each other, as one each."""
    found: dict[int, Span] = {}
    for each in spans:
        known = found.get(each.partition)
        assert known is None or known.last + 1 == each.first
        found[each.partition] = each if known is None else known._replace(last=each.last)
    return tuple(found[partition] for partition in sorted(found))


def test_the_primary_key_finds_a_stretch_over_several_partitions(house: Any) -> None:
    house.client.command(
        "INSERT INTO events (topic, partition, offset, position, type)"
        " SELECT 'shouhe.events', number % 4, intDiv(number, 4) * 2, number + 1,"
        " ['visit.completed.v1', 'contact.logged.v1', 'risk.scored.v1'][number % 3 + 1]"
        " FROM numbers(600000)"
    )
    house.client.command("OPTIMIZE TABLE events FINAL")
    visits = next(each for each in load() if each.name == "visits")
    stretch = tuple(Span(partition, 299_000, 300_000) for partition in range(4))
    query = f"SELECT * FROM events WHERE {matching(visits, stretch)}"
    plan = "\n".join(row[0] for row in house.ask(f"EXPLAIN indexes = 1 {query}"))
    (read, there) = map(int, re.findall(r"Granules: (\d+)/(\d+)", plan)[-1])
    total = house.ask("SELECT sum(marks) FROM system.parts WHERE active AND table = 'events'"
                      " AND database = currentDatabase()")[0][0]  # fmt: skip
    assert "PrimaryKey" in plan
    assert (read <= 9, there <= total, total > 60) == (True, True, True), plan


def visit(minutes: int) -> v.VisitCompleted:
    return v.VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True, minutes=minutes)
