"""Which facts a feature's aggregates were made of, read off the very SQL that made them.

argMaxIf(value, sequence, condition)    the latest fact that fulfils the condition
maxIf(occurred_at, condition)           the same; minIf: the earliest
sumIf(value, condition)                 those that fulfil it and whose value isn't 0; so maxIf
                                        of anything but a time
countIf, uniqIf, anyIf                  all that fulfil it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Which = Literal["all", "latest", "earliest"]

ENDS: Mapping[str, Which] = {
    "argMax": "latest", "max": "latest", "argMin": "earliest", "min": "earliest",
}  # fmt: skip
ADDED = ("sum", "avg", "max", "min")
COUNTED = ("count", "uniqExact", "uniq", "any")
TIME = ("sequence", "occurred_at")

_CALL = re.compile(rf"\b({'|'.join((*ENDS, *ADDED, *COUNTED))})(If)?\(")


class Behind(NamedTuple):
    """The facts of a source that fulfil a condition: all, or the one at an end of time."""

    when: str
    which: Which = "all"


def behind(sql: str) -> list[Behind]:
    """What each aggregate call of a part's SQL, not inside another, was made of."""
    return [_facts(*each) for each in _calls(sql)]


def _facts(name: str, arguments: list[str]) -> Behind:
    """name: without its `If`; arguments: the condition last."""
    *values, when = arguments
    if name in ENDS and values and values[-1] in TIME:
        return Behind(when, ENDS[name])
    if name in ADDED:
        return Behind(f"({values[0]} != 0) AND ({when})")
    return Behind(when)


def _calls(sql: str) -> Iterator[tuple[str, list[str]]]:
    """(aggregate, its arguments, with a condition) for each call that is not inside another."""
    at = 0
    while found := _CALL.search(sql, at):
        arguments, at = _arguments(sql, found.end())
        yield found[1], arguments if found[2] else [*arguments, "1"]


def _arguments(sql: str, start: int) -> tuple[list[str], int]:
    """The arguments from after an opening parenthesis, and the place after the closing one."""
    depth, quoted, made = 1, False, [""]
    for at in range(start, len(sql)):
        sign = sql[at]
        quoted ^= sign == "'"
        if not quoted:
            depth += (sign in "([") - (sign in ")]")
            if depth == 0:
                return [each.strip() for each in made if each.strip()], at + 1
            if sign == "," and depth == 1:
                made.append("")
                continue
        made[-1] += sign
    return [each.strip() for each in made if each.strip()], len(sql)
