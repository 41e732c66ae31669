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

import tomllib
from typing import Annotated

import msgspec

from domain.errors import SettingsError
from domain.visit_list import Costs
from infra.settings import Settings

FILE = "travel.toml"
Minutes = Annotated[int, msgspec.Meta(ge=0, le=480)]
Place = Annotated[str, msgspec.Meta(pattern="^[0-9]{2,12}$")]


class Travel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minutes by the beginning of a village's code."""

    default: Minutes = Costs().travel
    places: dict[Place, Minutes] = {}

    def costs(self, village: str) -> Costs:
        """What a visit and a call take there."""
        for length in range(len(village), 0, -1):
            if village[:length] in self.places:
                return Costs(travel=self.places[village[:length]])
        return Costs(travel=self.default)


def travel_of(settings: Settings) -> Travel:
    """The ways of a home: `travel.toml`, or the default everywhere. Raises SettingsError."""
    try:
        return msgspec.convert(tomllib.loads((settings.home / FILE).read_text("utf-8")), Travel)
    except FileNotFoundError:
        return Travel()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{FILE}: {error}; mend the file") from None
