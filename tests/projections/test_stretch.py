"""Stretches: what lies between two places of a topic, halved, named and said in SQL."""

from __future__ import annotations

from projections.stretch import Span, Stretch, between, beyond, halves, least, within, worded


def test_between_two_places_lie_the_slices_that_grew() -> None:
    assert between({0: 9, 1: 4}, {0: 12, 1: 4, 2: 0}) == (Span(0, 10, 12), Span(2, 0, 0))
    assert between({0: 9}, {0: 9}) == ()


def test_the_least_places_leave_out_a_partition_that_one_has_not_begun() -> None:
    assert least([{0: 9, 1: 4}, {0: 7, 1: 5}]) == {0: 7, 1: 4}
    assert least([{0: 9, 1: 4}, {0: 7}]) == {0: 7}
    assert least([{0: 9}, {}]) == {}
    assert least([]) == {}


def test_one_partition_is_a_plain_condition_and_several_are_alternatives() -> None:
    assert within((Span(0, 1, 5),)) == "partition = 0 AND offset BETWEEN 1 AND 5"
    assert within((Span(0, 1, 5), Span(2, 0, 3))) == (
        "((partition = 0 AND offset BETWEEN 1 AND 5) OR (partition = 2 AND offset BETWEEN 0 AND 3))"
    )


def test_beyond_some_places_lies_the_rest_and_any_other_partition() -> None:
    assert beyond({}) == "1"
    assert beyond({1: 4}) == "((partition = 1 AND offset > 4) OR (partition NOT IN (1)))"


def test_a_name_says_every_slice() -> None:
    assert worded((Span(0, 1, 100), Span(3, 7, 9))) == "0:1-100,3:7-9"


def test_halving_comes_down_to_single_offsets_each_once() -> None:
    def leaves(stretch: Stretch) -> list[Span]:
        parts = halves(stretch)
        return [e for part in parts for e in leaves(part)] if parts else list(stretch)

    wanted = [Span(p, o, o) for p, last in ((0, 6), (1, 0), (4, 3)) for o in range(last + 1)]
    assert leaves((Span(0, 0, 6), Span(1, 0, 0), Span(4, 0, 3))) == wanted
