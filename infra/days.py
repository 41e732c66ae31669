"""Which days can be asked about: those that ClickHouse's Date holds, and the day after each."""

from __future__ import annotations

from datetime import date

FIRST, LAST = date(1970, 1, 1), date(2149, 6, 5)


def storable(_: object, value: object) -> None:
    """Check what a command was given, whatever it is. Raises ValueError for a day not held.

    Every option of every command is read through here (infra/cli.py): a day outside would be
    cut to one inside, and answered as if nothing were there.
    """
    if isinstance(value, date) and not FIRST <= value <= LAST:
        raise ValueError(f"Days from {FIRST} to {LAST} can be asked about; use one of them.")
