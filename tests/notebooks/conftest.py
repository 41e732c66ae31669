"""A small county in a home, for the rooms to look at."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate

START, UNTIL, CHILDREN = date(2024, 1, 8), date(2026, 3, 16), 400
AS_OF = date(2026, 3, 15)


def make(folder: Path) -> None:
    """Two years and more of a county; `truth.jsonl` beside its log."""
    with Home(Settings(folder)) as home, (folder / "truth.jsonl").open("wb") as truth:
        lines = simulate(children=CHILDREN, start=START, until=UNTIL, seed=6, truth=truth)
        home.intake.submit(list(lines))
        home.catch_up()


@pytest.fixture(scope="session")
def folder(copied: Any) -> Path:
    """A home with that county, the same for all rooms."""
    own: Path = copied("rooms", make)[0]
    return own


@pytest.fixture(scope="session")
def names(folder: Path) -> set[str]:
    """Every child's name and phone, as the keys of the home still open them."""
    import json

    found = set()
    with Home(Settings(folder)) as home, home.log.store.reading() as cursor:
        rows = cursor.execute(
            "SELECT state FROM stored_events WHERE topic = 'child.registered.v1'"
        ).fetchall()
        for (state,) in rows:
            event = json.loads(state)
            for field in ("name", "phone", "address"):
                if token := event["data"].get(field):
                    found.add(home.keys.decrypt(f"child/{event['subject']}", token))
    return {each for each in found if each and len(each) > 1}
