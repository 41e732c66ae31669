"""A small county on disk, learned from by several test modules; and a pen for tiny logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.event import SHANGHAI, Event, child_id
from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

START, UNTIL, CHILDREN = date(2024, 1, 8), date(2026, 3, 16), 700
AS_OF = date(2026, 3, 15)
SOURCE = "urn:test"


def make(folder: Path) -> None:
    """Two years and more of a simulated county; `truth.jsonl` beside its log."""
    with (folder / "events.jsonl").open("wb") as out, (folder / "truth.jsonl").open("wb") as truth:
        lines = simulate(children=CHILDREN, start=START, until=UNTIL, seed=3, truth=truth)
        out.writelines(line + b"\n" for line in lines)
    with Home(Settings(folder)) as home:
        counts = home.intake.import_file(folder / "events.jsonl")
        assert counts.rejected == 0
        home.catch_up()


@pytest.fixture(scope="session")
def county(copied: Any) -> Path:
    """A home with that county, the same for all modules of a worker."""
    folder: Path = copied("county", make)[0]
    return folder


@pytest.fixture(scope="module")
def home(county: Path) -> Iterator[Home]:
    """The county's home, open for one module (chDB opens one directory at a time)."""
    with Home(Settings(county)) as opened:
        yield opened


def noon(day: str, hour: int = 12) -> datetime:
    """Noon, or another hour, of a Shanghai day."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(
        hour=hour
    )


class Pen:
    """Writes events of our own vocabulary into a home, through its intake."""

    def __init__(self, home: Home) -> None:
        self.home, self.count = home, 0

    def write(
        self,
        fact: Event,
        occurred: str,
        recorded: str | None = None,
        *,
        child: str = "",
        corrects: str = "",
        place: str = "",
    ) -> str:
        """One event; the days are Shanghai's. → its id within the source."""
        self.count += 1
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"e{self.count}",
            "source": SOURCE,
            "type": fact.TYPE,
            "time": noon(occurred).isoformat(),
            "recordedtime": noon(recorded or occurred, 13).isoformat(),
            "subject": child,
            "actor": "D-1",
            "actorrole": "director",
            "data": {
                key: value for key, value in msgspec.to_builtins(fact).items() if value is not None
            },
        }
        if place:
            body["place"] = place
        if corrects:
            body["corrects"] = corrects
        intake, at = self.home.intake, datetime.now(SHANGHAI)
        own = fact.TYPE == "visit_list.child_listed.v1"
        (outcome,) = intake._submit([msgspec.json.encode(body)], at, own=own)
        assert outcome.status == "accepted", outcome
        return body["id"]

    def child_of(self, id_: str) -> str:
        """The child registered by an event of this pen."""
        return str(child_id(SOURCE, id_))


@pytest.fixture(scope="module")
def pen(empty_homes: Any) -> Iterator[Pen]:
    """A home with nothing in it, and a pen to write with."""
    with Home(Settings(empty_homes())) as opened:
        yield Pen(opened)
