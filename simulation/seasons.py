"""The county's year: Spring Festival, holidays, terms, harvests.

Days are proleptic ordinals (`date.toordinal`), for they are compared millions of times.
"""

from __future__ import annotations

from datetime import date

SPRING_FESTIVAL = {
    2018: date(2018, 2, 16),
    2019: date(2019, 2, 5),
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
}
"""First day of the lunar year."""

FIRST_YEAR, LAST_YEAR = min(SPRING_FESTIVAL) + 1, max(SPRING_FESTIVAL) - 1


def festival(year: int) -> int:
    """Spring Festival of a year. Raises KeyError outside the table."""
    return SPRING_FESTIVAL[year].toordinal()


def last_festival(on: int) -> int:
    """The last Spring Festival on or before a day."""
    year = date.fromordinal(on).year
    this = festival(year)
    return this if this <= on else festival(year - 1)


def next_festival(on: int) -> int:
    """The first Spring Festival after a day."""
    year = date.fromordinal(on).year
    this = festival(year)
    return this if this > on else festival(year + 1)


def in_summer(on: int) -> bool:
    """June to September: drowning and unattended days."""
    return 6 <= date.fromordinal(on).month <= 9


def in_term(on: int) -> bool:
    """Whether schools are open."""
    at = date.fromordinal(on)
    if at.month in (7, 8):
        return False
    return not -21 <= on - festival(at.year) <= 18


def busy(on: int) -> float:
    """How far farm work and feasts take a director's hours: 0 not at all, 1 altogether."""
    at = date.fromordinal(on)
    if -5 <= on - festival(at.year) <= 7:
        return 0.75
    return {5: 0.15, 9: 0.25, 10: 0.25}.get(at.month, 0.0)


def school_year_start(on: int) -> int:
    """The first of September on or before a day."""
    at = date.fromordinal(on)
    return date(at.year if at.month >= 9 else at.year - 1, 9, 1).toordinal()


def next_september(on: int) -> int:
    """The first of September after a day."""
    at = date.fromordinal(on)
    return date(at.year if at.month < 9 else at.year + 1, 9, 1).toordinal()


def next_june(on: int) -> int:
    """The first of June after a day."""
    at = date.fromordinal(on)
    return date(at.year if at.month < 6 else at.year + 1, 6, 1).toordinal()


def month(on: int) -> str:
    """`2026-03`."""
    return date.fromordinal(on).isoformat()[:7]


def month_day(on: int, day_of_month: int, later: int = 0) -> int:
    """A day of this month, or of a later one."""
    at = date.fromordinal(on)
    months = at.year * 12 + at.month - 1 + later
    return date(months // 12, months % 12 + 1, day_of_month).toordinal()


def birthday(birth: int, age: int) -> int:
    """The day on which a person born on `birth` becomes `age`."""
    born = date.fromordinal(birth)
    try:
        return born.replace(year=born.year + age).toordinal()
    except ValueError:  # 29 February in a common year
        return date(born.year + age, 3, 1).toordinal()


def age(birth: int, on: int) -> int:
    """Full years."""
    born, at = date.fromordinal(birth), date.fromordinal(on)
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))
