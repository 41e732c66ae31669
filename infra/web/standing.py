"""How a child stands by the model in use, in words: band, reasons, what they rest on. No number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.bands import Band, band
from domain.event import SHANGHAI, event_class
from risk.approvals import list_models

LATEST = """
SELECT max(as_of), count() FROM scores
WHERE model_id = {model:String} AND NOT shadow AND as_of <= {day:Date}
"""
SHARES = """
SELECT child_id, higher FROM (
    SELECT child_id, (rank() OVER (ORDER BY score DESC) - 1) / count() OVER () AS higher
    FROM scores WHERE model_id = {model:String} AND as_of = {as_of:Date}
)
WHERE child_id IN {children:Array(UUID)}
"""
KNOWN = """
SELECT c.child_id, toDate(c.registered_at, 'Asia/Shanghai'), v.last FROM children AS c
LEFT JOIN (
    SELECT child_id, toNullable(max(day)) AS last FROM visits
    WHERE child_id IN {children:Array(UUID)} GROUP BY child_id
) AS v ON v.child_id = c.child_id
WHERE c.child_id IN {children:Array(UUID)}
"""
REASONS = """
SELECT reasons.text, reasons.lower, evidence FROM scores
WHERE model_id = {model:String} AND as_of = {as_of:Date} AND child_id = {child:UUID}
"""
EVENTS = """
SELECT event_id, position, type, occurred_at FROM timeline
WHERE child_id = {child:UUID} AND event_id IN {events:Array(UUID)}
"""


Known = Mapping[UUID, tuple[date, date | None]]


class Link(NamedTuple):
    """An event behind a reason: its place on the page, and its name with its day."""

    position: int
    text: str


class Why(NamedTuple):
    """One reason. lower: what would lower it, where the field can do something."""

    text: str
    lower: str
    links: list[Link]


class Standing(NamedTuple):
    """As of a day. Who reads sees words and their grounds."""

    as_of: date
    band: Band
    whys: list[Why]


def bands(
    client: Any, children: Collection[UUID], day: date, known: Known | None = None
) -> dict[UUID, Band]:
    """The bands of some children by the model in use on a day; none where no model is in use.

    known   child → the day of its registration, and of its last visit, where the caller has them
    """
    if not children:
        return {}
    model, as_of = _in_use(client, day)
    if not model:
        return {}
    given = {"model": model, "as_of": as_of, "children": sorted(children)}
    shares = dict(client.query(SHARES, given).result_rows)
    if known is None:
        known = {row[0]: row[1:] for row in client.query(KNOWN, given).result_rows}
    return {
        child: band(shares[child], registered=registered, last_visit=last, on=as_of)
        for child, (registered, last) in known.items()
        if child in shares
    }


def standing(client: Any, child: UUID, day: date, visible: Collection[int]) -> Standing | None:
    """How a child stands; None where it was not scored by a model in use.

    visible   log positions that the reader's page shows: nothing else is linked
    """
    found = bands(client, [child], day).get(child)
    if found is None:
        return None
    model, as_of = _in_use(client, day)
    given = {"model": model, "as_of": as_of, "child": child}
    ((texts, lowers, evidence),) = client.query(REASONS, given).result_rows
    named = sorted({event for own in evidence for event in own})
    rows = client.query(EVENTS, {"child": child, "events": named}).result_rows if named else []
    links = {event: Link(at, _told(kind, moment)) for event, at, kind, moment in rows}
    whys = [
        Why(text, lower, [links[e] for e in own if e in links and links[e].position in visible])
        for text, lower, own in zip(texts, lowers, evidence, strict=True)
    ]
    return Standing(as_of, found, whys)


def _in_use(client: Any, day: date) -> tuple[str, date]:
    """The model that orders lists on a day, and its latest scored day; ("", day): none."""
    for each in list_models(client, day):
        as_of, count = client.query(LATEST, {"model": each.model_id, "day": day}).result_rows[0]
        if count:
            return each.model_id, as_of
    return "", day


def _told(kind: str, moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d} {event_class(kind).LABEL}"
