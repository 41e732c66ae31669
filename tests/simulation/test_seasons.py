"""The calendar of the county."""

from __future__ import annotations

from datetime import date

import pytest

from domain.divisions import names, villages, villages_of
from simulation import seasons


def test_guizhou_has_all_its_places() -> None:
    every = list(villages())
    assert len(every) == 17_964
    assert len({each.township_code for each in every}) == 1_510
    assert len({each.county_code for each in every}) == 88
    assert names()["520526"] == "威宁彝族回族苗族自治县"
    assert villages_of("520526")[0].name == "大洼塘社区居民委员会"


def test_the_last_and_the_next_festival_enclose_a_day() -> None:
    on = date(2025, 1, 29).toordinal()
    assert seasons.last_festival(on) == on
    assert seasons.last_festival(on - 1) == date(2024, 2, 10).toordinal()
    assert seasons.next_festival(on) == date(2026, 2, 17).toordinal()


@pytest.mark.parametrize(
    ("on", "open_"),
    [
        (date(2025, 7, 20), False),
        (date(2025, 2, 1), False),
        (date(2025, 3, 20), True),
        (date(2025, 9, 1), True),
    ],
)
def test_schools_are_open_in_term(on: date, open_: bool) -> None:
    assert seasons.in_term(on.toordinal()) is open_


def test_a_child_of_the_leap_day_has_its_birthday_in_march_of_a_common_year() -> None:
    birth = date(2012, 2, 29).toordinal()
    assert seasons.birthday(birth, 16) == date(2028, 2, 29).toordinal()
    assert seasons.birthday(birth, 18) == date(2030, 3, 1).toordinal()
    assert seasons.age(birth, date(2025, 2, 28).toordinal()) == 12


def test_a_day_of_a_later_month_may_lie_in_the_next_year() -> None:
    on = date(2025, 11, 30).toordinal()
    assert seasons.month_day(on, 18, 2) == date(2026, 1, 18).toordinal()
