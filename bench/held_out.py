"""`python -m bench.held_out`: what must be shown, on counties that nobody looked at before.

Each county is made from a number (simulation.variants): other rates, other habits, a last year that
has drifted. It goes the whole road by commands: simulate, import, judge. Numbers from 100 on are
kept for this: a figure on them is worth something only while nothing was chosen by looking at them.
Ends with 1 where a county misses what must be shown.

With --counties 5 of 5,000 children: about 6 minutes a county on one core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from infra.cli import COMMANDS
from infra.console import note, out, table

FIRST = 100
"""Variants below serve development; the script refuses them unless told."""

JUDGED = timedelta(days=365)
"""The drifted year is judged."""


class Promise(NamedTuple):
    """One thing that must be shown of a county: what, the figure, the limit, whether it holds."""

    name: str
    figure: float
    limit: float
    most: bool = False

    @property
    def holds(self) -> bool:
        """At least the limit; at most, where it is a ceiling."""
        return self.figure <= self.limit if self.most else self.figure >= self.limit


def promises(judged: dict[str, Any]) -> Iterator[Promise]:
    """What a county's figures are held to; those that `judged` has no figure for are left out."""
    found = judged["found_per_100_visits"]
    model = found["model"]
    for other, least in (("statutory", 2.0), ("points", 1.3), ("truth", 0.6)):
        if found.get(other):
            yield Promise(f"model ÷ {other}", model / found[other], least)
    yield Promise("ECE", judged["ece"], 0.03, most=True)
    low = _low(judged.get("intervals"))
    if low is not None:
        yield Promise("lower bound ÷ statutory", low / found["statutory"], 1.0)


def _low(intervals: Any) -> float | None:
    """The lower bound of the model's finds per 100 visits, however it is nested."""
    if not isinstance(intervals, dict):
        return None
    found = intervals.get("found_per_100_visits", intervals)
    found = found.get("model", found) if isinstance(found, dict) else found
    if isinstance(found, dict):
        found = found.get("low", found.get("lower"))
    if isinstance(found, Sequence) and found:
        found = found[0]
    return float(found) if isinstance(found, int | float) else None


class Period(NamedTuple):
    """What is simulated: how many children, from when to the day before when."""

    children: int
    start: date
    until: date


def judge(number: int, period: Period, folder: Path) -> dict[str, Any]:
    """The figures of one county, made from nothing in an empty folder."""
    events, truth = folder / "events.jsonl", folder / "truth.jsonl"
    span = ("--from", str(period.start), "--until", str(period.until))
    size = ("--children", str(period.children), "--seed", str(number), "--variant", str(number))
    _shouhe(folder, "simulate", str(events), *span, *size, "--truth", str(truth))
    _shouhe(folder, "import", str(events))
    events.unlink()
    last = period.until - timedelta(days=1)
    if "judge" not in COMMANDS:
        return _of_training(folder, last, truth)
    days = ("--from", str(last - JUDGED), "--until", str(last))
    said = _shouhe(folder, "judge", *days, "--truth", str(truth), "--json")
    made: dict[str, Any] = json.loads(said)
    return made


def _of_training(folder: Path, last: date, truth: Path) -> dict[str, Any]:
    """The same figures as `shouhe train` gives them, on its own test dates."""
    said = _shouhe(folder, "train", "--as-of", str(last), "--truth", str(truth), "--json")
    figures = json.loads(said)["figures"]
    found = {each["name"]: each["found_per_100"] for each in figures["rankings"]}
    return {"found_per_100_visits": found, "ece": figures["calibration"]["ece"]}


def _shouhe(home: Path, *words: str) -> str:
    """One command on a home; what it says in passing is shown.

    Raises CalledProcessError for anything but success: a county of ours whose own events are
    refused (exit code 3) is a fault of the simulation, and no figure on it is worth anything.
    """
    command = [sys.executable, "-m", "infra", *words]
    environment = {**os.environ, "SHOUHE_HOME": str(home)}
    done = subprocess.run(  # noqa: S603 - our own
        command, stdout=subprocess.PIPE, check=True, env=environment, text=True
    )
    return done.stdout


def show(all_judged: dict[int, dict[str, Any]]) -> list[str]:
    """The tables. → what does not hold."""
    names = ("model", "statutory", "points", "random", "last_week", "truth")
    rows, broken = [], []
    for number, judged in all_judged.items():
        found = judged["found_per_100_visits"]
        rows.append((number, *(f"{found[n]:.2f}" if n in found else "–" for n in names)))
    table("found per 100 visits, at the directors' capacity", ("county", *names), rows)
    lines = []
    for number, judged in all_judged.items():
        for each in promises(judged):
            sign = "≤" if each.most else "≥"
            mark = "✓" if each.holds else "✗"
            lines.append(
                (number, each.name, f"{each.figure:.3f}", f"{sign} {each.limit:.3g}", mark)
            )
            if not each.holds:
                broken.append(f"{number}: {each.name}")
    table("must show", ("county", "what", "figure", "limit", ""), lines)
    return broken


def main() -> int:
    """Make the counties, judge on each, print the tables."""
    parser = argparse.ArgumentParser(prog="bench.held_out", description=__doc__)
    parser.add_argument("--counties", type=int, default=5)
    parser.add_argument("--first", type=int, default=FIRST, help="number of the first county")
    parser.add_argument("--children", type=int, default=5000)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2024, 1, 5))
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 3, 16))
    parser.add_argument("--development", action="store_true", help="allow numbers below 100")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.first < FIRST and not options.development:
        parser.error(f"--first: {options.first} is for development; begin at {FIRST}")
    period = Period(options.children, options.start, options.until)
    judged: dict[int, dict[str, Any]] = {}
    for number in range(options.first, options.first + options.counties):
        note(f"county {number}")
        with tempfile.TemporaryDirectory(prefix="shouhe-held-out-") as folder:
            judged[number] = judge(number, period, Path(folder))
    if options.json:
        sys.stdout.write(json.dumps(judged, ensure_ascii=False, indent=1) + "\n")
        return 0
    broken = show(judged)
    out("\n".join(["does not hold:", *broken]) if broken else "everything holds")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
