"""`python -m bench --events N`: the table of ratios. Ends with 1 where a promise is broken."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import msgspec

from bench.measure import Line
from bench.sections import SECTIONS
from infra.console import note, out, table

MEMORY = 1.2
"""Peak memory at four times the events may be so many times that of once."""

_lines = msgspec.json.Decoder(list[Line])


def main() -> int:
    """Run the sections one after the other, print the table."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", choices=[*SECTIONS, "memory"], action="append")
    parser.add_argument("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.section:
        found = list(SECTIONS[options.section](options.events))
        sys.stdout.write(msgspec.json.encode(found).decode())
        return 0
    wanted = options.only or [*(name for name in SECTIONS if name != "road"), "memory"]
    lines: list[Line] = []
    for name in wanted:
        note(f"bench: {name}")
        lines += _memory(options.events) if name == "memory" else _apart(name, options.events)
    show(lines, options.events)
    return 0 if all(line.holds for line in lines) else 1


def _apart(section: str, events: int) -> list[Line]:
    """One section in a process of its own."""
    command = [sys.executable, "-m", "bench", "--section", section, "--events", str(events)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own
    return _lines.decode(done.stdout)


def _memory(events: int) -> Iterator[Line]:
    """Peak memory of the whole road with once and with four times the events."""
    (one,), (four,) = _apart("road", events), _apart("road", 4 * events)
    peaks = float(one.note), float(four.note)
    yield Line(
        name="peak memory, 1 × ÷ 4 ×",
        ours=peaks[0],
        other=peaks[1],
        floor=1 / MEMORY,
        note=f"{peaks[0]:.0f} and {peaks[1]:.0f} MiB; {one.ours:,.0f}, {four.ours:,.0f} events/s",
    )


def show(lines: list[Line], events: int) -> None:
    """The table, and which promises don't hold."""
    rows = [
        (
            line.name,
            f"{line.ours:,.0f}",
            f"{line.other:,.0f}" if line.other else "–",
            f"{line.ratio:.2f}" if line.other else "–",
            "–" if line.floor is None else f"≥ {line.floor:.2g}",
            "✓" if line.holds else "✗",
            line.note,
        )
        for line in lines
    ]
    table(f"{events:,} events", ("what", "ours /s", "other /s", "ratio", "floor", "", ""), rows)
    broken = [line.name for line in lines if not line.holds]
    out(f"{len(broken)} promises broken" if broken else "every promise holds")


if __name__ == "__main__":
    sys.exit(main())
