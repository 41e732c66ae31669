"""What must be shown at full size: at capacity, half as much again as the statutory order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from infra.foresight import train_model
from infra.home import Home
from infra.settings import Settings
from infra.truth_file import truth_order
from simulation.county import simulate

UNTIL = date(2026, 3, 16)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_model_finds_half_as_much_again_as_the_statutory_order(
    tmp_path: Path, seed: int
) -> None:
    with (tmp_path / "e.jsonl").open("wb") as out, (tmp_path / "truth.jsonl").open("wb") as truth:
        lines = simulate(children=5000, start=date(2024, 1, 5), until=UNTIL, seed=seed, truth=truth)
        out.writelines(line + b"\n" for line in lines)
    with Home(Settings(tmp_path)) as home:
        home.intake.import_file(tmp_path / "e.jsonl")
        card = train_model(home, date(2026, 3, 15), truth=truth_order(tmp_path / "truth.jsonl"))
    figures = card.figures
    model, statutory = figures.ranking("model"), figures.ranking("statutory")
    assert model.found >= 1.5 * statutory.found
    assert model.found < figures.ranking("truth").found
    assert 0.70 <= (model.auc or 0) <= 0.87
    assert 0.85 <= (figures.ranking("truth").auc or 0) <= 0.95
