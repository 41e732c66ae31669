"""Lists of two weeks: why their lines differ, and what is left of a child that was forgotten."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.event import event_id
from domain.list_changes import Cause
from infra.cli import run
from infra.home import Home
from infra.list_changes import list_changes
from infra.settings import Settings
from infra.visit_lists import make_lists
from simulation.county import simulate

WEEK, NEXT = "2026-W11", "2026-W12"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Two or three villages of their own, for what is done here; the last test closes it."""
    with Home(Settings(tmp_path_factory.mktemp("weeks") / "home")) as opened:
        span = {"start": date(2025, 11, 3), "until": date(2026, 3, 16)}
        opened.intake.submit(list(simulate(children=60, **span, seed=5)))
        opened.catch_up()
        yield opened


def _say(home: Home, kind: str, at: str, **data: Any) -> UUID:
    """Something that happened in the week of the first list."""
    body = {
        "specversion": "1.0", "id": kind, "source": "urn:test", "type": kind,
        "time": "2026-03-12T12:00:00+08:00", "recordedtime": "2026-03-12T13:00:00+08:00",
        "actor": "county-1", "actorrole": "county_officer", "place": at, "data": data,
    }  # fmt: skip
    (outcome,) = home.intake.submit([msgspec.json.encode(body)])
    assert outcome.status == "accepted", outcome
    return event_id("urn:test", body["id"])


def test_what_a_place_tightened_and_a_directors_hours_are_named_as_causes(home: Home) -> None:
    by_village = Counter(row.village_code for row in make_lists(home, WEEK, keep=False).rows)
    village, other = (code for code, _ in by_village.most_common(2))
    worker = make_lists(home, WEEK, village).rows[0].worker_id
    make_lists(home, WEEK, other)
    ended = _say(home, "worker.ended.v1", village, worker_id=worker)
    again = _say(home, "worker.appointed.v1", village, worker_id=worker, role="director",
                 place=village, weekly_hours=60)  # fmt: skip
    number = _say(home, "setting.tightened.v1", other, rule="T8.6", key="visit_months",
                  longest=1, place=other, valid_from="2026-03-16")  # fmt: skip
    make_lists(home, "2026-W12", village)
    make_lists(home, "2026-W12", other)
    by_hours = [e for own in list_changes(home, village, WEEK, "2026-W12").values() for e in own]
    came = [each for each in by_hours if each.cause is Cause.EVENT]
    assert came
    assert all(set(each.event_ids) == {ended, again} and not each.before for each in came)
    tightened = [e for own in list_changes(home, other, WEEK, "2026-W12").values() for e in own]
    assert [each for each in tightened if each.event_ids == [number]]
    for found in (by_hours, tightened):
        assert {each.cause for each in found} != {Cause.OTHERS}


def test_the_past_lists_of_a_child_that_was_forgotten_are_named(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = make_lists(home, WEEK).rows
    row = rows[0]
    home.close()
    monkeypatch.setenv("SHOUHE_HOME", str(home.settings.home))

    def shouhe(*words: str) -> Any:
        assert run([*words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    child = str(row.child_id)
    done = shouhe("forget", child, "--basis", "asked")
    assert (done["already"], done["found"]) == (False, [])
    line = [e for e in shouhe("touched", "--child", child)["lists"] if e["week"] == WEEK][-1]
    assert (line["worker_id"], line["rank"]) == (row.worker_id, row.rank)
    assert line["reasons"] == row.reasons
    for week in (WEEK, NEXT):
        listed = {each["child_id"] for each in shouhe("list", "--week", week)}
        assert listed
        assert child not in listed
