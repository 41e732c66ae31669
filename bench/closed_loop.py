"""`python -m bench.closed_loop`: the list beside duty alone, on counties kept for judging.

Each county is lived once under every policy (simulation.lab) and kept in a folder, so that counties
can be lived one after the other, or on several cores, and are shown together. Numbers from 301 on
are kept for this: no rule of the list was chosen by looking at them. A county of 5,000 children has
about as many as a real one (475,000 left-behind children in 88 counties); it takes about three
minutes on one core. Ends with 1 where the list prevents less than LEAST times what duty alone does,
or a group is surely worse off.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from infra.commands.policy_lab import show
from infra.console import note, out
from simulation.lab.closed_loop import Lived, Setting, live
from simulation.lab.compare import groups, outcomes
from simulation.lab.policies import Policy

FIRST = 301
LEAST = 1.5
POLICIES: tuple[Policy, ...] = ("none", "duty", "due_order", "points", "model", "truth")


def years(seed: int, children: int, folder: Path) -> list[Lived]:
    """A county's year under each policy: as it is kept, or else lived now, and kept."""
    kept = folder / f"{seed}-{children}.msgpack"
    if not kept.exists():
        lived = live(seed, Setting(children=children), POLICIES)
        kept.write_bytes(msgspec.msgpack.encode(lived))
    return msgspec.msgpack.decode(kept.read_bytes(), type=list[Lived])


def holds(lived: Sequence[Lived]) -> bool:
    """Whether the list prevents enough, and nobody is worse off by it for sure."""
    ratio = next(each.ratio for each in outcomes(lived) if each.policy == "model")
    return ratio >= LEAST and not any(each.worse_off for each in groups(lived, "model"))


def main() -> int:
    """Live the counties that are not kept yet, and show all of them together."""
    parser = argparse.ArgumentParser(prog="bench.closed_loop", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--counties", type=int, default=7)
    parser.add_argument("--children", type=int, default=5000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    lived: list[Lived] = []
    for seed in range(given.first, given.first + given.counties):
        note(f"county {seed}")
        lived += years(seed, given.children, given.folder)
    show(lived)
    kept = holds(lived)
    out(f"at least {LEAST} times duty alone, nobody surely worse off: {'yes' if kept else 'no'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
