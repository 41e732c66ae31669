"""A prediction is a question with dates: for whom, what, within how long, with whose hours.

cohort     the children on the ledger at the end of a day (the as-of date), of certain ages
label      whether something on a short list of recorded events happens to the child within the
           horizon after that day; who found it is told apart (risk/labels.py)
settle     how many more days the last of those facts may take to be typed in
embargo    horizon and settle together: so long must lie between what is learned and what is judged
capacity   how many children the workers can reach, each in its own village

An as-of date is used for learning or judging only once its label has matured: its window is over,
and settled, by the day on which the label is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from risk.capacity import Capacity

STEP_DAYS = 28
"""Between as-of dates: four weeks, so that every one of them is the same day of the week."""

Reading = Literal["within", "next_visit", "nothing"]
"""within: an outcome in the window; next_visit: one on the day of the first visit in it;
nothing: yes where none of the facts happened at all."""


@dataclass(frozen=True)
class Outcome:
    """One kind of fact that answers the question.

    table      a view whose rows carry `replaced_at`
    when       SQL condition on its rows; `{known}` stands for "recorded by the day of reading"
    reported   SQL: true where it came to light without a visit or contact by a worker
    """

    table: str
    when: str
    reported: str = "0"


@dataclass(frozen=True)
class Cohort:
    """Who is asked about: children on the ledger on the day, of ages [0] to below [1]."""

    title: str = "在册儿童"
    ages: tuple[float, float] = (0, 99)


@dataclass(frozen=True)
class Question:
    """What is predicted. Times are whole Shanghai days; a day ends where the next one begins."""

    name: str
    title: str
    horizon_days: int
    settle_days: int
    outcomes: tuple[Outcome, ...]
    reading: Reading = "within"
    cohort: Cohort = Cohort()
    capacity: Capacity = Capacity()  # noqa: RUF009 - frozen

    @property
    def window(self) -> timedelta:
        """From an as-of date to the day on which its label can be read: the embargo."""
        return timedelta(days=self.horizon_days + self.settle_days)

    def matured(self, as_of: date, by: date) -> bool:
        """Whether the label of an as-of date can be read on a day."""
        return as_of + self.window <= by


_SERIOUS = "type = 'problem.found.v1' AND severity IN ('serious', 'urgent')"
_BY_OTHERS = "found_by IN ('report', 'school')"
_SUBMITTED = "type = 'report.submitted.v1' AND report_id"
_FINDING = "(SELECT report_id FROM reports_history WHERE finding = '{finding}' AND {known})"
_UNSUBSTANTIATED = _FINDING.replace("{finding}", "unsubstantiated")
_SUBSTANTIATED = _FINDING.replace("{finding}", "substantiated")
_DEFICIENCY = Outcome("care_agreements_history", "type = 'care.deficiency_found.v1'")

SERIOUS_PROBLEM = Question(
    name="serious_problem_90",
    title="未来90天内发现严重问题",
    horizon_days=90,
    settle_days=14,
    outcomes=(
        Outcome("problems_history", _SERIOUS, _BY_OTHERS),
        _DEFICIENCY,
        Outcome("reports_history", f"{_SUBMITTED} NOT IN {_UNSUBSTANTIATED}", "1"),
    ),
)
"""A problem found serious or urgent, a delegate found unfit (UPL 43), or a mandatory report that
was not found unsubstantiated. Where nobody looked there is no answer, neither yes nor no."""

FOUND_AT_NEXT_VISIT = Question(
    name="found_at_next_visit",
    title="下次走访时发现严重问题",
    horizon_days=92,
    settle_days=14,
    outcomes=(Outcome("problems_history", f"{_SERIOUS} AND found_by = 'visit'"), _DEFICIENCY),
    reading="next_visit",
)
"""What the knock at the door would show; only children who were visited have an answer. 92 days: a
visit is due every three months (T8.6)."""

SUBSTANTIATED_HARM = Question(
    name="substantiated_harm_90",
    title="未来90天内有查实的伤害报告",
    horizon_days=90,
    settle_days=45,
    outcomes=(Outcome("reports_history", f"{_SUBMITTED} IN {_SUBSTANTIATED}", "1"),),
)
"""A mandatory report (强制报告) that an investigation found substantiated, dated at the report."""

GUARDIANSHIP_FAILURE = Question(
    name="guardianship_failure_90",
    title="未来90天内监护缺失或照护失当",
    horizon_days=90,
    settle_days=14,
    outcomes=(
        _DEFICIENCY,
        Outcome(
            "problems_history", f"{_SERIOUS} AND kind IN ('guardianship', 'unattended')", _BY_OTHERS
        ),
        Outcome(
            "children_history",
            "type = 'child.category_added.v1' AND category = 'guardianship_failure'",
        ),
        Outcome("evidence_history", "type = 'temp_guardianship.started.v1'", "1"),
    ),
)
"""A delegate found unfit, a child found unguarded or alone, or temporary guardianship (UPL 92)."""

DROPOUT = Question(
    name="dropout_120",
    title="一学期(120天)内辍学",
    horizon_days=120,
    settle_days=14,
    outcomes=(
        Outcome("children_history", "type = 'school.left.v1' AND reason = 'dropped_out'", "1"),
        Outcome("evidence_history", "type = 'dropout.confirmed.v1'", "1"),
    ),
    cohort=Cohort("在册的六至十七岁儿童", (6, 18)),
)
"""The school tells of it, whether or not anyone visits."""

MENTAL_CRISIS = Question(
    name="mental_crisis_60",
    title="未来60天内心理危机",
    horizon_days=60,
    settle_days=14,
    outcomes=(
        Outcome("timeline", "type = 'mental.crisis_recorded.v1'", "1"),
        Outcome(
            "problems_history",
            "type = 'problem.found.v1' AND kind = 'psychology' AND severity = 'urgent'",
            _BY_OTHERS,
        ),
    ),
    cohort=Cohort("在册的六至十七岁儿童", (6, 18)),
)
"""A crisis recorded by a school or clinic, or a psychological problem found urgent."""

NO_CONTACT = Question(
    name="no_contact_30",
    title="未来30天内无人联系",
    horizon_days=30,
    settle_days=7,
    outcomes=(
        Outcome("contacts_history", "by = 'director'"),
        Outcome("visits_history", "by = 'director'"),
    ),
    reading="nothing",
    capacity=Capacity(visit_minutes=10),
)
"""The monthly contact (T8.5) that will be missed: a call in time takes ten minutes."""

QUESTIONS = {
    each.name: each
    for each in (
        SERIOUS_PROBLEM,
        FOUND_AT_NEXT_VISIT,
        SUBSTANTIATED_HARM,
        GUARDIANSHIP_FAILURE,
        DROPOUT,
        MENTAL_CRISIS,
        NO_CONTACT,
    )
}
"""By name; the first is asked where none is named."""


def question_named(name: str) -> Question:
    """The declared question. Raises WrongUsageError."""
    if name not in QUESTIONS:
        raise WrongUsageError(f"--question: {name!r} is none of {', '.join(QUESTIONS)}")
    return QUESTIONS[name]


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
