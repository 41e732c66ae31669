"""One simulated county for all tests here: 3,000 children, two years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.event import child_id
from simulation.county import simulate

START, UNTIL, CHILDREN = date(2024, 1, 1), date(2026, 1, 15), 3000


class Wire(msgspec.Struct):
    """A line, read without its classes."""

    id: str
    source: str
    type: str
    time: str
    recordedtime: str
    data: dict[str, Any]
    actorrole: str
    subject: str = ""
    actor: str = ""
    corrects: str = ""

    @property
    def occurred(self) -> int:
        """Ordinal day."""
        return ordinal(self.time)

    @property
    def recorded(self) -> int:
        """Ordinal day."""
        return ordinal(self.recordedtime)


@dataclass
class Simulated:
    """What came out: raw lines, events by child, the truth."""

    lines: list[bytes]
    events: list[Wire]
    by_child: dict[str, list[Wire]] = field(default_factory=lambda: defaultdict(list))
    hazards: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    episodes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def child_years(self) -> float:
        """Time on the ledger, of all children."""
        return sum(map(len, self.hazards.values())) * 7 / 365.25

    def rate(self, type_: str, **values: str) -> float:
        """Events of a type (and with these values) a 1,000 child-years."""
        found = sum(
            each.type == type_ and all(each.data[key] == value for key, value in values.items())
            for each in self.events
        )
        return 1000 * found / self.child_years


def ordinal(text: str) -> int:
    """The ordinal of a date or moment's day."""
    return date.fromisoformat(text[:10]).toordinal()


def make(folder: Path) -> None:
    """The county's events and its truth, as files."""
    with (folder / "events.jsonl").open("wb") as out, (folder / "truth.jsonl").open("wb") as truth:
        lines = simulate(children=CHILDREN, start=START, until=UNTIL, seed=6, truth=truth)
        out.writelines(line + b"\n" for line in lines)


@pytest.fixture(scope="session")
def county(copied: Callable[..., tuple[Path, Any]]) -> Simulated:
    """The simulated county. Tests only read it."""
    folder, _ = copied("simulated", make)
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    decode = msgspec.json.Decoder(Wire).decode
    made = Simulated(lines, [decode(line) for line in lines])
    keys: dict[str, str] = {}
    for each in made.events:
        key = keys.get(each.subject, each.subject)
        if each.type == "child.registered.v1":
            key = str(child_id(each.source, each.id))
            keys[each.data.get("id_number") or key] = key
        if key:
            made.by_child[key].append(each)
    for line in (folder / "truth.jsonl").read_bytes().splitlines():
        row = msgspec.json.decode(line)
        if row["kind"] == "hazard":
            made.hazards[ordinal(row["day"])].append(row)
        else:
            made.episodes.append(row)
    return made
