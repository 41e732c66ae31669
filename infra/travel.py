"""路程: minutes there and back for a visit, by village (`travel.toml` in the data directory).

    default = 15                # where nothing else is said

    [places]
    "520526100201" = 40         # a village
    "520526" = 20               # every village of a county that has no line of its own

No event says how far a house is, and addresses are sealed; so who knows the roads writes it down.
The longest beginning of a village's code holds. A director's list is made for one village, so that
the way says how many visits fit in the week: a far village's list is shorter, and true.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec

from domain.errors import SettingsError
from domain.visit_list import Costs
from infra.settings import Settings

FILE = "travel.toml"
LONGEST = 480
USUAL = Costs().travel
_PLACE = re.compile("[0-9]{2,12}")


class Travel(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes by the beginning of a village's code."""

    default: int = USUAL
    places: dict[str, int] = {}

    def costs(self, village: str) -> Costs:
        """What a visit and a call take there."""
        for length in range(len(village), 0, -1):
            if village[:length] in self.places:
                return Costs(travel=self.places[village[:length]])
        return Costs(travel=self.default)


def travel_of(settings: Settings) -> Travel:
    """The ways of a home: `travel.toml`, or the default everywhere. Raises SettingsError."""
    try:
        said = tomllib.loads((settings.home / FILE).read_text("utf-8-sig"))
    except FileNotFoundError:
        return Travel()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{FILE}: {error}; mend the file") from None
    return _checked(**said)


def _checked(default: Any = USUAL, places: Any = None, **unknown: Any) -> Travel:
    """What a file says. Raises SettingsError: which line, what it says, what to write."""
    for name, value in unknown.items():
        raise _wrong(name, value, "is not known; mend the file: write ways below [places]")
    ways = {} if places is None else places
    if not isinstance(ways, dict):
        raise _wrong("places", ways, 'is no table; mend the file: [places], below it "520526" = 20')
    for place in ways:
        if not _PLACE.fullmatch(place):
            raise _wrong(
                f"places.{place}",
                ways[place],
                'is of no place; mend the file: 2 to 12 digits of a code, such as "520526" = 20',
            )
    for name, way in (("default", default), *((f"places.{place}", ways[place]) for place in ways)):
        if type(way) is not int or not 0 <= way <= LONGEST:
            raise _wrong(name, way, f"is no way; mend the file: whole minutes, 0 to {LONGEST}")
    return Travel(default=default, places=ways)


def _wrong(name: str, value: Any, what: str) -> SettingsError:
    return SettingsError(f"{FILE}: {name} = {value!r} {what}")
