"""Every feature for a province: 200,000 children, twelve dates, some 50 million events.

    python -m bench.matrix [--children 200000] [--home DIR]      (a new DIR is filled first)

The filling runs in a process of its own, so that the peak told is that of making features alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import peak_mib

DATES = 12
LAST = date(2026, 8, 30)


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


def main() -> None:
    """Fill if need be, then one date and twelve, each in a fresh process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=200_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--step", default="")
    parser.add_argument("--dates", type=int, default=DATES)
    given = parser.parse_args()
    if given.step == "fill":
        fill(given.home, given.children)
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


def _again(home: Path, step: str, *more: str) -> None:
    command = [sys.executable, "-m", "bench.matrix", "--home", str(home), "--step", step, *more]
    subprocess.run(command, check=True)  # noqa: S603 - ourselves


if __name__ == "__main__":
    main()
