"""How the county's standards rise from year to year."""

from __future__ import annotations

from datetime import date

from simulation.state import County


def raised(county: County, fen: int, day: int) -> int:
    """An amount of the first year, in the year of a day: four per cent more each January (K)."""
    for _ in range(date.fromordinal(day).year - date.fromordinal(county.start).year):
        fen = fen * 104 // 100
    return fen
