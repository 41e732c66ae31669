"""保存期限: until when a child's personal data is kept, and what is proposed then.

Nothing is erased by a clock: when the time is over, forgetting is proposed to a person, who may
have a reason to keep it that no record tells. How long is a setting (SHOUHE_KEEP_YEARS): the plan
names no period, the law the shortest that the purpose needs (PIPL 19, 47; 儿童个人信息网络保护规定
12, 20). While the child is on the ledger, or a case of it is open, nothing is proposed.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from domain.ageing import MAJORITY, over_on
from domain.terms import Term

KEEP_YEARS, MOST_YEARS = 3, 50
"""Years after leaving the ledger, and at least until of age; unless the setting says otherwise."""


class Step(Term):
    KEEP = "keep", "在册,继续保存"
    KEEP_OPEN = "keep_open", "有未办结事项,继续保存"
    ARCHIVE = "archive", "已退出,保存期内"
    PROPOSE = "propose", "保存期满,建议删除"
    FORGOTTEN = "forgotten", "已删除"


class Kept(NamedTuple):
    """What there is to know of a file. `left_on`: since when off the ledger, by age too."""

    birth_month: date
    on_ledger: bool
    left_on: date | None
    open_cases: int
    forgotten: bool


class Retention(NamedTuple):
    """What to do on a day. `until`: the last day of the period; None while it has not begun."""

    step: Step
    until: date | None


def retention(file: Kept, on: date, keep_years: int = KEEP_YEARS) -> Retention:
    """Of one file, on one day."""
    if file.forgotten:
        return Retention(Step.FORGOTTEN, None)
    if file.on_ledger or file.left_on is None:
        return Retention(Step.KEEP, None)
    until = max(later(file.left_on, keep_years), over_on(file.birth_month, MAJORITY))
    if on <= until:
        return Retention(Step.ARCHIVE, until)
    if file.open_cases:
        return Retention(Step.KEEP_OPEN, until)
    return Retention(Step.PROPOSE, until)


def later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
