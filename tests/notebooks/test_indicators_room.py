"""The room of the 18 tasks shows what the views say, from the county down to a village."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from infra.home import Home
from infra.oversight import indicators, owed
from infra.settings import Settings
from notebooks import indicators as room

AS_OF = date(2026, 3, 15)
COUNTY = "520526"


@pytest.fixture(scope="module")
def shown(folder: Path) -> Any:
    given = {"home": str(folder), "as_of_given": AS_OF.isoformat(), "place": COUNTY}
    outputs, defs = room.app.run(defs=given)
    defs["client"].close()
    return outputs, defs


def test_the_room_says_what_shouhe_indicators_says(folder: Path, shown) -> None:
    _, defs = shown
    rows = defs["found"][["check", "place", "subjects", "met", "late", "open", "overdue"]]
    with Home(Settings(folder)) as home:
        said = indicators(home, AS_OF, COUNTY)
        late = [each for each in owed(home, AS_OF, COUNTY) if each.state == "overdue"]
    assert sorted(map(tuple, rows.itertuples(index=False))) == sorted(
        (e.check, e.place, e.subjects, e.met, e.late, e.open, e.overdue) for e in said
    )
    assert sorted(defs["overdue"]["subject_id"]) == sorted(each.subject_id for each in late)
    assert len(late) > 100


def test_each_task_is_a_bar_and_each_township_a_column(shown) -> None:
    _, defs = shown
    assert set(defs["here"]["task"]) >= {str(number) for number in range(1, 19)} - {"7", "9"}
    townships = set(defs["by_task"]["place"]) - {COUNTY}
    assert townships
    chart = room.places_chart(defs["by_task"], COUNTY)
    assert chart is not None
    assert room.places_chart(defs["here"], COUNTY) is None


def test_no_name_is_shown(shown, names) -> None:
    outputs, defs = shown
    text = " ".join(e.text if hasattr(e, "text") else str(e) for e in outputs if e is not None)
    text += defs["overdue"].to_csv()
    assert len(text) > 1000
    assert [name for name in names if len(name) > 3 and name in text] == []
