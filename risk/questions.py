"""A prediction is a question with dates: for whom, what, within how long.

cohort   the children on the ledger at the end of a day (the as-of date)
label    whether something on a short list of recorded events happens to the child within the
         horizon after that day
settle   how many more days the last of those facts may take to be typed in

An as-of date is used for learning or judging only once its label has matured: its window is over,
and settled, by the day on which the label is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.event import SHANGHAI

STEP_DAYS = 28
"""Between as-of dates: four weeks, so that every one of them is the same day of the week."""


@dataclass(frozen=True)
class Outcome:
    """One kind of fact that answers the question with yes.

    table   a `*_history` view
    when    SQL condition on its rows; `{known}` stands for "recorded by the day of reading"
    """

    table: str
    when: str


@dataclass(frozen=True)
class Question:
    """What is predicted. Times are whole Shanghai days; a day ends where the next one begins."""

    name: str
    title: str
    horizon_days: int
    settle_days: int
    outcomes: tuple[Outcome, ...]

    @property
    def window(self) -> timedelta:
        """From an as-of date to the day on which its label can be read: the embargo."""
        return timedelta(days=self.horizon_days + self.settle_days)

    def matured(self, as_of: date, by: date) -> bool:
        """Whether the label of an as-of date can be read on a day."""
        return as_of + self.window <= by


SERIOUS_PROBLEM = Question(
    name="serious_problem_90",
    title="未来90天内发现严重问题",
    horizon_days=90,
    settle_days=14,
    outcomes=(
        Outcome(
            "problems_history", "type = 'problem.found.v1' AND severity IN ('serious', 'urgent')"
        ),
        Outcome("care_agreements_history", "type = 'care.deficiency_found.v1'"),
        Outcome(
            "reports_history",
            "type = 'report.submitted.v1' AND report_id NOT IN"
            " (SELECT report_id FROM reports_history"
            " WHERE finding = 'unsubstantiated' AND {known})",
        ),
    ),
)
"""A problem found serious or urgent, a delegate found unfit (UPL 43), or a mandatory report that
was not found unsubstantiated. What nobody saw is a no: where more is looked for, more is found."""


def end_of(day: date) -> datetime:
    """The first moment after a Shanghai day."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def sunday_on_or_before(day: date) -> date:
    """As-of dates are Sundays: lists are made for weeks that begin on Monday."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def as_of_dates(
    question: Question, first: date, by: date, step_days: int = STEP_DAYS
) -> list[date]:
    """Sundays from `first` on, every `step_days`, whose labels have matured by a day; ascending."""
    last = sunday_on_or_before(by - question.window)
    count = (last - first).days // step_days + 1 if last >= first else 0
    return [last - timedelta(days=step_days * back) for back in reversed(range(count))]
