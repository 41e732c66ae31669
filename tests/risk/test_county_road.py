"""From the log to a director's list, on a small county that was never seen before."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import SettingsError
from infra.approving import approve
from infra.foresight import score_children, train_model
from infra.home import Home
from infra.truth_file import truth_order
from infra.visit_lists import WrongUsageError, make_lists, monday_of
from risk import model_file
from risk.card import Card
from risk.errors import HistoryTooShortError, ModelFileError, NotApprovedError
from risk.scoring import score

AS_OF, WEEK = date(2026, 3, 15), "2026-W12"


@pytest.fixture(scope="module")
def unscored(home: Home) -> Any:
    """The lists of the week before any model was approved."""
    return make_lists(home, WEEK)


@pytest.fixture(scope="module")
def card(home: Home, county: Path, unscored: Any) -> Card:
    """A model, trained and judged, not yet approved."""
    return train_model(home, AS_OF, truth=truth_order(county / "truth.jsonl"))


@pytest.fixture(scope="module")
def approved(home: Home, card: Card) -> Card:
    return approve(home, card.model_id, "county-1")


@pytest.fixture(scope="module")
def scored(home: Home, approved: Card) -> Any:
    return score_children(home, AS_OF)


def test_without_a_model_the_list_is_duty_alone(unscored: Any) -> None:
    assert unscored.model_id == ""
    assert unscored.rows
    assert all(row.score is None and row.duty != "none" and row.reasons for row in unscored.rows)


def test_nothing_scores_before_it_is_approved(home: Home, card: Card) -> None:
    with pytest.raises(NotApprovedError, match="--approve"):
        score_children(home, AS_OF)


def test_the_model_finds_more_than_the_statutory_order_and_no_more_than_the_truth(
    card: Card,
) -> None:
    figures = card.figures
    model, order = figures.ranking("model"), figures.ranking("statutory")
    assert model.found > order.found
    assert model.found > figures.ranking("random").found
    assert model.found <= 1.1 * figures.ranking("truth").found
    assert model.listed == order.listed
    assert 0.65 <= (model.auc or 0) <= 0.92
    assert figures.calibration.ece < 0.03


def test_it_was_judged_on_dates_it_never_saw(card: Card) -> None:
    assert max(card.learned_on) + timedelta(days=90) < min(card.judged_on)
    assert max(card.fitted_on) + timedelta(days=90) <= AS_OF
    assert {each.by for each in card.figures.parity} >= {"sex", "age", "category", "boarding"}
    assert sum(v.found for v in card.figures.villages) == card.figures.ranking("model").found


def test_training_again_gives_the_same_file(home: Home, approved: Card) -> None:
    again = train_model(home, AS_OF)
    assert (again.model_id, again.file_sha256) == (approved.model_id, approved.file_sha256)


def test_approving_twice_is_approving_once(home: Home, approved: Card) -> None:
    head = home.log.head()
    assert approve(home, approved.model_id, "county-2").model_id == approved.model_id
    assert home.log.head() == head


def test_everyone_on_the_ledger_is_scored_once(home: Home, scored: Any) -> None:
    on_ledger = home.warehouse.query(
        "SELECT count() FROM children_as_of(as_of = '2026-03-15') WHERE on_ledger"
    ).result_rows[0][0]
    assert scored.scored == scored.new == on_ledger
    again = score_children(home, AS_OF)
    assert (again.scored, again.new) == (scored.scored, 0)


def test_a_child_with_little_history_needs_information_whatever_its_score(
    home: Home, scored: Any
) -> None:
    told, silent = home.warehouse.query(
        "SELECT countIf(has(reasons.code, 'needs_information')),"
        " countIf(NOT has(reasons.code, 'needs_information') AND length(reasons.code) < 3)"
        f" FROM scores WHERE as_of = '{AS_OF}' AND child_id IN (SELECT child_id FROM children"
        f" WHERE registered_at > toDate('{AS_OF}') - 80)"
    ).result_rows[0]
    assert told > 0
    assert silent == 0


def test_scores_are_the_same_for_the_same_log_and_model(home: Home, scored: Any) -> None:
    hashed = model_file.read_card(home.settings.models_path, scored.model_id).file_sha256
    model, card = model_file.load(home.settings.models_path, scored.model_id, hashed)
    one, other = (list(score(home.warehouse, model, card, AS_OF)) for _ in range(2))
    assert one == other
    assert [each.child_id for each in one] == sorted(each.child_id for each in one)
    stored = home.warehouse.query(
        "SELECT toString(child_id), score, reasons.text FROM scores ORDER BY toString(child_id)"
    ).result_rows
    assert [(e.child_id, e.fact.score, [r.text for r in e.fact.reasons]) for e in one] == stored


def test_the_list_is_duty_first_then_risk_within_the_hours(home: Home, scored: Any) -> None:
    made = make_lists(home, WEEK)
    hours = dict(
        home.warehouse.query(
            "SELECT worker_id, weekly_hours FROM workers_as_of(as_of = '2026-03-16') WHERE active"
        ).result_rows
    )
    lists: dict[str, list[Any]] = {}
    for row in made.rows:
        lists.setdefault(row.worker_id, []).append(row)
    assert made.model_id == scored.model_id
    assert any(row.duty == "none" for row in made.rows)
    for worker, rows in lists.items():
        assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
        beyond = [row.listed_for not in {"request", "duty"} for row in rows]
        assert beyond == sorted(beyond)
        assert 10 * len(rows) <= hours[worker] * 60
        assert all(row.reasons and row.score is not None for row in rows)
        assert len({row.child_id for row in rows}) == len(rows)


def test_the_same_list_again_is_not_recorded_again(home: Home, scored: Any) -> None:
    first = make_lists(home, WEEK)
    head = home.log.head()
    again = make_lists(home, WEEK)
    assert again.rows == first.rows
    assert (again.new, home.log.head()) == (0, head)
    shown = home.warehouse.query(
        f"SELECT worker_id, rank, child_id FROM visit_list WHERE week = '{WEEK}' ORDER BY ALL"
    ).result_rows
    assert shown == sorted((row.worker_id, row.rank, row.child_id) for row in first.rows)


def test_a_village_has_its_own_list(home: Home, scored: Any) -> None:
    rows = make_lists(home, WEEK, keep=False).rows
    village = rows[0].village_code
    assert make_lists(home, WEEK, village).rows == [r for r in rows if r.village_code == village]


def test_a_changed_model_file_does_not_score(home: Home, scored: Any) -> None:
    path = home.settings.models_path / f"{scored.model_id}.skops"
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    try:
        with pytest.raises(ModelFileError, match="not the file that was approved"):
            score_children(home, AS_OF)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    "week", ["2026-W60", "2026-W00", "2026W12", "2027-W53", "next", "２026-W12"]
)
def test_a_week_that_is_none_is_wrong_usage(week: str) -> None:
    with pytest.raises(WrongUsageError, match="ISO week"):
        monday_of(week)


def test_days_out_of_reach_say_so(home: Home, approved: Card) -> None:
    with pytest.raises(SettingsError, match="yet to come"):
        score_children(home, date(2199, 1, 1))
    with pytest.raises(HistoryTooShortError, match="later day"):
        train_model(home, date(2024, 3, 1))
    with pytest.raises(HistoryTooShortError, match="import"):
        train_model(home, date(2020, 1, 1))
