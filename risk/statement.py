"""From declared features to one SQL statement for many as-of dates.

    cohort:   children on the ledger at the end of each date (an aggregate of their files)
    sources:  per history, one aggregate per date and child, of the facts known by that date
    result:   cohort LEFT JOIN sources, one row per date and child; then siblings and villages

Each fact is repeated for the dates that may see it (`arrayJoin`) and no others; that filter is the
only place where time is told, and it is the point-in-time rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain.errors import ShouheError
from risk.feature import Feature, Part, Source
from risk.questions import Question, end_of
from risk.sources import COHORT, FILE, HOUSEHOLD, ON_LEDGER, WINDOWS

GUARD = "occurred_at < m AND recorded_at < m AND replaced_at >= m"
"""Point in time: it had happened, we knew of it, and nothing had replaced it yet."""

SEQUENCE = (
    "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(occurred_at)), 64), toUInt128(position))"
)


SETTINGS = "SETTINGS join_use_nulls = 0"


@dataclass(frozen=True)
class Lot:
    """A share of the villages, whole ones: a county too large for one statement is done in lots."""

    number: int = 0
    of: int = 1

    @property
    def village(self) -> str:
        """The condition on the cohort's village; empty where there is one lot."""
        return self._drawn("p_village_code") if self.of > 1 else ""

    def facts(self, source: Source) -> str:
        """The condition on facts: of children who ever lived in one of the villages."""
        if self.of == 1 or source.key != "child_id":
            return ""
        drawn = self._drawn("village_code")
        lived = f"SELECT child_id FROM {FILE.table} WHERE village_code != '' AND {drawn}"  # noqa: S608 - our own names
        return f"child_id IN ({lived})"

    def _drawn(self, column: str) -> str:
        return f"cityHash64(toString({column})) % {self.of} = {self.number}"


WHOLE = Lot()


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


def seen(source: Source, days: Sequence[date], lot: Lot = WHOLE) -> str:
    """The facts of a source, once for each as-of date `t` that may see them."""
    recent, old = "", ""
    if source.days:
        recent = f" AND occurred_at >= m - INTERVAL {source.days} DAY"
        old = f"occurred_at >= {moment(min(days))} - INTERVAL {source.days} DAY"
    dates = f"arrayJoin(arrayFilter(m -> {GUARD}{recent}, {moments(days)})) AS t"
    conditions = [f"({each})" for each in (source.where, lot.facts(source), old) if each]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT *, {SEQUENCE} AS sequence, {dates} FROM {source.table}{where}"  # noqa: S608 - our own names


def aggregate(source: Source, parts: dict[str, str], days: Sequence[date], lot: Lot = WHOLE) -> str:
    """The parts of a source, one row per as-of date and child (or place)."""
    columns = "".join(f", {sql} AS {name}" for name, sql in parts.items())
    inner = seen(source, days, lot)
    if source == FILE:
        having = ON_LEDGER + (f" AND {lot.village}" if lot.village else "")
        return f"SELECT t, child_id{columns} FROM ({inner}) GROUP BY t, child_id HAVING {having}"  # noqa: S608 - our own names
    keys = f"t AS {source.alias}_t, {source.key} AS {source.alias}_key"
    return f"SELECT {keys}{columns} FROM ({inner}) GROUP BY ALL"  # noqa: S608 - our own names


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
    return f"SELECT DISTINCT t AS outcome_t, child_id AS outcome_key, 1 AS p_label FROM ({facts})"  # noqa: S608 - our own names


def statement(
    features: Sequence[Feature],
    days: Sequence[date],
    question: Question | None = None,
    known_by: date | None = None,
    lot: Lot = WHOLE,
) -> str:
    """One row per as-of date and child of the cohort: keys, features, and the label if asked for.

    Ordered by as_of and child. `known_by`: the day on which labels are read.
    """
    parts = parts_by_source((*COHORT, *(part for each in features for part in each.parts)))
    columns = [f"toFloat32({each.sql}) AS {each.name}" for each in features]
    joins = [
        f"LEFT JOIN ({aggregate(source, own, days, lot)}) AS {source.alias}"
        f" ON file.t = {source.alias}_t AND {source.on} = {source.alias}_key"
        for source, own in parts.items()
        if source != FILE
    ]
    if question is not None and known_by is not None:
        columns.append("toUInt8(p_label) AS label")
        joins.append(
            f"LEFT JOIN ({label(question, days, known_by)}) AS outcome"
            " ON file.t = outcome_t AND child_id = outcome_key"
        )
    keys = (
        "toDate(t - INTERVAL 1 SECOND, 'Asia/Shanghai') AS as_of, toString(child_id) AS child,"
        " toString(p_village_code) AS village_code, toString(p_sex) AS sex,"
        " toString(p_ethnicity) AS ethnicity, p_categories AS category,"
        f" {HOUSEHOLD} AS household_key"
    )
    sql = ",\n".join(columns)
    windows = [f"{name} AS ({how})" for name, how in WINDOWS.items() if f"OVER {name}" in sql]
    return "\n".join(
        (
            f"SELECT {keys},",
            sql,
            f"FROM ({aggregate(FILE, parts[FILE], days, lot)}) AS file",
            *joins,
            *([f"WINDOW {', '.join(windows)}"] if windows else []),
            "ORDER BY as_of, child",
            SETTINGS,
        )
    )


def feature_hash(features: Sequence[Feature]) -> str:
    """What the columns mean, as 64 hex digits: their names and directions, and the SQL for an
    arbitrary date."""
    names = "\0".join(f"{each.name} {each.direction:+d}" for each in features)
    text = names + "\0" + statement(features, [date(2000, 1, 2)])
    return hashlib.sha256(text.encode()).hexdigest()
