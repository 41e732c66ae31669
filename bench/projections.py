"""Each read model's rebuild against its bare INSERT … SELECT, and all of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench.measure import peak_mib, seconds
from projections.definition import load
from projections.engine import Engine
from projections.rendering import create_table, select_range


def bare(client: Any, definition: Any, head: int) -> float:
    """Seconds of the one statement that fills an empty table of the same shape."""
    client.command("DROP TABLE IF EXISTS bare SYNC")
    client.command(create_table(definition, "bare"))
    select = select_range(definition, 1, head)
    taken = seconds(lambda: client.command(f"INSERT INTO bare {select}"))
    client.command("DROP TABLE bare SYNC")
    return taken


def _swap(client: Any) -> float:
    """Seconds that a rebuild takes when there is nothing to do but the swap (median of 5)."""
    problems = next(each for each in load() if each.name == "problems")
    nothing = replace(problems, types=("worker.ended.v1",), hash="0" * 8)
    engine = Engine(client, [nothing])
    times = sorted(seconds(engine.rebuild) for _ in range(5))
    Engine(client, [problems]).rebuild()
    return times[2]


def measure(client: Any) -> dict[str, Any]:
    """`client`: a database whose `events` are full.

    → `events`, `all_seconds`, `all_rate` (promised: at least 200,000 events/s), `peak_mib`,
    `swap` (seconds: what any rebuild costs, however few its rows: a new table, a plan, a
    checkpoint, three views), and `models` {name: {rows, rebuild, bare, ratio}} in seconds, where
    `ratio` = bare / (rebuild − swap), promised: at least 0.7
    """
    engine = Engine(client)
    head = engine.head()
    engine.advance()
    together = seconds(engine.rebuild)
    client.command("SYSTEM STOP MERGES")  # of one table they would be timed as work of the next
    swap = _swap(client)
    models = {}
    for definition in load():
        if not definition.stored:
            continue
        pairs = [
            (bare(client, definition, head), seconds(lambda: engine.rebuild([definition.name])))  # noqa: B023 - called at once
            for _ in range(2)
        ]
        other, ours = map(min, zip(*pairs, strict=True))
        rows = client.query(f"SELECT count() FROM {definition.name}_history").result_rows[0][0]
        models[definition.name] = {
            "rows": int(rows),
            "rebuild": ours,
            "bare": other,
            "ratio": other / max(ours - swap, 1e-3),
        }
    client.command("SYSTEM START MERGES")
    return {
        "events": head,
        "all_seconds": together,
        "all_rate": head / together,
        "swap": swap,
        "peak_mib": peak_mib(),
        "models": models,
    }
