"""Every feature for a province: 200,000 children, twelve dates, some 50 million events.

    python -m bench.matrix [--children 200000] [--home DIR]      (a new DIR is filled first)

The filling runs in a process of its own, so that the peak told is that of making features alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bench.measure import peak_mib

if TYPE_CHECKING:
    from domain.event import Incoming
    from infra.home import Home
    from risk.card import Card

DATES = 12
LAST = date(2026, 8, 30)
LEARNED = 20_000
"""Rows that the model of `scored` learns from."""
BASE = -4.5
RISK = {"serious_ever": 1.5, "tier": 0.6, "unentrusted": 0.7, "both_away": 0.5,
        "psychological": 0.8, "family_violence": 0.8, "parents_unable": 0.7,
        "days_since_visit": 0.02, "days_since_call": 0.03, "income_poor": 0.4}  # fmt: skip
"""What they learn: log-odds, and what a unit of each feature adds to them."""


def fill(folder: Path, children: int) -> None:
    """Three years of a province into a new home."""
    from bench import province
    from infra.home import Home
    from infra.settings import Settings

    with Home(Settings(folder)) as home:
        made = province.fill(home.warehouse, children)
    sys.stdout.write(f"events {made:,}\n")


def measure(folder: Path, dates: int) -> dict[str, Any]:
    """→ `rows`, `features`, `pieces`, `seconds`, `peak_mib`: streamed, no piece is kept."""
    from infra.home import Home
    from infra.settings import Settings
    from risk.features import FEATURES
    from risk.matrix import stream

    days = [LAST - timedelta(days=28 * back) for back in range(dates)]
    rows = pieces = 0
    with Home(Settings(folder)) as home:
        began, used = time.perf_counter(), time.process_time()
        for piece in stream(home.warehouse, days):
            rows, pieces = rows + len(piece), pieces + 1
        taken, cpu = time.perf_counter() - began, time.process_time() - used
    return {"dates": dates, "rows": rows, "features": len(FEATURES), "pieces": pieces,
            "seconds": round(taken, 1), "cpu_seconds": round(cpu, 1),
            "peak_mib": round(peak_mib())}  # fmt: skip


def scored(folder: Path) -> dict[str, Any]:
    """One as-of day of scoring, end to end: features, the mean of both kinds, reasons, the events
    behind them, and all of it recorded and projected.

    The model learns a risk drawn from several of the features (RISK), on a day a quarter before, so
    that children have reasons of several kinds. → `children`, `reasons`, `events` behind them,
    `seconds`, of these until the events behind are found (`computed`) and until all stands in the
    log (`recorded`), `peak_mib`.
    """
    from infra.foresight import record, score_event
    from infra.home import Home
    from infra.settings import Settings
    from risk.scoring import score

    with Home(Settings(folder)) as home:
        model, usual = _learned(home)
        _in_the_index(home)
        card, stamp = SimpleNamespace(model_id="bench", typical=usual), f"{time.time_ns():x}"[-8:]
        began, used = time.perf_counter(), time.process_time()
        scores = score(home.warehouse, model, cast("Card", card), LAST)
        first = next(scores)
        computed, counted = time.perf_counter() - began, Counter[str]()

        def events() -> Iterator[Incoming]:
            for each in chain((first,), scores):
                counted["children"] += 1
                counted["reasons"] += len(each.fact.reasons)
                counted["events"] += sum(len(reason.event_ids) for reason in each.fact.reasons)
                yield score_event(each.child_id, each.fact, stamp)

        record(home, events())
        recorded = time.perf_counter() - began
        home.catch_up()
        taken, cpu = time.perf_counter() - began, time.process_time() - used
    return {**counted, "computed": round(computed, 1), "recorded": round(recorded, 1),
            "seconds": round(taken, 1), "cpu_seconds": round(cpu, 1),
            "peak_mib": round(peak_mib())}  # fmt: skip


def _learned(home: Home) -> tuple[Any, list[float]]:
    """The model, and what is usual."""
    from risk.matrix import fetch
    from risk.models import fit
    from risk.reasons import typical

    past = fetch(home.warehouse, [LAST - timedelta(days=91)])
    rng = np.random.default_rng(1)
    part = past.where(rng.random(len(past)) < LEARNED / len(past))
    odds = BASE + sum(weight * part.column(name) for name, weight in RISK.items())
    label = (rng.random(len(part)) < 1 / (1 + np.exp(-odds))).astype(np.uint8)
    return fit("both", replace(part, label=label)), typical(part.values)


def _in_the_index(home: Home) -> None:
    """Enter the children in the log's index: their read models were filled without a log."""
    from infra.intake.locate import KNOWN, UPSERT

    found = home.warehouse.query("SELECT child_id, village_code FROM children").result_rows
    with home.log.store.writing() as cursor:
        cursor.executemany(
            UPSERT, [(child.bytes, None, village, KNOWN) for child, village in found]
        )


def main() -> None:
    """Fill if need be, then one date and twelve, and one day's scores, each in a fresh process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=200_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--step", default="")
    parser.add_argument("--dates", type=int, default=DATES)
    given = parser.parse_args()
    if given.step == "fill":
        fill(given.home, given.children)
    elif given.step == "scored":
        sys.stdout.write(f"{scored(given.home)}\n")
    elif given.step == "measure":
        sys.stdout.write(f"{measure(given.home, given.dates)}\n")
    else:
        with TemporaryDirectory() as spare:
            home = given.home or Path(spare) / "home"
            if not home.exists():
                home.mkdir(parents=True)
                _again(home, "fill", "--children", str(given.children))
            for dates in (1, DATES):
                _again(home, "measure", "--dates", str(dates))
            _again(home, "scored")


def _again(home: Path, step: str, *more: str) -> None:
    command = [sys.executable, "-m", "bench.matrix", "--home", str(home), "--step", step, *more]
    subprocess.run(command, check=True)  # noqa: S603 - ourselves


if __name__ == "__main__":
    main()
