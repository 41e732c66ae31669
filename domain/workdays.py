"""工作日: which days are working days in China, and the n-th after a day.

The holidays and the weekends worked instead are those of the State Council's yearly notices
(国务院办公厅关于部分节假日安排的通知) for 2024 to 2026, as the package chinesecalendar 1.11.0 (MIT)
has them. Other years: Monday to Friday (K), until their notice stands here.
"""

from __future__ import annotations

from datetime import date, timedelta

FIRST, LAST = date(2018, 1, 1), date(2035, 12, 31)
"""The days of the table `working_days` in SQL."""

HOLIDAYS = {
    2024: "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17"
    " 10-01 10-02 10-03 10-04 10-07",
    2025: "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02"
    " 10-03 10-06 10-07 10-08",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25"
    " 10-01 10-02 10-05 10-06 10-07",
}
"""Mondays to Fridays off."""

WORKED = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
"""Saturdays and Sundays worked instead."""

SATURDAY = 5


def _days(table: dict[int, str]) -> frozenset[date]:
    return frozenset(
        date.fromisoformat(f"{year}-{each}")
        for year, text in table.items()
        for each in text.split()
    )


_OFF, _ON = _days(HOLIDAYS), _days(WORKED)


def is_workday(on: date) -> bool:
    """Whether offices work."""
    return on in _ON or (on.weekday() < SATURDAY and on not in _OFF)


def workday_after(start: date, count: int) -> date:
    """The n-th working day after a day."""
    on = start
    while count > 0:
        on += timedelta(days=1)
        count -= is_workday(on)
    return on
