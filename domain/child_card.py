"""A child's card: what a line of a visit list says of it, without a name. Folded from its events.

What the views `children`, `visits` and `visit_attempts` say of everyone in SQL, for a village's
few children in Python. Facts are ordered by (occurred_at, position); days are Shanghai days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from msgspec import convert

from domain.ageing import held_on, off_ledger_on
from domain.child_file import Category

TURNS = ("child.registered.v1", "child.returned_to_ledger.v1", "child.left_ledger.v1")
HOMES = ("child.registered.v1", "child.moved.v1")
TIER = "risk.tier_set.v1"
ADDED, REMOVED = "child.category_added.v1", "child.category_removed.v1"
VISITED, TRIED = "visit.completed.v1", "visit.attempt_failed.v1"
FORGOTTEN = "child.forgotten.v1"
TYPES = (*TURNS, "child.moved.v1", TIER, ADDED, REMOVED, VISITED, TRIED, FORGOTTEN)
"""Of the events that a card is folded from."""


class Said(NamedTuple):
    """One event that counts: its Shanghai day, type and data. Of a visit the day alone is read."""

    day: date
    type: str
    data: dict[str, Any]


class Card(NamedTuple):
    """A child on a day, nameless.

    birth_month     its first day: read models know no more of a birthday
    categories      on file and not outgrown, by code
    registered_on   when it first came on the ledger
    last_visit      by anyone; None: never
    tried_on        the last visit that failed, and why
    """

    sex: str
    birth_month: date
    village_code: str
    tier: str
    categories: tuple[str, ...]
    forgotten: bool
    on_ledger: bool
    registered_on: date
    last_visit: date | None
    tried_on: date | None
    tried_reason: str


def card_of(said: Sequence[Said], on: date) -> Card | None:
    """The card of a child; None where it isn't registered. `said`: in the order of time."""
    last = {each.type: each for each in said}
    registered = last.get("child.registered.v1")
    if registered is None:
        return None
    month = date.fromisoformat(registered.data["birth_date"]).replace(day=1)
    held = _on_file(said)
    turn = [each.type for each in said if each.type in TURNS][-1]
    tried = last.get(TRIED)
    return Card(
        sex=registered.data["sex"],
        birth_month=month,
        village_code=[e.data["residence_division"] for e in said if e.type in HOMES][-1],
        tier=last[TIER].data["tier"] if TIER in last else "",
        categories=tuple(sorted(each.value for each in held_on(month, held, on))),
        forgotten=FORGOTTEN in last,
        on_ledger=turn != "child.left_ledger.v1" and on < off_ledger_on(month, held),
        registered_on=next(e.day for e in said if e.type == "child.registered.v1"),
        last_visit=max((e.day for e in said if e.type == VISITED), default=None),
        tried_on=tried.day if tried else None,
        tried_reason=tried.data["reason"] if tried else "",
    )


def _on_file(said: Sequence[Said]) -> frozenset[Category]:
    """The categories whose last word was that they hold."""
    turns = {e.data["category"]: e.type for e in said if e.type in (ADDED, REMOVED)}
    return frozenset(convert(each, Category) for each, turn in turns.items() if turn == ADDED)
