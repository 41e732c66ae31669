"""Checkpoints: a stretch is planned and done as a whole, partition by partition."""

from __future__ import annotations

from typing import Any

from projections.checkpoints import Checkpoints
from projections.stretch import Span

FRESH = True


def test_a_plan_is_unfinished_in_the_partitions_that_are_not_done(house: Any) -> None:
    checkpoints = Checkpoints(house.client)
    stretch = (Span(0, 0, 9), Span(3, 5, 7))
    checkpoints.note("planned", ["a", "b"], stretch)
    assert checkpoints.unfinished() == {"a": stretch, "b": stretch}
    checkpoints.note("done", ["a"], stretch)
    assert checkpoints.unfinished() == {"b": stretch}
    assert checkpoints.done() == {"a": {0: 9, 3: 7}}
    further = (Span(3, 8, 8), Span(5, 0, 0))
    checkpoints.note("planned", ["a"], further)
    assert checkpoints.unfinished()["a"] == further


def test_merged_checkpoints_say_the_same(house: Any) -> None:
    checkpoints = Checkpoints(house.client)
    for last in (9, 19, 29):
        stretch = (Span(0, last - 9, last), Span(1, last - 9, last + 1))
        checkpoints.note("planned", ["a"], stretch)
        if last < 29:
            checkpoints.note("done", ["a"], stretch)
    before = checkpoints.done(), checkpoints.unfinished()
    house.client.command("OPTIMIZE TABLE checkpoints FINAL")
    assert (checkpoints.done(), checkpoints.unfinished()) == before
    assert before == ({"a": {0: 19, 1: 20}}, {"a": stretch})


def test_checkpoints_from_before_partitions_count_as_partition_0(house: Any) -> None:
    house.client.command("DROP TABLE checkpoints SYNC")
    house.client.command(
        "CREATE TABLE checkpoints (storage String, first UInt64, last UInt64,"
        " state Enum8('planned' = 1, 'done' = 2), at DateTime64(3, 'UTC') DEFAULT now64(3))"
        " ENGINE = ReplacingMergeTree ORDER BY (storage, state)"
    )
    house.client.command("INSERT INTO checkpoints (storage, first, last, state) VALUES"
                         " ('a', 1, 8, 'done'), ('a', 9, 12, 'planned')")  # fmt: skip
    for _ in range(2):
        checkpoints = Checkpoints(house.client)
    assert checkpoints.done() == {"a": {0: 8}}
    assert checkpoints.unfinished() == {"a": (Span(0, 9, 12),)}
    checkpoints.note("done", ["a"], (Span(0, 9, 12), Span(1, 0, 3)))
    house.client.command("OPTIMIZE TABLE checkpoints FINAL")
    assert checkpoints.done() == {"a": {0: 12, 1: 3}}
