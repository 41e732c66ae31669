"""What a report asks of its snapshot. The views say what is overdue; here it is only added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from domain.child_file import Category
from domain.rules.register import BY_ID
from infra.oversight import BELOW, DUTIES, Indicator, Owed, counted, in_plan_order
from infra.reports.standing import Snapshot

KNOWN = "(as_of = {as_of:Date}, known_by = {known_by:Date})"

CHILDREN = f"""
SELECT left(village_code, digits) AS place, count(), countIf(has(categories, 'left_behind_child')),
    countIf(hasAny(categories, {{difficult:Array(String)}})), countIf(sex = 'male'),
    countIf(age < 6), countIf(age >= 6 AND age < 14), countIf(age >= 14 AND age < 16),
    countIf(age >= 16), countIf(notEmpty(risk_factors)), uniqExact(village_code)
FROM (
    SELECT *, dateDiff('month', birth_month, toStartOfMonth({{as_of:Date}})) / 12 AS age
    FROM children_as_known{KNOWN}
)
ARRAY JOIN {{levels:Array(UInt8)}} AS digits
WHERE on_ledger AND startsWith(village_code, {{place:String}})
GROUP BY place ORDER BY place
"""  # noqa: S608 - our own SQL
CATEGORIES = f"""
SELECT category, count() FROM children_as_known{KNOWN}
ARRAY JOIN categories AS category
WHERE on_ledger AND startsWith(village_code, {{place:String}}) GROUP BY category
"""  # noqa: S608
DIRECTORS = f"""
SELECT countIf(role = 'director'), countIf(role = 'supervisor') FROM workers_as_known{KNOWN}
WHERE active AND startsWith(place, {{place:String}})
"""  # noqa: S608
INDICATORS = f"""
SELECT rule::String, check::String, place, subjects, met, late, open, overdue
FROM indicators_as_known{KNOWN}
WHERE startsWith(place, {{place:String}}) AND has({{levels:Array(UInt8)}}, length(place))
"""  # noqa: S608

DIFFICULT = tuple(each.value for each in Category if each is not Category.LEFT_BEHIND)


class Children(msgspec.Struct, frozen=True):
    """Children on the ledger of a place, counted. A child may be left behind and in difficulty."""

    place: str
    all: int = 0
    left_behind: int = 0
    in_difficulty: int = 0
    boys: int = 0
    under_6: int = 0
    from_6: int = 0
    from_14: int = 0
    from_16: int = 0
    key_attention: int = 0
    villages: int = 0


class Measure(msgspec.Struct, frozen=True):
    """A line that is followed month by month: some rules of the plan, under one name."""

    name: str
    rules: tuple[str, ...]


MEASURES = (
    Measure("每月联系", ("T8.5",)),
    Measure("入户走访", ("T8.6", "T8.7")),
    Measure("委托照护协议", ("T5.1",)),
    Measure("父母每周联系", ("T5.5",)),
    Measure("一人一档", ("T8.10",)),
    Measure("帮扶措施", ("T11.1",)),
)


class Sum(msgspec.Struct, frozen=True):
    """Several indicators added up; those of kind D, where nothing is due, left out."""

    subjects: int = 0
    done: int = 0
    open: int = 0
    overdue: int = 0

    @property
    def rate(self) -> float | None:
        """Of what is to be done, how much is not overdue."""
        return 1 - self.overdue / self.subjects if self.subjects else None


def total(found: Iterable[Indicator], rules: Sequence[str] = ()) -> Sum:
    """The sum of some rules' indicators; of all that can be due, if none is named."""
    own = [
        each
        for each in found
        if each.kind != "D" and (not rules or each.rule in rules)
    ]  # fmt: skip
    return Sum(
        sum(each.subjects for each in own),
        sum(each.met + each.late for each in own),
        sum(each.open for each in own),
        sum(each.overdue for each in own),
    )


def of_task(found: Iterable[Indicator], number: str) -> list[Indicator]:
    """The indicators of one task (`8`, `M`)."""
    return [each for each in found if BY_ID[each.rule].task == number]


def levels(place: str) -> list[int]:
    """Digits of a place's code and of the places in it."""
    return [len(place), *([BELOW[len(place)]] if len(place) in BELOW else [])]


def children(snapshot: Snapshot) -> dict[str, Children]:
    """Children at the place and in each place within it that has any."""
    place = snapshot.standing.place
    rows = snapshot.rows(CHILDREN, levels=levels(place), difficult=list(DIFFICULT))
    return {place: Children(place)} | {row[0]: Children(*row) for row in rows}


def categories(snapshot: Snapshot) -> dict[Category, int]:
    """Children in each category; one child may be in several."""
    found = {row[0]: row[1] for row in snapshot.rows(CATEGORIES)}
    return {each: int(found.get(each.value, 0)) for each in Category}


def workers(snapshot: Snapshot) -> tuple[int, int]:
    """Directors and supervisors in office."""
    directors, supervisors = snapshot.rows(DIRECTORS)[0]
    return int(directors), int(supervisors)


def indicators(
    snapshot: Snapshot, day: date | None = None, *, within: bool = True
) -> dict[str, list[Indicator]]:
    """Place → its indicators in the plan's order, on the report's day or an earlier one.

    within   also at the places in the report's place
    """
    place = snapshot.standing.place
    asked = {"levels": levels(place) if within else [len(place)]}
    rows = snapshot.rows(INDICATORS, **asked, **({"as_of": day} if day else {}))
    found: dict[str, list[Indicator]] = defaultdict(list)
    for each in in_plan_order(counted(row) for row in rows):
        found[each.place].append(each)
    return {place: [], **found}


def months(as_of: date, count: int) -> list[date]:
    """The last `count` month ends before a day, and the day: oldest first."""
    found = [as_of]
    for _ in range(count):
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found[::-1]


def by_month(snapshot: Snapshot, days: Sequence[date]) -> dict[date, list[Indicator]]:
    """The place's indicators on each of these days, as known when the report was made."""
    place = snapshot.standing.place
    return {day: indicators(snapshot, day, within=False)[place] for day in days}


def overdue(snapshot: Snapshot) -> list[Owed]:
    """Everything that is overdue at the place, the longest first."""
    rows = snapshot.rows(DUTIES, all=0, rule="")
    named = (Owed(**dict(zip(Owed.__struct_fields__, row, strict=True))) for row in rows)
    return [each for each in named if each.state == "overdue"]


def breaches(found: Iterable[Owed]) -> list[Owed]:
    """Of what is overdue, what breaks a number or a chain (H, C). The rest lacks evidence (E)."""
    return [each for each in found if BY_ID[each.rule].kind in ("H", "C")]
