"""年满: how long a child counts as one of a category, by the calendar and without anybody's event.

The file knows the birthday, so intake is exact to the day. Read models know the birth month alone
(design §4), so a child counts there to the end of that month: never too early, at most thirty days
too long. Both ends, of the one rule, stand here; the SQL twin is `categories` of children.sql.

Sources: domain.md §2 and reading note 9 (LBC < 16, CID < 18), UPL 2.
"""

from __future__ import annotations

from datetime import date

from domain.child_file import Category

MAJORITY = 18
"""Years (UPL 2): a child in difficulty is under 18."""

SIXTEEN = frozenset({Category.LEFT_BEHIND, Category.MIGRANT})
"""Categories of children under 16 (国发〔2016〕13号; 民政部等21部门 2024). The others: under 18."""


def limit(category: Category) -> int:
    """Years at which a child is no longer one of a category."""
    return 16 if category in SIXTEEN else MAJORITY


def age_on(birth_date: date, on: date) -> int:
    """Full years. A child born on 29 February has its birthday on 1 March of a common year."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def over_on(birth_month: date, years: int) -> date:
    """The first day on which a child of a birth month no longer counts as under so many years."""
    months = birth_month.month
    return date(birth_month.year + years + months // 12, months % 12 + 1, 1)


def held_on(birth_month: date, categories: frozenset[Category], on: date) -> frozenset[Category]:
    """Of the categories on file, those that a child has not outgrown."""
    return frozenset(each for each in categories if on < over_on(birth_month, limit(each)))


def off_ledger_on(birth_month: date, categories: frozenset[Category]) -> date:
    """The first day off the ledger by age: of age, or grown out of every category on file."""
    ends = [over_on(birth_month, limit(each)) for each in categories]
    return min(over_on(birth_month, MAJORITY), max(ends, default=date.max))
