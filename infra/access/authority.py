"""What a sender may record: event types by pattern, and places by prefix.

A service is bound by `services.toml`, a person by role and place (table.py). Whoever has the
machine itself (`shouhe import`, this system's own events) is bound by nothing.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

from domain.errors import Refusal
from domain.event import Incoming
from infra.access.reader import Reader
from infra.access.table import EMITS

CODE = "not_authorised"


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """One sender's reach.

    types        event types, `school.*`; ("*",): all
    places       beginnings of place codes, `520526`; ("",): everywhere
    sources      what its events may name as `source`, `/weining/*`
    dates_back   may say when it learned of a fact (`recordedtime`); others learn of it now
    """

    name: str
    types: tuple[str, ...] = ("*",)
    places: tuple[str, ...] = ("",)
    sources: tuple[str, ...] = ("*",)
    dates_back: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether no place is closed to it."""
        return "" in self.places

    def covers(self, place: str) -> bool:
        """Whether a place lies within its places; no place does, but for whoever is everywhere."""
        return place.startswith(self.places)

    def refusal(self, incoming: Incoming) -> Refusal | None:
        """What can be said before anything is looked up: type, source, own words of time, place."""
        if incoming.recordedtime is not None and not self.dates_back:
            return Refusal(
                CODE, "recordedtime", "",
                "this sender may not say when a fact became known; leave it out"
            )  # fmt: skip
        if not _fits(self.sources, incoming.source):
            return Refusal(
                CODE, "source", "",
                "this sender may not send under this source; use its own"
            )  # fmt: skip
        if incoming.place and (refusal := self.place_refusal(incoming.place)):
            return refusal
        return self.type_refusal(incoming.type)

    def type_refusal(self, type_name: str) -> Refusal | None:
        """None where it may record such events."""
        if _fits(self.types, type_name):
            return None
        return Refusal(
            CODE, "type", type_name,
            "this sender may not record such events; ask the administrator for the type"
        )  # fmt: skip

    def place_refusal(self, place: str, field: str = "place") -> Refusal | None:
        """None where it may record what happens at a place the event itself names."""
        if self.covers(place):
            return None
        return Refusal(
            CODE, field, place,
            "this place is outside those of this sender; send for your own places only"
        )  # fmt: skip


EVERYTHING = Authority(name="", dates_back=True)
"""Of whoever has the machine."""


def of_reader(reader: Reader) -> Authority:
    """A signed-in person's: by role and place."""
    return Authority(name=reader.person, types=EMITS.get(reader.role, ()), places=(reader.place,))


@lru_cache(4096)
def _fits(patterns: tuple[str, ...], type_name: str) -> bool:
    return any(fnmatchcase(type_name, each) for each in patterns)
