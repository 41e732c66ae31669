"""Walking forward on a small county: what a list may know, and the command's contract."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.cli import run
from infra.commands.judge import show
from infra.home import Home
from risk import models
from risk.capacity import Mask, reached
from risk.errors import HistoryTooShortError
from risk.labels import EPOCH, answered
from risk.matrix import fetch
from risk.models import SEED, fit, predict
from risk.questions import SERIOUS_PROBLEM, as_of_dates
from risk.training import matured_days
from risk.walking import MOST_DATES, Walk, figures, judged_dates, walk

FROM, UNTIL = date(2025, 9, 1), date(2025, 11, 30)
CONTRACT = {
    "found_per_100_visits", "precision_at_capacity", "recall_at_capacity", "average_precision",
    "ece", "subgroups", "intervals",
}  # fmt: skip


@pytest.fixture(scope="module")
def walked(home: Home) -> Walk:
    home.catch_up()
    return walk(home.warehouse, FROM, UNTIL)


def test_judged_dates_are_weekly_or_as_many_as_can_be_judged() -> None:
    days = [date(2025, 1, 5) + timedelta(days=7 * n) for n in range(60)]
    assert judged_dates(days, days[50], days[59]) == days[50:]
    year = judged_dates(days, days[0], days[-1])
    assert len(year) <= MOST_DATES
    assert year[-1] == days[-1]
    assert {(b - a).days for a, b in itertools.pairwise(year)} == {28}
    assert judged_dates(days, date(2030, 1, 1), date(2031, 1, 1)) == []


def test_a_fit_learns_only_from_labels_that_had_matured_on_its_day(walked: Walk) -> None:
    first = as_of_dates(SERIOUS_PROBLEM, date(2024, 5, 1), date(2026, 3, 15))
    for day, count in walked.fits.items():
        assert count <= sum(SERIOUS_PROBLEM.matured(each, day) for each in first)
        assert count >= 3
    assert min(walked.fits) == walked.dates[0]
    assert all(FROM <= day <= UNTIL for day in walked.dates)


def test_scores_are_probabilities_and_last_weeks_are_others(walked: Walk) -> None:
    assert ((walked.scores > 0) & (walked.scores < 1)).all()
    known = ~np.isnan(walked.stale)
    assert known.mean() > 0.98
    assert (walked.scores[known] != walked.stale[known]).mean() > 0.5


def test_walking_again_gives_the_same_scores(home: Home, walked: Walk) -> None:
    again = walk(home.warehouse, FROM, date(2025, 9, 30))
    rows = np.isin(walked.matrix.as_of, again.matrix.as_of)
    same = walked.matrix.where(rows)
    assert again.matrix.text("child").tolist() == same.text("child").tolist()
    assert again.scores == pytest.approx(walked.scores[rows], rel=1e-9)


def _lists(home: Home, walked: Walk, seed: int) -> tuple[Mask, int]:
    """What a model of this seed lists on every date of the walk, and what is found there."""
    last = max(walked.fits)
    days = matured_days(home.warehouse, SERIOUS_PROBLEM, last)
    learned = answered(home.warehouse, fetch(home.warehouse, days), SERIOUS_PROBLEM, last)
    model = fit("both", learned, seed)
    listed = np.zeros(len(walked.matrix), np.bool_)
    for day in walked.dates:
        rows = walked.matrix.as_of == (day - EPOCH).days
        part = walked.matrix.where(rows)
        visits = SERIOUS_PROBLEM.capacity.visits(home.warehouse, day)
        listed[rows] = reached(part, predict(model, part.values), visits, f"守禾 {day}")
    return listed, int(walked.matrix.label[listed & walked.matrix.seen].sum())


@pytest.mark.long
def test_two_seeds_make_nearly_the_same_list_and_it_costs_no_recall(
    home: Home, walked: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steadier by the mean of many members, and no more than 1 % is lost beside a single one.

    Between two seeds of one county some 130 finds are compared, and one of them is 0.8 %: there a
    find more than 1 % is let pass.
    """
    (one, found), (other, again) = (_lists(home, walked, seed) for seed in (SEED, SEED + 1_000))
    assert (one & other).sum() / one.sum() >= 0.95
    assert min(found, again) >= 0.99 * max(found, again) - 1
    monkeypatch.setattr(models, "STEADIER", 1)
    single = [_lists(home, walked, seed)[1] for seed in (SEED, SEED + 1_000)]
    assert found + again >= 0.99 * sum(single), (found, again, single)


def test_a_span_too_early_says_what_to_do(home: Home) -> None:
    with pytest.raises(HistoryTooShortError, match="ten months"):
        walk(home.warehouse, date(2024, 3, 1), date(2024, 6, 1))


def test_the_command_keeps_its_contract_and_the_truth_only_judges(
    county: Path, walked: Walk, home: Home, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = figures(home.warehouse, walked, SERIOUS_PROBLEM.capacity)
    home.close()
    monkeypatch.setenv("SHOUHE_HOME", str(county))
    span = ["judge", "--from", str(FROM), "--until", str(UNTIL)]
    assert run([*span, "--truth", str(county / "truth.jsonl"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = told["found_per_100_visits"]
    assert set(told) >= CONTRACT
    assert set(found) >= {"model", "statutory", "points", "random", "last_week", "truth"}
    assert found.pop("truth") > found["random"]
    assert found == {each.name: each.found_per_100 for each in plain.rankings}
    assert told["ece"] == plain.calibration.ece
    assert set(told["subgroups"]) >= {"sex", "age", "category", "disability", "boarding"}
    assert set(told["intervals"]["found_per_100_visits"]) == {*found, "truth"}
    show(walked, plain)
    assert "评估表积分" in capsys.readouterr().out
    assert run(["judge", "--from", str(UNTIL), "--until", str(FROM)]) == 2
