"""Places that can be asked about: a code that nobody lives at would read as "nothing overdue"."""

from __future__ import annotations

import re
from typing import Any

from domain.divisions import names
from domain.errors import WrongUsageError

_PLACE = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?")

SEEN = """
SELECT (SELECT count() FROM residences WHERE startsWith(village_code, {place:String}))
    + (SELECT count() FROM workers WHERE startsWith(place, {place:String}))
    + (SELECT count() FROM (SELECT 1 FROM events WHERE startsWith(place, {place:String}) LIMIT 1))
"""


def check_code(place: str) -> None:
    """Raises WrongUsageError for what is no place code. Empty: everywhere."""
    if place and not _PLACE.fullmatch(place):
        raise WrongUsageError(
            f"--place: {place!r} is no place code; use 2, 4, 6, 9 or 12 digits, such as 520526"
        )


def check_known(client: Any, place: str) -> None:
    """Raises WrongUsageError for a place that is neither on the map nor in the log.

    On the map are the province's divisions of one year (domain/divisions.py). In the log are new
    and renumbered ones: where a child lives, a worker works, or something happened.
    """
    check_code(place)
    if not place or place in names():
        return
    if not client.query(SEEN, {"place": place}).result_rows[0][0]:
        raise WrongUsageError(
            f"--place: {place!r} is no division of Guizhou, and nothing is recorded of it;"
            " use its code, such as 520526"
        )
