"""`python -m bench.held_out`: what must be shown, on counties that nobody looked at before.

Each county is made from a number (simulation.variants): other rates, other habits, a last year that
has drifted. It goes the whole road by commands: simulate, import, judge. Numbers from 100 on are
kept for this: a figure on them is worth something only while nothing was chosen by looking at them.
Ends with 1 where a county misses what must be shown.

With --counties 5 of 5,000 children: about 6 minutes a county on one core. With --folder DIR the
figures of each county are kept there, and a county is judged once: asked again, the same figures
are shown. --make only makes the counties, so that judging can begin at once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from infra.console import note, out, table

FIRST = 100
"""Variants below serve development; the script refuses them unless told."""

ORDERS = ("model", "statutory", "points", "points_history", "last_week", "random", "truth")

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
    above = judged["intervals"].get("above_statutory", {}).get("model")
    if above is not None:
        yield Promise("model − statutory, lower bound", above[0], 0.0)


class Period(NamedTuple):
    """What is simulated: how many children, from when to the day before when."""

    children: int
    start: date
    until: date


def make(number: int, period: Period, folder: Path) -> None:
    """One county from nothing, in an empty folder: a home, and `truth.jsonl`."""
    events, truth = folder / "events.jsonl", folder / "truth.jsonl"
    span = ("--from", str(period.start), "--until", str(period.until))
    size = ("--children", str(period.children), "--seed", str(number), "--variant", str(number))
    _shouhe(folder, "simulate", str(events), *span, *size, "--truth", str(truth))
    _shouhe(folder, "import", str(events))
    events.unlink()
    (folder / "made").touch()


def judge(period: Period, folder: Path) -> dict[str, Any]:
    """The figures of a county that was made."""
    truth = folder / "truth.jsonl"
    last = period.until - timedelta(days=1)
    days = ("--from", str(last - JUDGED), "--until", str(last))
    said = _shouhe(folder, "judge", *days, "--truth", str(truth), "--json")
    judged: dict[str, Any] = json.loads(said)
    return judged


def of_county(number: int, period: Period, folder: Path) -> dict[str, Any]:
    """Its figures: those that are kept, or else made now, and kept."""
    kept, home = folder / f"{number}.json", folder / f"county-{number}"
    if not kept.exists():
        made(number, period, folder)
        kept.write_text(json.dumps(judge(period, home), ensure_ascii=False), "utf-8")
    judged: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return judged


def made(number: int, period: Period, folder: Path) -> None:
    """See that the county is there."""
    home = folder / f"county-{number}"
    if not (home / "made").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        make(number, period, home)


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
    rows, broken = [], []
    for number, judged in all_judged.items():
        found, within = judged["found_per_100_visits"], judged["intervals"]["found_per_100_visits"]
        rows.append((number, *(_found(found, within, name) for name in ORDERS)))
    table("found per 100 visits, at the directors' capacity", ("county", *ORDERS), rows)
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


def markdown(all_judged: dict[int, dict[str, Any]]) -> str:
    """The same for docs/decisions/0006-judging.md: a row a county, intervals in brackets."""
    heads = ("county", *ORDERS, "÷ statutory", "÷ points", "÷ truth", "ECE", "above statutory")
    rows = [heads, tuple("---" for _ in heads)]
    for number, judged in all_judged.items():
        found, within = judged["found_per_100_visits"], judged["intervals"]["found_per_100_visits"]
        low, high = judged["intervals"]["above_statutory"]["model"]
        rows.append((
            str(number),
            *(_found(found, within if name == "model" else {}, name) for name in ORDERS),
            *(f"{found['model'] / found[name]:.2f}" for name in ("statutory", "points", "truth")),
            f"{judged['ece']:.3f}",
            f"{low:.2f}–{high:.2f}",
        ))  # fmt: skip
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _found(found: dict[str, float], within: dict[str, Any], name: str) -> str:
    if name not in found:
        return "–"
    low, high = within.get(name) or (None, None)
    span = "" if low is None else f" ({low:.2f}–{high:.2f})"
    return f"{found[name]:.2f}{span}"


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
    parser.add_argument("--markdown", action="store_true", help="print a table for the docs")
    parser.add_argument("--folder", type=Path, help="keep counties and figures there")
    parser.add_argument("--make", action="store_true", help="make the counties, judge nothing")
    options = parser.parse_args()
    if options.first < FIRST and not options.development:
        parser.error(f"--first: {options.first} is for development; begin at {FIRST}")
    period = Period(options.children, options.start, options.until)
    judged: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="shouhe-held-out-") as spare:
        folder = options.folder or Path(spare)
        for number in range(options.first, options.first + options.counties):
            note(f"county {number}")
            if options.make:
                made(number, period, folder)
            else:
                judged[number] = of_county(number, period, folder)
    if options.make:
        return 0
    if options.json:
        sys.stdout.write(json.dumps(judged, ensure_ascii=False, indent=1) + "\n")
        return 0
    if options.markdown:
        sys.stdout.write(markdown(judged))
        return 0
    broken = show(judged)
    out("\n".join(["does not hold:", *broken]) if broken else "everything holds")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
