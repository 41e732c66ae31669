"""Proposals for care plans, and what becomes of one that a person accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.care_plan import CarePlanAdopted, HelpMeasure, NeedMatched
from domain.errors import WrongUsageError
from domain.event import SHANGHAI, Event, Incoming, day
from domain.matching import SILENT_DAYS, TYPES, Fact, Need, needs_of
from infra.home import Home
from infra.own_events import own_event, record

SOURCE = "shouhe/matching"

FACTS = """
SELECT child_id, type, event_id, occurred_at, data FROM timeline
WHERE type IN {types:Array(String)} AND occurred_at < {end:DateTime64(6, 'UTC')}
    AND recorded_at < {end:DateTime64(6, 'UTC')} AND replaced_at >= {end:DateTime64(6, 'UTC')}
    AND (type != 'parent_contact.logged.v1' OR occurred_at >= {heard:DateTime64(6, 'UTC')})
    AND child_id IN (
        SELECT child_id FROM children_as_of(as_of = {day:Date})
        WHERE on_ledger AND startsWith(village_code, {place:String})
    )
ORDER BY child_id, occurred_at, position
"""
PLANNED = """
SELECT child_id, max(occurred_at) FROM timeline
WHERE type = 'care_plan.adopted.v1' AND replaced_at >= {end:DateTime64(6, 'UTC')}
    AND occurred_at < {end:DateTime64(6, 'UTC')}
GROUP BY child_id
"""


class Proposal(NamedTuple):
    """For one child: needs without a plan since. A proposal is recorded nowhere."""

    child_id: UUID
    needs: list[Need]
    planned_on: date | None


def proposals(client: Any, as_of: date, place: str = "") -> list[Proposal]:
    """Children of a place with needs found after their latest care plan, most needs first."""
    end = datetime.combine(as_of + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
    given = {
        "types": list(TYPES),
        "end": end,
        "heard": end - timedelta(days=SILENT_DAYS),
        "day": as_of,
        "place": place,
    }
    planned = {child: _day(at) for child, at in client.query(PLANNED, given).result_rows}
    facts: dict[UUID, list[Fact]] = {}
    for child, type_, event_id, at, data in client.query(FACTS, given).result_rows:
        facts.setdefault(child, []).append(
            Fact(type_, event_id, _day(at), msgspec.json.decode(data))
        )
    found = []
    for child, own in facts.items():
        since = planned.get(child)
        days = {fact.event_id: fact.on for fact in own}
        needs = [
            need
            for need in needs_of(own, as_of)
            if since is None or any(days[event] > since for event in need.events)
        ]
        if needs:
            found.append(Proposal(child, needs, since))
    return sorted(found, key=lambda each: (-len(each.needs), str(each.child_id)))


def accept(
    home: Home, child: UUID, measures: Sequence[HelpMeasure], *, responsible: str, by: str
) -> int:
    """A person accepts: each need is matched, and the care plan adopted. → events recorded.

    Raises WrongUsageError where nobody accepts, nobody is responsible, or nothing is chosen.
    """
    if not (measures and responsible.strip() and by.strip()):
        raise WrongUsageError(
            "care plan: name who accepts it, who is responsible, and at least one measure"
        )
    now = home.clock()
    chosen = list(dict.fromkeys(measures))
    facts: list[Event] = [NeedMatched(need=each, resource=f"T18.2/{each.value}") for each in chosen]
    facts.append(CarePlanAdopted(responsible_person=responsible.strip(), measures=chosen))
    stamp = f"{now:%Y%m%dT%H%M%S.%f}"
    events = [
        _signed(own_event(SOURCE, f"{child}/{stamp}/{number}", now, fact, str(child)), by.strip())
        for number, fact in enumerate(facts)
    ]
    new = record(home, events)
    home.catch_up()
    return new


def _signed(event: Incoming, by: str) -> Incoming:
    return msgspec.structs.replace(event, actor=by, actorrole="county_officer")


def _day(at: datetime) -> date:
    return day(at if at.tzinfo else at.replace(tzinfo=UTC))
