"""Which days of reading are worth a question, and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.looking import ReaderDay, Why, oddities

DAY = date(2026, 3, 16)
QUIET = ReaderDay("w-1", "director", DAY, 5, 6, 2, 0, 0, 1, 0)


def usual_days(reader: str = "w-1", children: int = 12) -> list[ReaderDay]:
    return [
        QUIET._replace(reader=reader, children=children, day=DAY - timedelta(days=back))
        for back in range(1, 15)
    ]


def whys(*days: ReaderDay, since: date = DAY) -> list[Why]:
    return [each.why for each in oddities([*usual_days(), *usual_days("w-2"), *days], since)]


def test_an_ordinary_day_asks_nothing() -> None:
    assert whys(QUIET) == []


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (QUIET._replace(children=41), Why.MANY),
        (QUIET._replace(in_an_hour=20), Why.BURST),
        (QUIET._replace(at_night=3), Why.NIGHT),
        (QUIET._replace(unrelated=5), Why.UNRELATED),
        (QUIET._replace(again=6), Why.AGAIN),
        (QUIET._replace(broken=1), Why.BREAK_GLASS),
    ],
)
def test_each_reason_alone(day: ReaderDay, why: Why) -> None:
    assert whys(day) == [why]


@pytest.mark.parametrize(
    "day",
    [QUIET._replace(children=39), QUIET._replace(in_an_hour=19), QUIET._replace(at_night=2),
     QUIET._replace(unrelated=4), QUIET._replace(again=5)],
)  # fmt: skip
def test_just_below_a_threshold_asks_nothing(day: ReaderDay) -> None:
    assert whys(day) == []


def test_many_is_measured_by_the_readers_own_usual_and_by_the_roles() -> None:
    busy = QUIET._replace(reader="w-9", children=90)
    assert whys(busy) == [Why.MANY]
    assert [e.why for e in oddities([*usual_days("w-9", 31), busy], DAY)] == []
    assert [e.why for e in oddities([*usual_days("w-2", 31), busy], DAY)] == []
    assert [e.why for e in oddities([*usual_days("w-2", 29), busy], DAY)] == [Why.MANY]


def test_what_is_longer_ago_than_four_weeks_is_not_usual_any_more() -> None:
    old = [QUIET._replace(children=80, day=DAY - timedelta(days=29 + n)) for n in range(20)]
    assert [e.why for e in oddities([*old, QUIET._replace(children=50)], DAY)] == [Why.MANY]


def test_days_before_the_window_only_say_what_is_usual() -> None:
    assert whys(QUIET._replace(at_night=9), since=DAY + timedelta(days=1)) == []
