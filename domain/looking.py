"""Anomalous reading: days on which someone read more, later or elsewhere than they usually do.

A finding is a question to a person, never a verdict: there are nights on which a director must
look up a phone. The thresholds stand here; nothing is learned in secret.
Source: 网保条例 36 (access is recorded and checked); PIPL 54 (regular audits).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from domain.terms import Term

BEFORE = timedelta(days=28)
"""How far back `usual` looks."""

MANY, TIMES = 40, 3
"""Children on a day: this many, and this many times the reader's and the role's usual."""

BURST = 20
"""Children's own files within one hour. A list of a week names a village at once and isn't one."""

NIGHT = 3
"""Children read of between 22:00 and 06:00 (Shanghai)."""

UNRELATED = 5
"""Children read one by one who are on no list of that week and of whom the reader recorded nothing
within a week of it."""

AGAIN = 6
"""Readings of one child on one day by someone who recorded nothing of that child that week."""


class Why(Term):
    MANY = "many", "一天查看的孩子远多于本人和同角色平时"
    BURST = "burst", "一小时内逐个打开许多档案"
    NIGHT = "night", "夜间查看"
    UNRELATED = "unrelated", "查看的孩子不在本周清单,也没有为其登记任何事"
    AGAIN = "again", "一天内反复查看同一个孩子"
    BREAK_GLASS = "break_glass", "紧急查阅"


SAID = {
    Why.MANY: "{count} 名,本人平时 {own:g},同角色 {role:g}", Why.BURST: "一小时 {count} 份",
    Why.NIGHT: "22 时至 6 时 {count} 名", Why.UNRELATED: "{count} 名",
    Why.AGAIN: "同一名孩子 {count} 次", Why.BREAK_GLASS: "{count} 名",
}  # fmt: skip
"""How much, in words."""


class ReaderDay(NamedTuple):
    """What one reader read on one Shanghai day, in numbers of children.

    in_an_hour   most children's own files within one clock hour
    unrelated    read one by one, on no list, nothing recorded
    again        most readings of one child of whom nothing was recorded
    broken       read under break-glass
    """

    reader: str
    role: str
    day: date
    children: int
    readings: int
    in_an_hour: int
    at_night: int
    unrelated: int
    again: int
    broken: int


class Oddity(NamedTuple):
    """A day worth a question. `text`, `numbers`: how much, and what it is measured by."""

    reader: str
    role: str
    day: date
    why: Why
    text: str
    numbers: dict[str, float]

    @property
    def said(self) -> str:
        """The numbers in Chinese."""
        return self.text.format(**self.numbers)


def oddities(days: Iterable[ReaderDay], since: date) -> list[Oddity]:
    """The odd days from `since` on, latest first; earlier ones only say what is usual."""
    known = sorted(days, key=lambda each: (each.day, each.reader, each.role))
    by_reader: dict[str, list[ReaderDay]] = defaultdict(list)
    by_role: dict[str, list[ReaderDay]] = defaultdict(list)
    found: list[Oddity] = []
    for each in known:
        if each.day >= since:
            own = usual(by_reader[each.reader], each.day)
            role = usual([e for e in by_role[each.role] if e.reader != each.reader], each.day)
            found += _of(each, own, role)
        by_reader[each.reader].append(each)
        by_role[each.role].append(each)
    return sorted(found, key=lambda odd: (-odd.day.toordinal(), odd.reader, odd.why.value))


def usual(days: Sequence[ReaderDay], day: date) -> float:
    """The median number of children a day, over the days with any in the four weeks before."""
    before = [e.children for e in days if day - BEFORE <= e.day < day]
    return median(before) if before else 0.0


def _of(each: ReaderDay, own: float, role: float) -> list[Oddity]:
    much = each.children >= MANY and each.children > TIMES * max(own, role)
    named = [
        (much, Why.MANY, each.children),
        (each.in_an_hour >= BURST, Why.BURST, each.in_an_hour),
        (each.at_night >= NIGHT, Why.NIGHT, each.at_night),
        (each.unrelated >= UNRELATED, Why.UNRELATED, each.unrelated),
        (each.again >= AGAIN, Why.AGAIN, each.again),
        (each.broken > 0, Why.BREAK_GLASS, each.broken),
    ]
    return [
        Oddity(each.reader, each.role, each.day, why, SAID[why],
               {"count": count, "own": own, "role": role})
        for is_so, why, count in named
        if is_so
    ]  # fmt: skip
