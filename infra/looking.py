"""Who looked at which child: from `access.logged`, through the read model `looks`.

Children stand here by their pseudonym alone. A place keeps an auditor to the readings of children
who lived in it when they were read of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from domain.looking import BEFORE, Oddity, ReaderDay, oddities

MOST = 500
"""Rows of a list of readings."""

LOOKS = """
SELECT child_id, occurred_at, reader, role, purpose, page, place FROM looks
WHERE startsWith(place, {place:String}) AND day BETWEEN {since:Date} AND {until:Date}
    AND (child_id = {child:UUID} OR {anyone:Bool})
    AND (reader = {reader:String} OR {reader:String} = '')
ORDER BY occurred_at DESC, position DESC LIMIT {most:UInt32}
"""
READER_DAYS = """
WITH toStartOfWeek({since:Date}, 1) AS early
SELECT
    d.reader, d.role, d.day, d.children, d.readings, h.most, d.at_night, d.unrelated, d.again,
    d.broken
FROM (
    SELECT
        reader, role, day,
        count() AS children,
        sum(times) AS readings,
        countIf(nights > 0) AS at_night,
        countIf(alone > 0 AND NOT related) AS unrelated,
        maxIf(times, NOT related) AS again,
        countIf(broken > 0) AS broken
    FROM (
        SELECT
            l.reader AS reader, l.role AS role, l.day AS day, l.child_id AS child_id,
            count() AS times,
            countIf(l.hour >= 22 OR l.hour < 6) AS nights,
            countIf(l.purpose != 'visit_list') AS alone,
            countIf(l.purpose = 'break_glass') AS broken,
            (any(l.child_id), formatDateTime(any(l.day), '%G-W%V')) IN (
                SELECT child_id, week FROM visit_list) OR max(w.week != toDate(0)) AS related
        FROM looks AS l
        LEFT JOIN (
            SELECT DISTINCT child_id, actor, toMonday(toDate(occurred_at, 'Asia/Shanghai')) AS week
            FROM timeline
            WHERE type NOT IN ('access.logged.v1', 'risk.scored.v1', 'visit_list.child_listed.v1',
                    'access.break_glass_opened.v1', 'access.break_glass_closed.v1')
                AND occurred_at >= early - 7 AND actor IN (
                    SELECT reader FROM looks WHERE day BETWEEN {since:Date} AND {until:Date})
        ) AS w ON w.child_id = l.child_id AND w.actor = l.reader AND w.week = toMonday(l.day)
        WHERE startsWith(l.place, {place:String}) AND l.day BETWEEN {since:Date} AND {until:Date}
        GROUP BY l.reader, l.role, l.day, l.child_id
    )
    GROUP BY reader, role, day
) AS d
LEFT JOIN (
    SELECT reader, role, day, max(files) AS most FROM (
        SELECT reader, role, day, hour, uniqExactIf(child_id, purpose != 'visit_list') AS files
        FROM looks
        WHERE startsWith(place, {place:String}) AND day BETWEEN {since:Date} AND {until:Date}
        GROUP BY reader, role, day, hour
    ) GROUP BY reader, role, day
) AS h ON h.reader = d.reader AND h.role = d.role AND h.day = d.day
ORDER BY d.day, d.reader, d.role
"""
GLASSES = """
SELECT child_id, reader, role, emergency, opened_at, until, place FROM break_glasses
WHERE startsWith(place, {place:String}) AND opened_at >= {since:DateTime64(6)}
ORDER BY opened_at DESC LIMIT {most:UInt32}
"""


class Look(NamedTuple):
    """One reading. `place`: the child's village at that time."""

    child_id: UUID
    at: datetime
    reader: str
    role: str
    purpose: str
    page: str
    place: str


class Glass(NamedTuple):
    """One break-glass. `place`: the child's village."""

    child_id: UUID
    reader: str
    role: str
    emergency: str
    opened_at: datetime
    until: datetime
    place: str


def looks(
    client: Any,
    since: date,
    until: date,
    *,
    child: UUID | None = None,
    reader: str = "",
    place: str = "",
) -> list[Look]:
    """The readings of a child, by a reader, or all, within Shanghai days; the latest first."""
    asked = {"since": since, "until": until, "child": child or UUID(int=0),
             "anyone": child is None, "reader": reader, "place": place, "most": MOST}  # fmt: skip
    return [Look(*row) for row in _rows(client, LOOKS, asked)]


def reader_days(client: Any, since: date, until: date, place: str = "") -> list[ReaderDay]:
    """What each reader read each day, in numbers."""
    asked = {"since": since, "until": until, "place": place}
    return [ReaderDay(*row) for row in _rows(client, READER_DAYS, asked)]


def anomalies(client: Any, since: date, until: date, place: str = "") -> list[Oddity]:
    """Days worth a question, by the thresholds of domain/looking.py."""
    return oddities(reader_days(client, since - BEFORE, until, place), since)


def glasses(client: Any, since: datetime, place: str = "") -> list[Glass]:
    """The break-glasses about children of a place, the latest first."""
    asked = {"since": since, "place": place, "most": MOST}
    return [Glass(*row) for row in _rows(client, GLASSES, asked)]


def notices(client: Any, now: datetime, place: str) -> list[Glass]:
    """Those of the last week: for the home page of the county's officers."""
    return glasses(client, now - timedelta(days=7), place)


def _rows(client: Any, sql: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
    rows: Sequence[Sequence[Any]] = client.query(sql, parameters).result_rows
    return rows
