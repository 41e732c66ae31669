"""How a feature is declared: its name, its words, and the SQL that makes it of known facts.

A `Part` is an aggregate over the facts of one read model's history, per child and as-of date. A
feature is an expression over parts, in the final SELECT. In a part's SQL:

    t           the end of the as-of date; only facts known by then are there to be aggregated
    sequence    the order of facts: by the moment they happened, then by their place in the log

In a feature's SQL the parts of every source are columns named `p_…`; where a child has no fact in a
source, its parts have their type's default (0, '', 1970-01-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["flag", "count", "days", "level", "number"]
"""flag: 0 or 1; level: ordered steps; count and days: the linear model takes their logarithm."""

Direction = Literal[-1, 0, 1]

CAP_DAYS = 730
"""Longer ago than two years is all the same."""


@dataclass(frozen=True)
class Source:
    """A read model's history. `days`: facts older than that are not looked at."""

    alias: str
    table: str
    days: int | None = None


@dataclass(frozen=True)
class Part:
    """One aggregate over a source."""

    source: Source
    name: str
    sql: str


@dataclass(frozen=True)
class Feature:
    """One column of the matrix.

    label      Chinese name
    topic      features of one topic speak of the same thing, and give one reason together
    reason     Chinese sentence; `{v}` is the value, `{w}` its word; empty: never a reason
    low        the sentence for 0; empty: 0 is no reason
    words      of a level: the word for each step from 1 on
    direction  +1 where the field knows that more is worse, −1 that more is better, 0 otherwise
    """

    name: str
    label: str
    kind: Kind
    topic: str
    parts: tuple[Part, ...]
    sql: str
    reason: str = ""
    low: str = ""
    words: tuple[str, ...] = ()
    direction: Direction = 0

    def sentence(self, value: float) -> str:
        """The reason in words for a child's value; empty if this value gives none."""
        if value == 0:
            return self.low
        step = min(max(round(value), 1), len(self.words))
        word = self.words[step - 1] if self.words else ""
        return self.reason.replace("{v}", f"{value:.0f}").replace("{w}", word)


def latest(value: str, when: str) -> str:
    """The latest value of a column among the facts that fulfil a condition."""
    return f"argMaxIf({value}, sequence, {when})"


def counted(days: int, when: str = "1") -> str:
    """How many facts of a kind happened in the last so many days."""
    return f"countIf(occurred_at >= t - INTERVAL {days} DAY AND {when})"


def part(source: Source, name: str, sql: str) -> Part:
    """A part; its column is `p_` and the name."""
    return Part(source, f"p_{name}", sql)


def made_of(  # noqa: PLR0917 - a declaration: a line of a table, in the table's order
    source: Source,
    name: str,
    label: str,
    kind: Kind,
    topic: str,
    sql: str,
    reason: str = "",
    *,
    low: str = "",
    words: tuple[str, ...] = (),
    direction: Direction = 0,
) -> Feature:
    """A feature that is one aggregate over one source."""
    own = part(source, name, sql)
    return Feature(name, label, kind, topic, (own,), own.name, reason, low, words, direction)


def days_from(moment: str) -> str:
    """Whole days from a moment to the end of the as-of date, at most CAP_DAYS."""
    return f"least(intDiv(toUnixTimestamp(t) - toUnixTimestamp({moment}), 86400), {CAP_DAYS})"


def days_since(  # noqa: PLR0917 - a line of the same table
    source: Source, name: str, label: str, topic: str, when: str, reason: str, start: Part
) -> Feature:
    """Days since the latest fact of a kind; where there is none, since the moment `start`."""
    own = part(source, name, f"maxIf(occurred_at, {when})")
    sql = days_from(f"greatest({own.name}, {start.name})")
    return Feature(name, label, "days", topic, (own, start), sql, reason)
