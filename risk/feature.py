"""How a feature is declared: its name, its words, and the SQL that makes it of known facts.

A `Part` is an aggregate over the facts of one read model's history, per child and as-of date. A
feature is an expression over parts, in the final SELECT. In a part's SQL:

    t           the end of the as-of date; only facts known by then are there to be aggregated
    sequence    the order of facts: by the moment they happened, then by their place in the log

In a feature's SQL the parts of every source are columns named `p_…`; where a child has no fact in a
source, its parts have their type's default (0, '', 1970-01-01). `OVER village` and `OVER household`
look at the children of the same place or house on the same date (risk/sources.py).

Most are declared by the line: event family × measure × windows (`counted_over`), time since
(`days_since`), this window against the one before (`change`), a rate per visit (`shrunk`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["flag", "count", "days", "level", "number"]
"""flag: 0 or 1; level: ordered steps; count and days: the linear model takes their logarithm."""

Direction = Literal[-1, 0, 1]

CAP_DAYS = 730
"""Longer ago than two years is all the same."""

SPANS = {30: "近30天", 90: "近90天", 180: "近半年", 365: "近一年", 730: "近两年"}
"""Windows in days, and how they are said."""


@dataclass(frozen=True)
class Source:
    """A read model's history.

    days   facts older than that are not looked at; where: only these facts are
    key    what its facts are of: a child, or a place as an expression over a fact's columns
    on     the same as an expression over the cohort's parts
    """

    alias: str
    table: str
    days: int | None = None
    where: str = ""
    key: str = "child_id"
    on: str = "child_id"


@dataclass(frozen=True)
class Part:
    """One aggregate over a source. when: the facts it looks at, of those known by the date."""

    source: Source
    name: str
    sql: str
    when: str = "1"


@dataclass(frozen=True)
class Feature:
    """One column of the matrix; its name is the English one.

    label      Chinese name
    topic      features of one topic speak of the same thing, and give one reason together
    reason     Chinese sentence; `{v}` is the value, `{w}` its word; empty: never a reason
    low        the sentence for 0; empty: 0 is no reason
    words      of a level: the word for each step from 1 on
    direction  +1 where the field knows that more is worse, −1 that more is better, 0 otherwise:
               every kind of model is held to it. Of help that was asked for, and of reports, +1
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
        if value < 0:
            return ""
        step = min(max(round(value), 1), len(self.words))
        word = self.words[step - 1] if self.words else ""
        return self.reason.replace("{v}", f"{value:.0f}").replace("{w}", word)


def latest(value: str, when: str) -> str:
    """The latest value of a column among the facts that fulfil a condition."""
    return f"argMaxIf({value}, sequence, {when})"


def since(days: int) -> str:
    """The condition that a fact happened in the last so many days."""
    return f"occurred_at >= t - INTERVAL {days} DAY"


def counted(days: int, when: str = "1") -> str:
    """How many facts of a kind happened in the last so many days."""
    return f"countIf({within(days, when)})"


def within(days: int, when: str = "1") -> str:
    """The condition that a fact of a kind happened in the last so many days."""
    return since(days) if when == "1" else f"{since(days)} AND {when}"


def part(source: Source, name: str, sql: str, when: str = "1") -> Part:
    """A part; its column is `p_` and the name."""
    return Part(source, f"p_{name}", sql, when)


def count_of(source: Source, name: str, days: int, when: str = "1") -> Part:
    """A part that counts facts of a kind in a window."""
    return part(source, name, counted(days, when), within(days, when))


def sum_of(source: Source, name: str, measure: str, days: int) -> Part:
    """A part that adds up a measure of the facts in a window."""
    when = f"{since(days)} AND {measure} != 0"
    return part(source, name, f"sumIf({measure}, {since(days)})", when)


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
    when: str = "1",
) -> Feature:
    """A feature that is one aggregate over one source."""
    return told_by(part(source, name, sql, when), label, kind, topic, reason, low=low, words=words,
                   direction=direction)  # fmt: skip


def told_by(
    own: Part,
    label: str,
    kind: Kind,
    topic: str,
    reason: str = "",
    *,
    low: str = "",
    words: tuple[str, ...] = (),
    direction: Direction = 0,
) -> Feature:
    """A feature that is one part, under the part's name."""
    name = own.name.removeprefix("p_")
    return Feature(name, label, kind, topic, (own,), own.name, reason, low, words, direction)


def counted_over(  # noqa: PLR0917 - a line of the same table
    source: Source,
    name: str,
    label: str,
    topic: str,
    spans: Sequence[int],
    when: str = "1",
    reason: str = "",
    *,
    direction: Direction = 0,
) -> tuple[Feature, ...]:
    """One count a window: `visits_90`, `visits_365`. `{s}` in the words is the window's name."""
    return tuple(
        told_by(
            count_of(source, f"{name}_{days}", days, when),
            label.replace("{s}", SPANS[days]),
            "count",
            topic,
            reason.replace("{s}", SPANS[days]),
            direction=direction,
        )
        for days in spans
    )


def summed_over(  # noqa: PLR0917 - a line of the same table
    source: Source,
    name: str,
    label: str,
    topic: str,
    spans: Sequence[int],
    measure: str,
    reason: str,
    *,
    direction: Direction = 0,
) -> tuple[Feature, ...]:
    """As `counted_over`, of a measure instead of ones."""
    return tuple(
        told_by(
            sum_of(source, f"{name}_{days}", measure, days),
            label.replace("{s}", SPANS[days]),
            "count",
            topic,
            reason.replace("{s}", SPANS[days]),
            direction=direction,
        )
        for days in spans
    )


def ever(  # noqa: PLR0917 - a line of the same table
    source: Source,
    name: str,
    label: str,
    topic: str,
    when: str,
    reason: str,
    *,
    direction: Direction = 0,
) -> Feature:
    """Whether a fact of a kind ever was."""
    own = part(source, name, f"countIf({when}) > 0", when)
    return told_by(own, label, "flag", topic, reason, direction=direction)


def change(  # noqa: PLR0917 - a line of the same table
    source: Source,
    name: str,
    label: str,
    topic: str,
    days: int,
    measure: str,
    reason: str,
    *,
    falls: bool = False,
    direction: Direction = 0,
) -> Feature:
    """A measure in this window less that in the one before; `falls`: the other way round."""
    now = f"sumIf({measure}, {since(days)})"
    before = f"sumIf({measure}, {since(2 * days)} AND NOT {since(days)})"
    both = (f"toInt32({before})", f"toInt32({now})")
    first, second = both if falls else reversed(both)
    when = f"{since(2 * days)} AND {measure} != 0"
    own = part(source, name, f"{first} - {second}", when)
    return told_by(own, label, "number", topic, reason, direction=direction)


def shrunk(many: str, of: str, usual: float, worth: float) -> str:
    """`many` of `of` as a rate, drawn to what is usual as if that had been seen `worth` times."""
    return f"({many} + {usual * worth}) / ({of} + {worth})"


def days_from(moment: str) -> str:
    """Whole days from a moment to the end of the as-of date, at most CAP_DAYS."""
    return f"least(intDiv(toUnixTimestamp(t) - toUnixTimestamp({moment}), 86400), {CAP_DAYS})"


def days_since(  # noqa: PLR0917 - a line of the same table
    source: Source,
    name: str,
    label: str,
    topic: str,
    when: str,
    reason: str,
    start: Part,
    *,
    direction: Direction = 0,
) -> Feature:
    """Days since the latest fact of a kind; where there is none, since the moment `start`."""
    own = part(source, name, f"maxIf(occurred_at, {when})", when)
    sql = days_from(f"greatest({own.name}, {start.name})")
    return Feature(name, label, "days", topic, (own, start), sql, reason, direction=direction)
