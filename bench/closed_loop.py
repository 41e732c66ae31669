"""`python -m bench.closed_loop`: the list beside duty alone, on counties kept for judging.

Each county is lived once under every policy (simulation.lab) and kept in a folder, so that counties
can be lived one after the other, or on several cores, and are shown together. Numbers from 301 on
are kept for this: no rule of the list was chosen by looking at them. A county of 5,000 children has
about as many as a real one (475,000 left-behind children in 88 counties); it takes about three
minutes on one core. With `--variants` each number is another county (simulation.variants): other
rates, other habits of its directors, and a year that has drifted from what the model learned on.

With `--parts` no list is judged: each part of its rules is taken away, or turned, on counties of
development, and what the list prevents then is shown beside what it prevents as it is.

Ends with 1 where the list prevents less than LEAST times what duty alone does,
or a group is surely worse off.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from domain.visit_list import Rules
from infra.commands.policy_lab import show
from infra.console import note, out, table
from simulation.lab.closed_loop import Lived, Setting, live
from simulation.lab.compare import groups, outcomes, parts
from simulation.lab.policies import Policy

FIRST = 301
LEAST = 1.5
POLICIES: tuple[Policy, ...] = ("none", "duty", "due_order", "points", "model", "truth")

NEVER = 10**5
"""Days, or times, that do not come."""

PARTS: dict[str, Rules] = {
    "worth in proportion to the score": Rules(even=1.0),
    "worth by the score alone, however lately visited": Rules(even=1.0, regain_days=0),
    "no calls before they fall due": Rules(call_pause_days=NEVER),
    "a household rests for a week": Rules(pause_days=7),
    "a household never rests": Rules(pause_days=0),
    "no ceiling of visits to a household": Rules(most_extra=NEVER),
    "no lot": Rules(random_share=0.0),
    "no share for the little known": Rules(information_share=0.0),
    "no floor for the unseen": Rules(unseen_days=NEVER),
    "none of lot, share and floor": Rules(
        random_share=0.0, information_share=0.0, unseen_days=NEVER
    ),
}
BESIDE: tuple[Policy, ...] = ("none", "duty", "due_order", "model", "truth", "oracle")
SAID = {
    "due_order": "on in due order, no score",
    "truth": "the hidden hazard instead of the score",
    "oracle": "an oracle that knows who is in unseen harm, and for how long yet",
}


def years(seed: int, children: int, folder: Path, *, variants: bool = False) -> list[Lived]:
    """A county's year under each policy: as it is kept, or else lived now, and kept."""
    kept = folder / f"{seed}-{children}{'-variant' if variants else ''}.msgpack"
    if not kept.exists():
        setting = Setting(children=children, variant=seed if variants else None)
        lived = live(seed, setting, POLICIES)
        kept.write_bytes(msgspec.msgpack.encode(lived))
    return msgspec.msgpack.decode(kept.read_bytes(), type=list[Lived])


def taken_apart(seed: int, children: int, folder: Path) -> list[Lived]:
    """A county's year without each part of the rules, and beside it: kept, or else lived now."""
    kept = folder / f"{seed}-{children}-parts.msgpack"
    if not kept.exists():
        lived = live(seed, Setting(children=children), BESIDE, PARTS)
        kept.write_bytes(msgspec.msgpack.encode(lived))
    return msgspec.msgpack.decode(kept.read_bytes(), type=list[Lived])


def show_parts(lived: Sequence[Lived], counties: int) -> None:
    """What each part is worth, in shares of what duty alone prevents."""
    rows = [
        (SAID.get(each.part, each.part), _share(each.saved, each.saved_within),
         _share(each.lived, each.lived_within))
        for each in parts(lived)
    ]  # fmt: skip
    columns = ("the list, but …", "more prevented, by chances", "as it was lived")
    table(f"{counties} counties, in shares of what duty alone prevents", columns, rows)
    own = next(each for each in outcomes(lived) if each.policy == "model")
    low, high = own.ratio_within
    out(f"as it is, it prevents {own.ratio:.2f} ({low:.2f} to {high:.2f}) times what duty does")


def _share(value: float, within: tuple[float, float]) -> str:
    return f"{value:+.3f} ({within[0]:+.3f} to {within[1]:+.3f})"


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
    parser.add_argument("--parts", action="store_true", help="what each part is worth")
    parser.add_argument("--variants", action="store_true", help="counties of other rates")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    lived: list[Lived] = []
    for seed in range(given.first, given.first + given.counties):
        note(f"county {seed}")
        if given.parts:
            lived += taken_apart(seed, given.children, given.folder)
        else:
            lived += years(seed, given.children, given.folder, variants=given.variants)
    if given.parts:
        show_parts(lived, given.counties)
        return 0
    show(lived)
    kept = holds(lived)
    out(f"at least {LEAST} times duty alone, nobody surely worse off: {'yes' if kept else 'no'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
