"""What an order would have found: means over dates, who was looked at, intervals, and the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from risk.baselines import assessment_day, sheet
from risk.capacity import Capacity
from risk.counting import Draws, Places, interval, per_hundred, precision_curve
from risk.features import FEATURES
from risk.judging import areas, judge
from risk.matrix import Matrix
from risk.panels import by_village, little_history, needs_information, one_more, tenths
from risk.parity import differences, groups

DAYS = (date(2025, 6, 1), date(2025, 6, 8))


def matrix(rows: int = 400, villages: int = 10, seed: int = 1, **columns: Any) -> Matrix:
    """Rows of two dates; the label is rare and no one is left unlooked at."""
    rng = np.random.default_rng(seed)
    days = np.repeat([(day - date(1970, 1, 1)).days for day in DAYS], rows // 2)
    children = [f"child-{n:03}" for n in range(rows // 2)] * 2
    keys = pa.table(
        {
            "as_of": pa.array(days, pa.int32()).cast(pa.date32()),
            "child": children,
            "village_code": [f"5205{n // 2 % villages:08}" for n in range(rows // 2)] * 2,
            "sex": ["male", "female"] * (rows // 2),
        }
    )
    values = np.zeros((rows, len(FEATURES)), np.float32)
    for name, column in columns.items():
        values[:, [each.name for each in FEATURES].index(name)] = column
    label = (rng.random(rows) < 0.1).astype(np.uint8)
    return Matrix(FEATURES, values, keys, label, np.ones(rows, np.bool_))


class Nobody:
    """A home without directors and duties: capacity and statutory order have nothing to say."""

    def query(self, *_: Any, **__: Any) -> Any:
        class Rows:
            result_rows: tuple[Any, ...] = ()

        return Rows()


class Two(Capacity):
    """Two visits in every village."""

    def visits(self, client: Any, day: date) -> dict[str, int]:
        return {f"5205{n:08}": 2 for n in range(10)}


@pytest.fixture(autouse=True)
def _no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("risk.judging.Sheets", lambda _: lambda part, __: sheet(part))


def figures(made: Matrix, scores: np.ndarray, **more: Any) -> Any:
    return judge(Nobody(), made, scores, Two(), **more)


def test_found_per_100_is_the_mean_over_dates() -> None:
    made = matrix()
    told = figures(made, made.label.astype(float)).ranking("model")
    each = [100 * day.found / day.selected for day in told.days]
    assert told.found_per_100 == pytest.approx(sum(each) / 2)
    assert told.found_per_100 / 100 == pytest.approx(told.precision)
    assert told.interval[0] <= told.found_per_100 <= told.interval[1]


def test_a_visit_to_a_child_nobody_looked_at_is_neither_a_find_nor_in_vain() -> None:
    made = matrix()
    scores = made.label.astype(float)
    before = figures(made, scores).ranking("model")
    blind = made.label == 0
    part = Matrix(made.features, made.values, made.keys, made.label, ~blind)
    after = figures(part, scores).ranking("model")
    assert after.listed == before.listed
    assert after.selected == after.found == before.found
    assert after.found_per_100 == 100


def test_the_order_of_rows_and_the_labels_do_not_break_ties() -> None:
    made = matrix()
    even = np.zeros(len(made))
    first = figures(made, even)
    backwards = np.arange(len(made))[::-1]
    turned = Matrix(
        made.features, made.values[backwards], made.keys.take(pa.array(backwards)),
        made.label[backwards], made.seen[backwards],
    )  # fmt: skip
    again = figures(turned, even)
    assert again.ranking("model").found == first.ranking("model").found
    assert first.ranking("model").by_ties == 1.0
    flipped = Matrix(made.features, made.values, made.keys, 1 - made.label, made.seen)
    assert figures(flipped, even).ranking("model").listed == first.ranking("model").listed


def test_last_weeks_list_is_judged_and_the_same_list_is_stable() -> None:
    made = matrix()
    scores = np.random.default_rng(2).random(len(made))
    same = figures(made, scores, stale=scores)
    assert same.stability == 1.0
    assert same.ranking("last_week").found == same.ranking("model").found
    other = figures(made, scores, stale=1 - scores)
    assert other.stability < 0.5


def test_intervals_draw_villages_and_are_the_same_each_time() -> None:
    made = matrix(4000, 100)
    scores = (made.label + np.random.default_rng(3).random(len(made))) / 2
    one, two = figures(made, scores), figures(made, scores)
    assert one.intervals == two.intervals
    assert set(one.intervals) == {
        "found_per_100_visits", "precision_at_capacity", "recall_at_capacity",
        "average_precision", "ece",
    }  # fmt: skip
    low, high = one.intervals["average_precision"]
    assert low <= areas(scores, made.label)[1] <= high


def test_a_draw_of_everyone_once_is_the_figure_itself() -> None:
    made = matrix()
    scores = np.random.default_rng(4).random(len(made))
    once = np.ones((1, len(made)))
    known = areas(scores, made.label)[1]
    assert precision_curve(scores, made.label, once)[0] == pytest.approx(known, rel=0.02)
    counts = Places.of(made).count(made.label)
    assert counts.sum() == made.label.sum()
    assert Draws(10).of(counts).shape == (400, 2)
    assert interval(np.array([1.0, 1.0])) == (1.0, 1.0)
    assert per_hundred(np.array([1.0, 3.0]), np.array([2.0, 4.0])) == pytest.approx(62.5)


def test_little_history_is_told_apart_from_low_risk() -> None:
    made = matrix(days_on_ledger=np.arange(400), visits_365=3)
    assert needs_information(made).sum() == 90
    told = little_history(made, np.full(400, 0.01))
    assert (told.children, told.looked_at, told.said) == (90, 90, pytest.approx(0.01))
    assert needs_information(matrix(days_on_ledger=400)).all()


def test_observed_over_expected_by_tenth_and_by_group() -> None:
    made = matrix(4000)
    said = np.full(4000, 0.2)
    assert all(each.over_expected < 1 for each in tenths(said, made.label))
    boys = next(g for g in groups(made, np.ones(4000, np.bool_), said) if g.group == "男")
    assert boys.over_expected == pytest.approx(boys.positives / (0.2 * boys.children))
    assert boys.recall == 1
    assert boys.interval == (1.0, 1.0)


def test_equal_opportunity_is_the_gap_between_the_best_and_the_worst_served() -> None:
    made = matrix(4000)
    boys = made.text("sex") == "male"
    gap = next(each for each in differences(made, boys) if each.by == "sex")
    assert (gap.difference, gap.best, gap.worst) == (1.0, "男", "女")
    assert gap.interval == (1.0, 1.0)


def test_the_next_place_is_the_one_after_the_last() -> None:
    made = matrix().on([DAYS[0]])
    scores = np.random.default_rng(5).random(len(made))
    none = {f"5205{n:08}": 0 for n in range(10)}
    best = np.zeros(len(made), np.bool_)
    for village in none:
        rows = np.flatnonzero(made.text("village_code") == village)
        best[rows[np.argmax(scores[rows])]] = True
    assert one_more(made, scores, none, "k") == made.label[best].sum()


def test_village_level_targeting_spends_as_many_visits() -> None:
    made = matrix(serious_365=0).on([DAYS[0]])
    everyone = {f"5205{n:08}": 99 for n in range(10)}
    assert by_village(made, everyone) == made.label.sum()
    assert by_village(made, dict.fromkeys(everyone, 0)) == 0


def test_the_paper_sheet_is_that_of_march_or_september() -> None:
    assert assessment_day(date(2025, 3, 1)) == date(2025, 3, 1)
    assert assessment_day(date(2025, 8, 31)) == date(2025, 3, 1)
    assert assessment_day(date(2026, 2, 1)) == date(2025, 9, 1)
    made = matrix(age=12, poverty=1, both_away=1, truancy=1)
    assert set(sheet(made)) == {25.0}
    assert set(sheet(matrix(age=3))) == {7.0}
