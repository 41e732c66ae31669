"""How a child stands by the model in use, in words: band, reasons, what they rest on. No number."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
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
OF_DAY = """
SELECT score FROM scores WHERE model_id = {model:String} AND as_of = {as_of:Date} ORDER BY score
"""
OWN = """
SELECT child_id, score FROM scores
WHERE model_id = {model:String} AND as_of = {as_of:Date} AND child_id IN {children:Array(UUID)}
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
"""Child → the day of its registration, and of its last visit."""

KEPT = 2.0
"""Seconds; read models are behind the log by about as much."""


class InUse(NamedTuple):
    """A model on a day. scores: of everyone scored on that day, the lowest first."""

    model_id: str
    as_of: date
    scores: Sequence[float]

    def bands(self, client: Any, children: Collection[UUID], known: Known) -> dict[UUID, Band]:
        """The bands of those among some children who were scored."""
        given = {"model": self.model_id, "as_of": self.as_of, "children": sorted(children)}
        return {
            child: band(self._higher(score), registered=known[child][0],
                        last_visit=known[child][1], on=self.as_of)
            for child, score in client.query(OWN, given).result_rows
            if child in known
        }  # fmt: skip

    def _higher(self, score: float) -> float:
        """The share of the day's scored children whose score is higher."""
        return (len(self.scores) - bisect_right(self.scores, score)) / len(self.scores)


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


class Bands:
    """Bands for pages that are asked for all the time: who is in use is looked up now and then."""

    def __init__(self) -> None:
        self._kept: dict[date, tuple[float, InUse | None]] = {}

    def of(
        self, client: Any, children: Collection[UUID], day: date, known: Known
    ) -> dict[UUID, Band]:
        """As `bands`, by the model that was in use at most KEPT seconds ago."""
        if not children:
            return {}
        until, model = self._kept.get(day, (0.0, None))
        if time.monotonic() >= until:
            model = in_use(client, day)
            self._kept = {day: (time.monotonic() + KEPT, model)}
        return model.bands(client, children, known) if model else {}


def bands(client: Any, children: Collection[UUID], day: date) -> dict[UUID, Band]:
    """The bands of some children by the model in use on a day; none where no model is in use."""
    model = in_use(client, day) if children else None
    return model.bands(client, children, known_of(client, children)) if model else {}


def known_of(client: Any, children: Collection[UUID]) -> Known:
    """What a band needs to know of some children beside their scores."""
    rows = client.query(KNOWN, {"children": sorted(children)}).result_rows
    return {row[0]: row[1:] for row in rows}


def standing(client: Any, child: UUID, day: date, visible: Collection[int]) -> Standing | None:
    """How a child stands; None where it was not scored by a model in use.

    visible   log positions that the reader's page shows: nothing else is linked
    """
    model = in_use(client, day)
    if model is None:
        return None
    found = model.bands(client, [child], known_of(client, [child])).get(child)
    if found is None:
        return None
    given = {"model": model.model_id, "as_of": model.as_of, "child": child}
    ((texts, lowers, evidence),) = client.query(REASONS, given).result_rows
    named = sorted({event for own in evidence for event in own})
    rows = client.query(EVENTS, {"child": child, "events": named}).result_rows if named else []
    links = {event: Link(at, _told(kind, moment)) for event, at, kind, moment in rows}
    whys = [
        Why(text, lower, [links[e] for e in own if e in links and links[e].position in visible])
        for text, lower, own in zip(texts, lowers, evidence, strict=True)
    ]
    return Standing(model.as_of, found, whys)


def in_use(client: Any, day: date) -> InUse | None:
    """The model that orders lists on a day, with the scores of its latest scored day."""
    for each in list_models(client, day):
        as_of, count = client.query(LATEST, {"model": each.model_id, "day": day}).result_rows[0]
        if count:
            rows = client.query(OF_DAY, {"model": each.model_id, "as_of": as_of}).result_columns
            return InUse(each.model_id, as_of, rows[0])
    return None


def _told(kind: str, moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d} {event_class(kind).LABEL}"
