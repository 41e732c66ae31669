"""From declared features to one SQL statement for many as-of dates.

    cohort:   children on the ledger at the end of each date (an aggregate of their files)
    sources:  per history, one aggregate per date and child, of the facts known by that date
    result:   cohort LEFT JOIN sources, one row per date and child

Each fact is repeated for the dates that may see it (`arrayJoin`) and no others; that filter is the
only place where time is told, and it is the point-in-time rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from domain.errors import ShouheError
from risk.feature import Feature, Part, Source
from risk.questions import Question, end_of
from risk.sources import COHORT, FILE, ON_LEDGER

GUARD = "occurred_at < m AND recorded_at < m AND replaced_at >= m"
"""Point in time: it had happened, we knew of it, and nothing had replaced it yet."""

SEQUENCE = (
    "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(occurred_at)), 64), toUInt128(position))"
)


class FeatureError(ShouheError):
    """Two features claim one name, or one part is declared in two ways."""


def moment(day: date) -> str:
    """The end of an as-of date as a ClickHouse value."""
    return _moment(end_of(day))


def _moment(at: datetime) -> str:
    return f"toDateTime64('{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}', 6, 'UTC')"


def moments(days: Sequence[date]) -> str:
    """The ends of the as-of dates as a ClickHouse array."""
    return f"[{', '.join(moment(day) for day in days)}]"


def parts_by_source(parts: Iterable[Part]) -> dict[Source, dict[str, str]]:
    """Source → part name → SQL. Raises FeatureError where a name has two meanings."""
    found: dict[Source, dict[str, str]] = {}
    for each in parts:
        known = found.setdefault(each.source, {})
        if known.setdefault(each.name, each.sql) != each.sql:
            raise FeatureError(f"part: {each.name} is declared in two ways; rename one of them")
    return found


def seen(source: Source, days: Sequence[date]) -> str:
    """The facts of a source, once for each as-of date `t` that may see them."""
    recent = f" AND occurred_at >= m - INTERVAL {source.days} DAY" if source.days else ""
    dates = f"arrayJoin(arrayFilter(m -> {GUARD}{recent}, {moments(days)})) AS t"
    return f"SELECT *, {SEQUENCE} AS sequence, {dates} FROM {source.table}"  # noqa: S608 - our own names


def aggregate(source: Source, parts: dict[str, str], days: Sequence[date]) -> str:
    """The parts of a source, one row per as-of date and child."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
    having = f" HAVING {ON_LEDGER}" if source == FILE else ""
    inner = seen(source, days)
    return f"SELECT t, child_id, {columns} FROM ({inner}) GROUP BY t, child_id{having}"  # noqa: S608 - our own names


def label(question: Question, days: Sequence[date], known_by: date) -> str:
    """Children to whom one of the question's outcomes happened in the window after each date."""
    known_at = moment(known_by)
    known = f"recorded_at < {known_at} AND replaced_at >= {known_at}"
    window = f"occurred_at >= m AND occurred_at < m + INTERVAL {question.horizon_days} DAY"
    dates = f"arrayJoin(arrayFilter(m -> {window}, {moments(days)})) AS t"
    facts = " UNION ALL ".join(
        f"SELECT {dates}, child_id FROM {each.table}"  # noqa: S608 - our own names
        f" WHERE {known} AND {each.when.replace('{known}', known)}"
        for each in question.outcomes
    )
    return f"SELECT DISTINCT t, child_id, 1 AS p_label FROM ({facts})"  # noqa: S608 - our own names


def statement(
    features: Sequence[Feature],
    days: Sequence[date],
    question: Question | None = None,
    known_by: date | None = None,
) -> str:
    """One row per as-of date and child of the cohort: keys, features, and the label if asked for.

    Ordered by as_of and child_id. `known_by`: the day on which labels are read.
    """
    parts = parts_by_source((*COHORT, *(part for each in features for part in each.parts)))
    columns = [f"toFloat32({each.sql}) AS {each.name}" for each in features]
    joins = [
        f"LEFT JOIN ({aggregate(source, own, days)}) AS {source.alias} USING (t, child_id)"
        for source, own in parts.items()
        if source != FILE
    ]
    if question is not None and known_by is not None:
        columns.append("toUInt8(p_label) AS label")
        joins.append(
            f"LEFT JOIN ({label(question, days, known_by)}) AS outcome USING (t, child_id)"
        )
    keys = (
        "toDate(t - INTERVAL 1 SECOND, 'Asia/Shanghai') AS as_of, toString(child_id) AS child,"
        " toString(p_village_code) AS village_code, toString(p_sex) AS sex"
    )
    return "\n".join(
        (
            f"SELECT {keys},",
            ",\n".join(columns),
            f"FROM ({aggregate(FILE, parts[FILE], days)}) AS file",
            *joins,
            "ORDER BY as_of, child",
        )
    )


def feature_hash(features: Sequence[Feature]) -> str:
    """What the columns mean, as 64 hex digits: their names, and the SQL for an arbitrary date."""
    names = "\0".join(each.name for each in features)
    text = names + "\0" + statement(features, [date(2000, 1, 2)])
    return hashlib.sha256(text.encode()).hexdigest()
