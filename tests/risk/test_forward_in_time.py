"""Dates: what has matured, what may be learned from, and the embargo between."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.errors import HistoryTooShortError
from risk.questions import SERIOUS_PROBLEM, as_of_dates, end_of, sunday_on_or_before
from risk.splits import forward

DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))


@given(DAYS, DAYS)
def test_as_of_dates_are_sundays_whose_labels_have_matured(first: date, by: date) -> None:
    days = as_of_dates(SERIOUS_PROBLEM, first, by)
    assert days == sorted(set(days))
    for day in days:
        assert day.weekday() == 6
        assert first <= day
        assert day + timedelta(days=90 + 14) <= by


@given(DAYS, st.integers(0, 40), st.floats(0.05, 0.9))
def test_nothing_learned_lies_within_the_label_window_of_what_is_judged(
    start: date, count: int, share: float
) -> None:
    days = [start + timedelta(days=28 * n) for n in range(count)]
    try:
        split = forward(days, SERIOUS_PROBLEM, share)
    except HistoryTooShortError:
        return
    assert split.learn
    assert split.judge == tuple(days[-len(split.judge) :])
    assert max(split.learn) + timedelta(days=90) < min(split.judge)


def test_too_short_a_history_says_what_to_do() -> None:
    with pytest.raises(HistoryTooShortError, match="104 days before"):
        forward([date(2026, 1, 4)], SERIOUS_PROBLEM)


def test_a_day_ends_where_the_next_begins_in_shanghai() -> None:
    assert end_of(date(2026, 3, 15)).isoformat() == "2026-03-16T00:00:00+08:00"
    assert sunday_on_or_before(date(2026, 3, 15)) == date(2026, 3, 15)
    assert sunday_on_or_before(date(2026, 3, 14)) == date(2026, 3, 8)
