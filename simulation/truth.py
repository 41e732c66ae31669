"""The hidden truth, for judging a model afterwards. No feature may read it.

Two kinds of row, one JSON object a line:
`{"kind":"hazard","child_id","day","hazard","in_harm","p90"}` each Monday for each child on the
ledger: the rate of new serious harm (a year), whether an episode is going on unseen, and the
probability that serious harm is going on or begins within 90 days at that rate;
`{"kind":"episode","child_id","harm","start","end","found","found_by"}` once an episode is over
(`found` is null where nobody ever saw it).
"""

from __future__ import annotations

from datetime import date
from math import exp
from typing import IO

import msgspec


class HazardRow(msgspec.Struct, tag_field="kind", tag="hazard"):
    """A child's hidden risk as of the morning of a day."""

    child_id: str
    day: date
    hazard: float
    in_harm: bool
    p90: float


class EpisodeRow(msgspec.Struct, tag_field="kind", tag="episode"):
    """A hidden episode of serious harm; `end` is the first day without it."""

    child_id: str
    harm: str
    start: date
    end: date
    found: date | None
    found_by: str


class Truth:
    """Writes the truth to a binary file, or nowhere."""

    def __init__(self, to: IO[bytes] | None = None) -> None:
        self._to = to

    def hazard(self, child: str, day: str, hazard: float, in_harm: bool) -> None:
        """One child, one Monday. `hazard` is a rate a year."""
        if self._to is None:
            return
        p90 = 1.0 if in_harm else 1.0 - exp(-hazard * 90 / 365.25)
        self._to.write(
            f'{{"kind":"hazard","child_id":"{child}","day":"{day}","hazard":{hazard:.6f},'
            f'"in_harm":{"true" if in_harm else "false"},"p90":{p90:.6f}}}\n'.encode()
        )

    def unseen(self, child: str, monday: int, end: int) -> None:
        """A child in harm that nobody has seen, and the day on which it would be over by itself."""

    def looked(self, child: str, day: int, chance: float, end: int) -> None:
        """The way to such a child, and the chance that it is there and its harm is seen."""

    def episode(self, child: str, harm: str, span: tuple[int, int], found: int, by: str) -> None:
        """An episode that is over, or still going on at the end of the simulation."""
        if self._to is None:
            return
        row = EpisodeRow(
            child_id=child,
            harm=harm,
            start=date.fromordinal(span[0]),
            end=date.fromordinal(span[1]),
            found=date.fromordinal(found) if found else None,
            found_by=by,
        )
        self._to.write(msgspec.json.encode(row) + b"\n")
