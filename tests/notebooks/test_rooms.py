"""The rooms run on a small county, and what they show is what the packages say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from infra.home import Home
from infra.settings import Settings
from infra.warehouse import connect
from notebooks import county, fairness, matching, monitor, risk_model
from notebooks.__main__ import FEATURES, QUICK_START, notebook_of, quick_start
from risk.approvals import approved_models
from risk.counting import wilson

pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture(scope="module")
def given(folder: Path) -> dict[str, str]:
    return {
        "home": str(folder),
        "as_of_given": "2026-03-15",
        "truth_path": str(folder / "truth.jsonl"),
    }


@pytest.fixture(scope="module")
def model_room(given: dict[str, str]) -> Any:
    outputs, defs = risk_model.app.run(defs=given)
    yield outputs, defs
    defs["client"].close()


@pytest.fixture(scope="module")
def county_room(given: dict[str, str]) -> Any:
    own = {key: given[key] for key in ("home", "as_of_given")}
    outputs, defs = county.app.run(defs=own)
    yield outputs, defs
    defs["client"].close()


@pytest.fixture(scope="module")
def small_rooms(given: dict[str, str], model_room: Any) -> Any:
    """Fairness, monitor and matching, each run from top to bottom."""
    own = {key: given[key] for key in ("home", "as_of_given")}
    made = {
        "fairness": fairness.app.run(defs=own),
        "monitor": monitor.app.run(defs=own),
        "matching": matching.app.run(defs={**own, "place": ""}),
    }
    yield made
    for _, defs in made.values():
        defs["client"].close()


@pytest.fixture
def let_go(folder: Path, model_room, county_room, small_rooms) -> Path:
    """The home, held by no client of ours: a notebook's kernel is a process of its own."""
    for _, defs in (model_room, county_room, *small_rooms.values()):
        defs["client"].close()
    return folder


def test_every_order_stands_in_the_table_beside_the_hidden_truth(model_room) -> None:
    _, defs = model_room
    table = defs["table"].set_index("order")
    orders = {"logistic", "both", "boosting", "points", "points_on_paper", "points_history"}
    assert set(table.index) == orders | {"truth", "statutory", "random"}
    figures = defs["figures"]["logistic"]
    assert table.loc["logistic", "每百次走访发现"] == figures.ranking("model").found_per_100
    assert table.loc["statutory", "召回"] == figures.ranking("statutory").recall
    assert table["每百次走访发现"].is_monotonic_decreasing


def test_the_model_is_judged_on_days_it_never_saw(model_room) -> None:
    _, defs = model_room
    split, question = defs["split"], defs["question"]
    assert max(split.learn) + question.window <= min(split.judge)
    assert len(defs["held"]) > 0
    shares = risk_model.reliability(defs["scores"]["logistic"], defs["held"].label)
    assert shares["儿童次"].sum() == len(defs["held"])
    assert shares["预测"].is_monotonic_increasing


def test_every_child_shown_has_reasons(model_room) -> None:
    _, defs = model_room
    assert (defs["examples"]["理由"].str.len() > 0).all()


def test_nothing_is_approved_by_looking(model_room, given) -> None:
    _, defs = model_room
    assert defs["approved"] is None
    assert approved_models(defs["client"]) == []


JUDGED = ("learned", "held", "truth", "fitted", "scores", "figures", "table", "chosen", "inner",
          "kind")  # fmt: skip
"""What the room's two long cells define: compared once, it is given to those who press later."""


@pytest.fixture(scope="module")
def pressing(given: dict[str, str], model_room: Any) -> Any:
    """The room as its button was pressed by someone, or by nobody."""
    _, before = model_room
    own = given | {name: before[name] for name in JUDGED}
    return lambda by: risk_model.app.run(
        defs=own | {"approver": SimpleNamespace(value=by), "pressed": SimpleNamespace(value=True)}
    )


def test_the_button_alone_approves_nothing_without_a_person(pressing) -> None:
    _, defs = pressing(" ")
    assert defs["approved"] is None
    assert approved_models(defs["client"]) == []
    defs["client"].close()


def test_sheets_of_the_county_agree_with_the_read_models(county_room) -> None:
    _, defs = county_room
    client, as_of = defs["client"], defs["as_of"]
    (overdue,) = client.query(
        "SELECT countIf(overdue_days > 0) FROM duties_as_of(as_of = {d:Date})"
        " WHERE duty = 'director_visit'",
        {"d": as_of},
    ).result_rows[0]
    assert defs["overdue"]["overdue"].sum() == overdue > 0
    (children,) = client.query("SELECT count() FROM children WHERE on_ledger").result_rows[0]
    assert defs["villages"]["children"].sum() == children
    assert len(defs["absences"]) == 105


def test_parents_leave_after_spring_festival_and_return_before_it(county_room) -> None:
    _, defs = county_room
    absences = defs["absences"].set_index("day")
    away = absences["one"] + absences["both"]
    summer, festival = away["2025-07-01":"2025-07-31"].mean(), away["2025-01-22":"2025-02-05"].min()
    assert festival < 0.7 * summer


def test_without_a_model_the_rooms_say_so_and_show_what_there_is(small_rooms) -> None:
    _, fair = small_rooms["fairness"]
    assert fair["card"] is None
    assert fair["groups"]["儿童"].sum() > 0
    _, watched = small_rooms["monitor"]
    assert len(watched["readings"]) == 0
    assert watched["visits"]["走访"].sum() > 0
    assert len(watched["other"]) == 0
    assert all("shouhe list --week" in each.refused for each in watched["others"])


def test_the_matching_room_proposes_and_records_nothing(small_rooms) -> None:
    _, matched = small_rooms["matching"]
    assert len(matched["found"]) > 0
    assert matched["recorded"] == 0
    assert set(matched["needs"]["规则"]) <= {"T8.7", "T11.5", "T5.4", "T6.2", "T11.6", "T9.4",
        "T11.2", "T4.1", "T15.1", "T11.3", "T9.5", "T2.7", "T11.4"}  # fmt: skip
    (plans,) = (
        matched["client"]
        .query("SELECT count() FROM events WHERE source = 'shouhe/matching'")
        .result_rows[0]
    )
    assert plans == 0


def test_a_groups_interval_holds_its_share_and_narrows_with_more_children() -> None:
    low, high = wilson(5, 10)
    assert 0.2 < low < 0.5 < high < 0.8
    narrow = wilson(500, 1000)
    assert low < narrow[0] < narrow[1] < high
    assert wilson(0, 0) == (0, 1)


def test_no_name_phone_or_address_is_shown_in_any_room(
    model_room, county_room, small_rooms, names
) -> None:
    for outputs, _ in (model_room, county_room, *small_rooms.values()):
        text = " ".join(
            each.text if hasattr(each, "text") else str(each)
            for each in outputs
            if each is not None
        )
        assert len(text) > 1000
        shown = [name for name in names if len(name) > 3 and name in text]
        assert shown == []


def test_the_quick_start_runs_from_top_to_bottom(
    let_go: Path, tmp_path: Path, names, monkeypatch
) -> None:
    monkeypatch.setenv("SHOUHE_HOME", str(let_go))
    monkeypatch.setenv("PYTHONPATH", str(QUICK_START.parents[1]))
    notebook = nbformat.read(quick_start(tmp_path), as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    text = str([cell.get("outputs") for cell in notebook.cells])
    assert "AUC" in text
    assert not [name for name in names if len(name) > 3 and name in text]


def test_a_late_visit_is_seen_on_the_day_it_was_typed_in_and_not_before(
    let_go: Path, tmp_path: Path, names, monkeypatch
) -> None:
    """The notebook `features` asks one child's day twice, and fails where something leaks."""
    monkeypatch.setenv("SHOUHE_HOME", str(let_go))
    monkeypatch.setenv("PYTHONPATH", str(FEATURES.parents[1]))
    notebook = nbformat.read(notebook_of(FEATURES, tmp_path), as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    text = str([cell.get("outputs") for cell in notebook.cells])
    assert "没有泄漏" in text
    assert not [name for name in names if len(name) > 3 and name in text]


def test_pressing_the_button_approves_a_model_that_can_score(pressing, folder: Path) -> None:
    _, defs = pressing("w-9")
    defs["client"].close()
    card = defs["approved"]
    assert card.approval.by == "w-9"
    with Home(Settings(folder)) as home:
        assert [each.model_id for each in approved_models(home.warehouse)] == [card.model_id]


def test_an_analysts_own_notebook_is_not_overwritten(tmp_path: Path) -> None:
    notebook = quick_start(tmp_path)
    notebook.write_text("mine")
    assert quick_start(tmp_path).read_text() == "mine"


def test_the_client_of_a_room_changes_nothing(folder: Path) -> None:
    client = connect(Settings(folder), user="analyst")
    with pytest.raises(Exception, match=r"readonly|Cannot execute"):
        client.command("DROP VIEW children")
    client.close()
