"""A small county whose log grows while its reports are made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

START, UNTIL = date(2025, 5, 5), date(2025, 12, 8)
AS_OF = date(2025, 11, 30)


@dataclass
class County:
    """A home that holds the county up to some line, and the lines that are still to come."""

    home: Home
    later: list[bytes]

    def grow(self) -> int:
        """What comes after: other months, and facts of the months before. → how many."""
        outcomes = self.home.intake.submit(self.later)
        self.home.catch_up()
        return sum(each.status == "accepted" for each in outcomes)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    lines = list(simulate(children=60, start=START, until=UNTIL, seed=9))
    days = [json.loads(line).get("recordedtime", json.loads(line)["time"])[:10] for line in lines]
    # in the middle of the day that is judged: the rest of it comes later
    last = [number for number, day in enumerate(days) if day <= AS_OF.isoformat()]
    cut = last[-3]
    with Home(Settings(tmp_path_factory.mktemp("county"))) as home:
        home.intake.submit(lines[:cut])
        yield County(home, lines[cut:])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")
