"""A village's lists of a week, as its page shows them. No names come from here: see people.py.

Asked for more than anything else, over weak networks and by everyone at once, so in few and short
statements: what a statement costs here is nearly all its planning. The cards of a village's few
children are folded from their events (domain/child_card.py), which lie together in `timeline`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.child_card import TYPES, VISITED, Card, Said, card_of
from domain.event import current, day
from domain.list_line import ListLine
from infra.visit_lists import week_of
from infra.web.showing import shown_week, utc
from projections.definition import RETRACTION
from projections.fold import DEFAULTS

LISTS = """
SELECT week, groupArrayIf(
    (worker_id, child_id, rank, duty, reasons, model_id, listed_for, task, raised_for),
    week = {wanted:String})
FROM visit_list WHERE village_code = {village:String} GROUP BY week ORDER BY week
"""
LIVED = "SELECT child_id FROM residences WHERE village_code = {village:String}"
TOLD = """
SELECT child_id, event_id, corrects, type, occurred_at, if(type = {visited:String}, '{}', data)
FROM timeline WHERE child_id IN {children:Array(UUID)} AND type IN {types:Array(String)}
ORDER BY occurred_at, position
"""
"""With what was corrected, and what corrects it: it is sifted here, as few rows as there are."""


class Line(NamedTuple):
    """One line of a list. card: None where the child has no file; task: empty on old lists."""

    worker_id: str
    child_id: UUID
    rank: int
    duty: str
    reasons: list[str]
    model_id: str
    listed_for: str = ""
    task: str = ""
    raised_for: str = ""
    card: Card | None = None

    @property
    def asked(self) -> ListLine:
        """What it asks for, and for what."""
        return ListLine.stored(self.duty, self.listed_for, self.task, self.raised_for)

    @property
    def village_code(self) -> str:
        """Where the child lives now; nowhere, and nobody's to see, without a file."""
        return self.card.village_code if self.card else ""


class VillageWeek(NamedTuple):
    """What a village's page shows.

    week       2026-W48
    weeks      all for which the village has lists, earliest first
    lines      by director and rank
    unlisted   children on the village's ledger whom no list of the week names
    """

    week: str
    weeks: list[str]
    lines: list[Line]
    unlisted: int


def village_week(client: Any, village: str, asked: str, today: date) -> VillageWeek:
    """The lists of the week asked for; of none ("") see `shown_week`. Raises WrongUsageError."""
    lists = _lists(client, village, asked or week_of(today))
    week = shown_week(list(lists), asked, today)
    if week in lists and not lists[week]:  # not the one that was guessed
        lists = _lists(client, village, week)
    lines = sorted(lists.get(week, []), key=lambda line: (line.worker_id, line.rank))
    listed = {line.child_id for line in lines}
    cards = cards_of(client, listed | _lived(client, village), today)
    return VillageWeek(
        week=week,
        weeks=list(lists),
        lines=[line._replace(card=cards.get(line.child_id)) for line in lines],
        unlisted=len(_enrolled(cards, village).keys() - listed),
    )


def enrolled(client: Any, village: str, today: date) -> dict[UUID, Card]:
    """The cards of every child on a village's ledger."""
    return _enrolled(cards_of(client, _lived(client, village), today), village)


def _enrolled(cards: Mapping[UUID, Card], village: str) -> dict[UUID, Card]:
    return {
        child: card
        for child, card in cards.items()
        if card.village_code == village and card.on_ledger
    }


def _lived(client: Any, village: str) -> set[UUID]:
    """Who ever lived there."""
    return {row[0] for row in client.query(LIVED, {"village": village}).result_rows}


def cards_of(client: Any, children: Collection[UUID], on: date) -> dict[UUID, Card]:
    """The cards of some children on a day, by what is known now; none of who isn't registered."""
    if not children:
        return {}
    asked = {"children": sorted(children), "types": [*TYPES, RETRACTION], "visited": VISITED}
    rows = client.query(TOLD, asked).result_rows
    replaced = {row[2] for row in rows}
    told: dict[UUID, list[Said]] = {}
    for child, event, _, type_, occurred_at, data in rows:
        if event not in replaced and type_ != RETRACTION:
            name, read = current(type_, msgspec.json.decode(data))
            said = Said(day(utc(occurred_at)), name, DEFAULTS[name] | read)
            told.setdefault(child, []).append(said)
    cards = {child: card_of(said, on) for child, said in told.items()}
    return {child: card for child, card in cards.items() if card is not None}


def _lists(client: Any, village: str, wanted: str) -> dict[str, list[Line]]:
    """Every week with lists → its lines, for the wanted one."""
    rows = client.query(LISTS, {"village": village, "wanted": wanted}).result_rows
    return {week: [Line(*line) for line in lines] for week, lines in rows}
