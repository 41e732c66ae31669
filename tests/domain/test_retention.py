"""Until when a file is kept, and that the end is a proposal to a person."""

from __future__ import annotations

from datetime import date

import pytest

from domain.retention import Kept, Step, later, retention

LEFT = Kept(date(2012, 5, 1), on_ledger=False, left_on=date(2024, 2, 29), open_cases=0,
            forgotten=False)  # fmt: skip
OF_AGE = date(2030, 6, 1)


@pytest.mark.parametrize(
    ("file", "on", "step", "until"),
    [
        (LEFT._replace(on_ledger=True, left_on=None), date(2026, 1, 1), Step.KEEP, None),
        (LEFT, date(2028, 1, 1), Step.ARCHIVE, OF_AGE),
        (LEFT, OF_AGE, Step.ARCHIVE, OF_AGE),
        (LEFT, date(2030, 6, 2), Step.PROPOSE, OF_AGE),
        (LEFT._replace(open_cases=1), date(2030, 6, 2), Step.KEEP_OPEN, OF_AGE),
        (LEFT._replace(left_on=date(2030, 5, 31)), date(2031, 1, 1), Step.ARCHIVE,
         date(2033, 5, 31)),
        (LEFT._replace(forgotten=True), date(2040, 1, 1), Step.FORGOTTEN, None),
    ],
)  # fmt: skip
def test_what_to_do_on_a_day(file: Kept, on: date, step: Step, until: date | None) -> None:
    assert retention(file, on) == (step, until)


def test_the_period_is_a_setting_and_never_ends_before_the_child_is_of_age() -> None:
    assert retention(LEFT, date(2031, 1, 1), 0).step is Step.PROPOSE
    assert retention(LEFT, date(2030, 1, 1), 0).step is Step.ARCHIVE
    assert retention(LEFT, date(2033, 1, 1), 10).until == date(2034, 3, 1)


def test_a_leap_day_comes_back_as_the_first_of_march() -> None:
    assert later(date(2024, 2, 29), 3) == date(2027, 3, 1)
    assert later(date(2024, 2, 29), 4) == date(2028, 2, 29)
