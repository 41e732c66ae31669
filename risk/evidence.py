"""The events behind a reason: read off the SQL of the very features that gave it.

A feature's parts are aggregates over one history. For each aggregate, the events that made it:

    argMaxIf(value, sequence, condition)    the latest fact that fulfils the condition
    maxIf(moment, condition), minIf         the fact of that moment
    countIf, sumIf, uniqIf, …               the facts counted, the latest first

So deleting them takes away what the feature said. Only a child's own events are named: what
siblings and other children of the village lived through is theirs, and stands in their files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from risk.feature import Feature, Part, Source
from risk.sources import COHORT
from risk.statement import seen

MOST_EVENTS = 6
"""Named behind one reason; there may be more."""

LATEST = {
    "argMaxIf": "argMaxIf",
    "argMax": "argMaxIf",
    "argMinIf": "argMinIf",
    "argMin": "argMinIf",
}
ENDS = {"maxIf": "argMaxIf", "max": "argMaxIf", "minIf": "argMinIf", "min": "argMinIf"}
COUNTED = ("countIf", "count", "uniqIf", "uniq", "uniqExactIf", "uniqExact", "anyIf", "any")
ADDED = ("sumIf", "sum", "avgIf", "avg")
_CALL = re.compile(rf"\b({'|'.join((*LATEST, *ENDS, *COUNTED, *ADDED))})\(")
FACT = "(toUnixTimestamp64Micro(occurred_at), position, toString(event_id))"

Wanted = Mapping[str, Collection[str]]
"""Child → names of the features whose events are asked for."""
Evidence = dict[tuple[str, str], list[str]]
"""(child, feature name) → ids of the events behind it, the latest first."""
Facts = set[tuple[int, int, str]]
"""Microsecond, position and id of events."""


def events_behind(client: Any, day: date, features: Sequence[Feature], wanted: Wanted) -> Evidence:
    """The events behind some features of some children: for each child those wanted."""
    found: dict[tuple[str, str], Facts] = {}
    parts = _parts(features)
    asked = {"a": min(wanted, default=""), "z": max(wanted, default="")}
    for source, own in _by_source(parts).items():
        sql = _sql(source, own, day)
        with client.query_arrow_stream(sql, asked, use_strings=True) as blocks:
            for block in blocks:
                _gather(block, [parts[each] for each in own], wanted, found)
    return {key: _latest(facts) for key, facts in found.items()}


def _gather(
    block: Any, names: Sequence[Sequence[str]], wanted: Wanted, found: dict[tuple[str, str], Facts]
) -> None:
    """Add a block's facts that are wanted. names: of the features that need each column.

    Most cells are nobody's reason; no Python object is made of those.
    """
    children = block.column(0).to_pylist()
    asked = [(row, wanted[child]) for row, child in enumerate(children) if child in wanted]
    for column, needing in enumerate(names, start=1):
        lists = block.column(column)
        offsets = lists.offsets.to_numpy()
        for name in needing:
            rows = [row for row, own in asked if offsets[row] < offsets[row + 1] and name in own]
            if not rows:
                continue
            places = np.concatenate([np.arange(offsets[row], offsets[row + 1]) for row in rows])
            facts = lists.values.take(pa.array(places))
            told = zip(*(facts.field(i).to_pylist() for i in range(3)), strict=True)
            for row in rows:
                own_facts = found.setdefault((children[row], name), set())
                own_facts.update(islice(told, int(offsets[row + 1] - offsets[row])))


def _latest(facts: Facts) -> list[str]:
    return [event for _, _, event in sorted(facts, reverse=True)][:MOST_EVENTS]


def _parts(features: Sequence[Feature]) -> Mapping[Part, list[str]]:
    """Part → features that need it. What every file has is named only where nothing else is."""
    found: dict[Part, list[str]] = {}
    for feature in features:
        own = [part for part in feature.parts if part not in COHORT]
        for part in own or feature.parts:
            if (
                getattr(part.source, "key", "child_id") == "child_id"
                and " OVER " not in feature.sql
            ):
                found.setdefault(part, []).append(feature.name)
    return found


def _by_source(parts: Collection[Part]) -> dict[Source, list[Part]]:
    found: dict[Source, list[Part]] = {}
    for part in parts:
        found.setdefault(part.source, []).append(part)
    return found


def _sql(source: Source, parts: Sequence[Part], day: date) -> str:
    columns = ", ".join(f"{events_of(part.sql)} AS e{i}" for i, part in enumerate(parts))
    return (
        f"SELECT toString(child_id) AS child, {columns} FROM ({seen(source, [day])})"  # noqa: S608 - our own names
        " WHERE toString(child_id) BETWEEN {a:String} AND {z:String} GROUP BY child_id"
    )


def events_of(sql: str) -> str:
    """A part's SQL → SQL of an array of what made its value: (microsecond, position, event id)."""
    arrays = [_array(name, arguments) for name, arguments in _calls(sql)]
    return f"arrayConcat({', '.join(arrays)})" if arrays else "[]"


def _array(name: str, arguments: list[str]) -> str:
    if name in LATEST or name in ENDS:
        by = arguments[1] if name in LATEST else arguments[0]
        place = 2 if name in LATEST else 1
        when = arguments[place] if len(arguments) > place else "1"
        how = {**LATEST, **ENDS}[name]
        return f"if(countIf({when}) > 0, [{how}({FACT}, ({by}, sequence), {when})], [])"
    if name in ADDED:
        when = " AND ".join(f"({each})" for each in (f"{arguments[0]} != 0", *arguments[1:]))
    else:
        when = arguments[-1] if name.endswith("If") else "1"
    facts = f"arrayReverseSort(groupArrayIf({FACT}, {when}))"
    return f"arraySlice({facts}, 1, {MOST_EVENTS})"


def _calls(sql: str) -> Iterator[tuple[str, list[str]]]:
    """(aggregate, its arguments) for each aggregate call that is not inside another."""
    at = 0
    while found := _CALL.search(sql, at):
        arguments, at = _arguments(sql, found.end())
        yield found[1], arguments


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
