"""Each read model's rebuild against its bare INSERT … SELECT, on events of its own types."""

from __future__ import annotations

from typing import Any, NamedTuple

from bench.measure import seconds
from bench.stored import fill_events, mix_of
from projections.definition import Definition
from projections.engine import Engine
from projections.rendering import create_table, select_range

TURNS = 2
"""Ours and theirs in turn, so that both meet the same machine; the best of each counts."""


class Rebuilt(NamedTuple):
    """Seconds of the rebuild as users have it, and of the one statement it can't do without."""

    rows: int
    rebuild: float
    bare: float


def bare(client: Any, definition: Definition, head: int) -> float:
    """Seconds of the one statement that fills an empty table of the same shape."""
    client.command("DROP TABLE IF EXISTS bare SYNC")
    client.command(create_table(definition, "bare"))
    select = select_range(definition, 1, head)
    taken = seconds(lambda: client.command(f"INSERT INTO bare {select}"))
    client.command("DROP TABLE bare SYNC")
    return taken


def measure(client: Any, definition: Definition, events: int) -> Rebuilt:
    """`client`: an empty database. Fills it with `events` events of the read model's types."""
    engine = Engine(client, [definition])
    fill_events(client, events, mix_of(definition.types))
    engine.advance()
    head = engine.head()
    turns = [(bare(client, definition, head), seconds(engine.rebuild)) for _ in range(TURNS)]
    other, ours = map(min, zip(*turns, strict=True))
    return Rebuilt(head, ours, other)
