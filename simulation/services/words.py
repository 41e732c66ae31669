"""What the services have in common: saying something, and chance that touches nobody's fate."""

from __future__ import annotations

from domain.event import Event
from simulation.journal import DAY, Desk
from simulation.state import Child, County

YEAR = 365


def say(
    county: County,
    desk: Desk,
    event: Event,
    day: int,
    child: Child | None = None,
    *,
    place: str = "",
) -> None:
    """An event in the working hours of a day."""
    moment = day * DAY + int((8 + county.aside.random() * 9) * 3600)
    county.journal.send(desk, event, moment, child, place=place, aside=True)


def help_child(county: County, day: int, desk: Desk, event: Event, child: Child) -> None:
    """Say it of a child that is still on the ledger by then: an act for the agenda."""
    if child.on_ledger:
        say(county, desk, event, day, child)


def likely(county: County, probability: float) -> bool:
    """Whether something of this probability happens."""
    return county.aside.random() < probability


def between(county: County, day: int, least: int, most: int) -> int:
    """Some days after a day."""
    return day + county.aside.randint(least, most)


def turn(county: County, name: str, every: int) -> bool:
    """True the first time, and then one time in so many: for what is rare, but happens."""
    count = county.numbers[name] = county.numbers.get(name, 0) + 1
    return count % every == 1
