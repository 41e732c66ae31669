"""Who may be listed in a week, with everything the planner asks of a child (domain.visit_list)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.duties import DutyStatus
from domain.foresight import OverrideReason
from domain.list_line import EXTRA
from domain.visit_list import Candidate
from projections.around import around

CANDIDATES = """
WITH
    theirs AS (
        SELECT child_id, village_code, groupArray(tuple(duty, rule, actor, interval_days,
            last_done, due_on, overdue_days, reason)) AS owed
        FROM duties_as_of(as_of = {monday:Date}) WHERE village_code IN {villages:Array(String)}
        GROUP BY child_id, village_code
    ),
    -- asked for a second time, duties would be worked out a second time
    near AS (
        SELECT child_id FROM children_as_of(as_of = {monday:Date})
        WHERE village_code IN {villages:Array(String)}
    ),
    seen AS (
        SELECT child_id, max(day) AS visited, maxIf(day, child_seen) AS met,
            countIf(day > {monday:Date} - 365) AS of_year,
            groupUniqArrayIf(day, selection IN {extra:Array(String)} AND day > {monday:Date} - 30)
                AS extra
        FROM visits_as_of(as_of = {monday:Date})
        WHERE child_id IN (SELECT child_id FROM near) GROUP BY child_id
    ),
    cared AS (
        SELECT child_id, min(guardian_id) AS carer FROM guardians_as_of(as_of = {monday:Date})
        WHERE child_id IN (SELECT child_id FROM near) AND relation != '' GROUP BY child_id
    )
SELECT child_id, village_code, owed, scored, score, why, house,
    arraySort(groupUniqArrayArray(extra)
        OVER (PARTITION BY if(house != '', house, toString(child_id)))),
    met, little, asked, action, reason
FROM (
SELECT d.child_id AS child_id, d.village_code AS village_code, d.owed AS owed,
    s.scored AS scored, s.score AS score, s.why AS why,
    if(h.household_id != '', h.household_id,
        if(g.carer = '', '', max(h.household_id) OVER (PARTITION BY g.carer))) AS registered,
    if(registered != '', registered, g.carer) AS house, v.extra AS extra,
    greatest(v.met, toDate(c.registered_at, 'Asia/Shanghai')) AS met, v.of_year = 0 AS little,
    if(r.last > v.visited, r.last, NULL) AS asked, o.action AS action, o.reason AS reason
FROM theirs AS d
LEFT JOIN children AS c ON c.child_id = d.child_id
LEFT JOIN seen AS v ON v.child_id = d.child_id
LEFT JOIN cared AS g ON g.child_id = d.child_id
LEFT JOIN households_as_of(as_of = {monday:Date}) AS h ON h.child_id = d.child_id
LEFT JOIN (
    SELECT child_id, max(day) AS last FROM visit_requests_as_of(as_of = {monday:Date})
    GROUP BY child_id
) AS r ON r.child_id = d.child_id
LEFT JOIN (
    SELECT child_id, action, reason FROM list_overrides WHERE week = {week:String}
) AS o ON o.child_id = d.child_id
LEFT JOIN (
    SELECT child_id, 1 AS scored, score, arrayZip(reasons.code, reasons.text) AS why FROM scores
    WHERE model_id = {model:String} AND as_of = {as_of:Date} AND NOT shadow
) AS s ON s.child_id = d.child_id
WHERE NOT c.forgotten -- of whom nothing can be recorded any more
)
ORDER BY child_id
"""
OWED = ("duty", "rule", "actor", "interval_days", "last_done", "due_on", "overdue_days", "reason")

REASONS = {each.value: each.label for each in OverrideReason}

SAID_BY_DUTY = {"director_visit": "days_since_visit", "director_contact": "days_since_contact"}
"""Reasons that an overdue duty gives in its own words."""


def candidates(
    client: Any, week: str, monday: date, villages: Sequence[str], scores: tuple[str, date]
) -> dict[str, list[Candidate]]:
    """Village → its children on the ledger. `scores`: model and as-of day; no model: no scores."""
    parameters = {
        "week": week,
        "monday": monday,
        "villages": villages,
        "model": scores[0],
        "as_of": scores[1],
        "extra": [each.value for each in EXTRA],
    }
    found: dict[str, list[Candidate]] = {}
    only = around(client, villages)
    for row in client.query(CANDIDATES, parameters, settings=only).result_rows:
        found.setdefault(row[1], []).append(_candidate(row))
    return found


def _candidate(row: Sequence[Any]) -> Candidate:
    child_id, _, owed, scored, score, why, household, extra, met, little, asked, *said = row
    own = tuple(DutyStatus(**dict(zip(OWED, each, strict=True))) for each in owed)
    told = {
        SAID_BY_DUTY[each.duty]
        for each in own
        if each.duty in SAID_BY_DUTY and each.overdue_days > 0
    }
    action, reason = said
    words = f"儿童主任:{REASONS[reason]}" if reason else ""
    return Candidate(
        child_id=child_id,
        duties=own,
        score=score if scored else None,
        risk_reasons=tuple(text for code, text in why if code not in told),
        household=household,
        extra_days=tuple(extra),
        unseen_since=met,
        little_known=bool(little),
        asked_on=asked,
        added=words if action == "added" else "",
        dropped=words if action == "dropped" else "",
    )
