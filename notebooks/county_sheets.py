"""What the county room asks: one function a sheet. ClickHouse counts, Python only draws.

Every function takes a client and the as-of day and returns a pandas frame; places are codes.
Township: the first nine digits of a village code.
"""

from __future__ import annotations

from datetime import date
from typing import Any

DIRECTOR_DUTIES = {"director_visit": "入户走访 T8.6", "director_contact": "联系 T8.5",
                   "care_agreement": "委托照护协议 T5.1"}  # fmt: skip

OVERDUE = """
SELECT substring(village_code, 1, 9) AS township, count() AS children,
    countIf(overdue_days > 0) AS overdue, countIf(overdue_days > 30) AS long_overdue
FROM duties_as_of(as_of = {as_of:Date}) WHERE duty = {duty:String}
GROUP BY township ORDER BY overdue DESC, township
"""
ABSENCES = """
WITH weeks AS (
    SELECT arrayJoin(arrayMap(i -> {as_of:Date} - 7 * i, range(105))) AS d
), away AS (
    SELECT d, child_id, uniqExact(parent) AS parents
    FROM weeks CROSS JOIN (
        SELECT child_id, parent, departed_on, returned_on FROM parent_absences
        WHERE parent IN ('father', 'mother')
    ) AS a
    WHERE departed_on <= d AND (returned_on IS NULL OR returned_on > d)
    GROUP BY d, child_id
)
SELECT d AS day, countIf(parents = 1) AS one, countIf(parents = 2) AS both
FROM away GROUP BY day ORDER BY day
"""
VISITS = """
SELECT month, sum(done) AS completed, sum(failed) AS failed FROM (
    SELECT toStartOfMonth(day) AS month, 1 AS done, 0 AS failed FROM visits WHERE by = 'director'
    UNION ALL
    SELECT toStartOfMonth(day), 0, 1 FROM visit_attempts WHERE by = 'director'
)
WHERE month >= toStartOfMonth(addMonths({as_of:Date}, -24)) AND month < toStartOfMonth({as_of:Date})
GROUP BY month ORDER BY month
"""
REPORTS = """
SELECT situation, state, count() AS reports,
    round(quantileExactIf(0.5)(dateDiff('hour', submitted_at, assumeNotNull(accepted_at)),
        accepted_at IS NOT NULL), 1) AS median_hours
FROM reports WHERE toDate(submitted_at, 'Asia/Shanghai') <= {as_of:Date}
GROUP BY situation, state ORDER BY situation, state
"""
VILLAGES = """
SELECT village_code, count() AS children, max(director) AS director,
    countIf(last_visit < {as_of:Date} - 90) AS not_seen_90
FROM (
    SELECT c.child_id, c.village_code AS village_code, v.latest AS last_visit,
        c.village_code IN (SELECT place FROM workers WHERE active AND role = 'director') AS director
    FROM (SELECT child_id, village_code FROM children WHERE on_ledger) AS c
    LEFT JOIN (
        SELECT child_id, max(day) AS latest FROM visits WHERE day <= {as_of:Date} GROUP BY child_id
    ) AS v ON v.child_id = c.child_id
)
WHERE startsWith(village_code, {place:String})
GROUP BY village_code ORDER BY director, not_seen_90 DESC, village_code
"""
SUBSIDIES = """
SELECT type, count() AS benefits, countIf(payments > 0) AS paid,
    countIf(payments = 0 AND NOT stopped) AS unpaid, sum(paid_fen) / 100 AS yuan
FROM subsidies GROUP BY type ORDER BY benefits DESC
"""
FACTS = """
SELECT (SELECT max(offset) FROM events) AS position,
    (SELECT count() FROM children WHERE on_ledger) AS children,
    (SELECT uniqExact(village_code) FROM children WHERE on_ledger) AS villages,
    (SELECT count() FROM workers WHERE active AND role = 'director') AS directors
"""


def facts(client: Any) -> dict[str, int]:
    """Log position, children on the ledger, their villages, directors in office."""
    return {name: int(value) for name, value in client.query(FACTS).first_item.items()}


def overdue(client: Any, as_of: date, duty: str = "director_visit") -> Any:
    """A township a row: children under a duty, overdue, overdue by more than 30 days."""
    return client.query_df(OVERDUE, {"as_of": as_of, "duty": duty})


def absences(client: Any, as_of: date) -> Any:
    """A week a row, two years back: children with one parent away on that day, and with both."""
    return client.query_df(ABSENCES, {"as_of": as_of})


def visits(client: Any, as_of: date) -> Any:
    """A month a row: directors' visits completed, and attempts that failed."""
    return client.query_df(VISITS, {"as_of": as_of})


def reports(client: Any, as_of: date) -> Any:
    """A row per situation and state: mandatory reports, median hours to acceptance."""
    return client.query_df(REPORTS, {"as_of": as_of})


def villages(client: Any, as_of: date, place: str = "") -> Any:
    """A village a row: children, whether a director is in office, not visited for 90 days."""
    return client.query_df(VILLAGES, {"as_of": as_of, "place": place})


def subsidies(client: Any) -> Any:
    """A row per kind of benefit: granted, paid at least once, never paid, yuan paid."""
    return client.query_df(SUBSIDIES)
