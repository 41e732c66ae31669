"""Every feature for a province: 200,000 children, twelve dates, some 50 million events.

    python -m bench.matrix [--children 200000] [--home DIR]      (a new DIR is filled first)

The filling runs in a process of its own, so that the peak told is that of making features alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bench.measure import peak_mib

if TYPE_CHECKING:
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
    """One as-of day of scoring: features, the mean of both kinds, reasons, the events behind them.

    The model learns a risk drawn from several of the features (RISK), on a day a quarter before, so
    that children have reasons of several kinds. → `children`, `reasons`, `events` behind them,
    `seconds`, `peak_mib`.
    """
    from infra.home import Home
    from infra.settings import Settings
    from risk.matrix import fetch
    from risk.models import fit
    from risk.reasons import typical
    from risk.scoring import score

    with Home(Settings(folder)) as home:
        past = fetch(home.warehouse, [LAST - timedelta(days=91)])
        rng = np.random.default_rng(1)
        some = rng.random(len(past)) < LEARNED / len(past)
        part = past.where(some)
        odds = BASE + sum(weight * part.column(name) for name, weight in RISK.items())
        label = (rng.random(len(part)) < 1 / (1 + np.exp(-odds))).astype(np.uint8)
        part = replace(part, label=label)
        model, usual = fit("both", part), typical(part.values)
        del past, part
        card = SimpleNamespace(model_id="bench", typical=usual)
        began, used = time.perf_counter(), time.process_time()
        children = reasons = events = 0
        for each in score(home.warehouse, model, cast("Card", card), LAST):
            children, reasons = children + 1, reasons + len(each.fact.reasons)
            events += sum(len(reason.event_ids) for reason in each.fact.reasons)
        taken, cpu = time.perf_counter() - began, time.process_time() - used
    return {"children": children, "reasons": reasons, "events": events,
            "seconds": round(taken, 1), "cpu_seconds": round(cpu, 1),
            "peak_mib": round(peak_mib())}  # fmt: skip


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
