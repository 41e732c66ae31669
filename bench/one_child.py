"""What is owed about one child: folded from its own events, as its page asks for it."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench.intake import batches_of
from bench.measure import processor_seconds, seconds
from infra.files import BATCH_LINES
from infra.home import Home
from infra.one_child import owed_about
from infra.oversight import owed
from infra.settings import Settings
from simulation.county import simulate

LIMIT = 0.05
"""Seconds that a child's duties may take."""

CHILDREN, ASKED = 300, 60
FROM, UNTIL = date(2024, 9, 1), date(2026, 2, 1)
ON = date(2026, 1, 20)


class Measured(NamedTuple):
    """Seconds of the clock: one child (median, 95th percentile), everyone. `cpu`: of one child."""

    children: int
    p50: float
    p95: float
    cpu: float
    everyone: float


def measure() -> Measured:
    """A county's home, every child of which has lived there for a while."""
    with tempfile.TemporaryDirectory() as folder, Home(Settings(Path(folder))) as home:
        lines = simulate(children=CHILDREN, start=FROM, until=UNTIL, seed=5)
        for some in batches_of(lines, BATCH_LINES):
            home.intake.submit(some)
        home.catch_up()
        rows = home.warehouse.query("SELECT child_id FROM children ORDER BY child_id").result_rows
        children = [row[0] for row in rows]
        owed_about(home.warehouse, children[0], ON)
        before = processor_seconds()
        asked = (partial(owed_about, home.warehouse, each, ON) for each in children[:ASKED])
        taken = [seconds(each) for each in asked]
        cpu = (processor_seconds() - before) / ASKED
        everyone = median(seconds(lambda: owed(home, ON, all_=True)) for _ in range(3))
    return Measured(len(children), median(taken), quantiles(taken, n=20)[-1], cpu, everyone)
