"""Which past lists and scores knew an event: to be looked at again once it was corrected or erased.

An event touches a score of its child if it was known when that was computed, and not replaced yet;
`by_reason` where one of the score's reasons names it. It touches a list line of its child if the
list was made while it stood.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.errors import WrongUsageError
from domain.event import NO_CHILD
from infra.home import Home

NEVER = datetime(2299, 12, 31, tzinfo=UTC)

EVENT = """
SELECT event_id, child_id, type, position, occurred_at, recorded_at, corrects FROM events
WHERE event_id = {event:UUID}
"""
REPLACED = "SELECT count(), min(recorded_at) FROM events WHERE corrects = {event:UUID}"

SCORES = """
SELECT model_id, as_of, shadow, has(arrayFlatten(evidence), {event:UUID}) AS by_reason,
    arrayMap(r -> r.text, arrayFilter((r, e) -> has(e, {event:UUID}), reasons, evidence)) AS why
FROM scores_history
WHERE child_id = {child:UUID} AND log_position >= {position:UInt64}
    AND (least(toDateTime64(toString(as_of + 1), 6, 'Asia/Shanghai'), recorded_at) AS knew)
        > {known:DateTime64(6, 'UTC')}
    AND knew <= {until:DateTime64(6, 'UTC')}
ORDER BY as_of, model_id
"""
LISTS = """
SELECT l.week, l.village_code, l.worker_id, l.rank, l.reasons, l.occurred_at,
    hasAny(l.reasons, {said:Array(String)}) AS by_reason
FROM visit_list_history AS l
WHERE l.child_id = {child:UUID} AND l.occurred_at >= {known:DateTime64(6, 'UTC')}
    AND l.occurred_at < {until:DateTime64(6, 'UTC')}
ORDER BY l.occurred_at, l.week, l.worker_id, l.rank
"""


class TouchedScore(msgspec.Struct, frozen=True, kw_only=True):
    """One score. by_reason: a reason of it names the event; why: these reasons."""

    model_id: str
    as_of: date
    shadow: bool
    by_reason: bool
    why: list[str]


class TouchedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list. by_reason: the event stands behind a reason that it gives."""

    week: str
    village_code: str
    worker_id: str
    rank: int
    reasons: list[str]
    listed_at: datetime
    by_reason: bool


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What an event touched, or all ever said of a child. `until`: when it was replaced."""

    child_id: UUID
    event_id: UUID | None
    type: str
    until: datetime | None
    scores: list[TouchedScore]
    lists: list[TouchedLine]


def by_event(home: Home, event_id: UUID) -> Touched:
    """What an event touched while it stood; of a correction: what the corrected one did.

    Raises WrongUsageError for an event that is not in the log, or is about no child.
    """
    home.catch_up()
    row = _event(home.warehouse, event_id)
    if row["corrects"] != NO_CHILD:
        row = _event(home.warehouse, row["corrects"])
    if row["child_id"] == NO_CHILD:
        raise WrongUsageError(f"--event: {event_id} is about no child; it stands on no list")
    replaced, at = home.warehouse.query(REPLACED, {"event": row["event_id"]}).result_rows[0]
    until = _utc(at) if replaced else NEVER
    given = {
        "event": row["event_id"],
        "child": row["child_id"],
        "position": row["position"],
        "known": max(_utc(row["recorded_at"]), _utc(row["occurred_at"])),
        "until": until,
    }
    return _touched(home.warehouse, given, row["event_id"], row["type"])


def by_child(home: Home, child_id: UUID) -> Touched:
    """Every score and every list line of a child, also of one that was forgotten."""
    home.catch_up()
    given = {
        "event": NO_CHILD,
        "child": child_id,
        "position": 0,
        "known": datetime(1970, 1, 1, tzinfo=UTC),
        "until": NEVER,
    }
    return _touched(home.warehouse, given, None, "")


def _touched(client: Any, given: dict[str, Any], event: UUID | None, type_: str) -> Touched:
    scores = [
        TouchedScore(**dict(zip(TouchedScore.__struct_fields__, row, strict=True)))
        for row in client.query(SCORES, given).result_rows
    ]
    scores = [msgspec.structs.replace(e, shadow=bool(e.shadow), by_reason=bool(e.by_reason))
              for e in scores]  # fmt: skip
    said = sorted({text for each in scores for text in each.why})
    rows = client.query(LISTS, {**given, "said": said}).result_rows
    lists = [
        TouchedLine(
            week=week,
            village_code=village,
            worker_id=worker,
            rank=rank,
            reasons=reasons,
            listed_at=_utc(at),
            by_reason=bool(said and by_reason),
        )
        for week, village, worker, rank, reasons, at, by_reason in rows
    ]
    return Touched(
        child_id=given["child"],
        event_id=event,
        type=type_,
        until=None if given["until"] == NEVER else given["until"],
        scores=scores,
        lists=lists,
    )


def _event(client: Any, event_id: UUID) -> dict[str, Any]:
    found = client.query(EVENT, {"event": event_id})
    if not found.result_rows:
        raise WrongUsageError(f"--event: {event_id} is not in the log")
    return dict(zip(found.column_names, found.result_rows[0], strict=True))


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
