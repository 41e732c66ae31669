"""A model on disk: the same bytes for the same model, and no other bytes accepted."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
import skops.io

from risk import model_file
from risk.card import Card
from risk.errors import ModelFileError
from risk.features import FEATURES
from risk.judging import Calibration, Figures
from risk.matrix import Matrix
from risk.models import CANDIDATES, fit, predict
from risk.reasons import MOST, explain, typical
from risk.statement import feature_hash

ROWS = 600


@cache
def learned() -> Matrix:
    """Random rows; what raises the label is `serious_365` and `days_since_visit`."""
    rng = np.random.default_rng(7)
    values = rng.integers(0, 4, (ROWS, len(FEATURES))).astype(np.float32)
    names = [each.name for each in FEATURES]
    drive = values[:, names.index("serious_365")] + values[:, names.index("days_since_visit")]
    label = (drive + rng.normal(0, 1, ROWS) > 4.5).astype(np.uint8)
    return Matrix(FEATURES, values, pa.table({"as_of": [0] * ROWS}), label)


def card(**changes: Any) -> Card:
    made = Card(
        model_id="2026-03-15-logistic-0123abcd",
        question="q",
        title="题",
        horizon_days=90,
        as_of=date(2026, 3, 15),
        data_position=1,
        feature_hash=feature_hash(FEATURES),
        features=[each.name for each in FEATURES],
        typical=typical(learned().values),
        kind="logistic",
        choice={},
        learned_on=[],
        judged_on=[],
        fitted_on=[],
        rows=ROWS,
        positives=1,
        figures=Figures(
            capacity="",
            rankings=[],
            calibration=Calibration(ece=0, brier=0, mean_score=0, mean_label=0),
            parity=[],
            villages=[],
        ),
        created=datetime(2026, 3, 15, tzinfo=UTC),
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize("kind", CANDIDATES)
def test_a_model_comes_back_and_scores_the_same(tmp_path: Path, kind: str) -> None:
    model = fit(kind, learned())
    saved = model_file.save(tmp_path, model, card(kind=kind))
    loaded, read = model_file.load(tmp_path, saved.model_id, saved.file_sha256)
    assert read == saved
    np.testing.assert_array_equal(
        predict(loaded, learned().values), predict(model, learned().values)
    )


@pytest.mark.parametrize("kind", CANDIDATES)
def test_fitted_twice_the_file_has_the_same_bytes(kind: str) -> None:
    one, other = (model_file.packed(fit(kind, learned())) for _ in range(2))
    assert hashlib.sha256(one).hexdigest() == hashlib.sha256(other).hexdigest()


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    saved = model_file.save(tmp_path, fit("logistic", learned()), card())
    path = tmp_path / f"{saved.model_id}.skops"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ModelFileError, match="not the file that was approved"):
        model_file.load(tmp_path, saved.model_id, saved.file_sha256)


def test_types_that_are_not_on_the_list_are_refused(tmp_path: Path) -> None:
    class Surprise:
        """Anything but our two models."""

    Surprise.__module__, Surprise.__qualname__ = __name__, "Surprise"
    content = skops.io.dumps({"model": Surprise()})
    model_file.write_card(tmp_path, card())
    path = tmp_path / f"{card().model_id}.skops"
    path.write_bytes(content)
    assert zipfile.is_zipfile(path)
    with pytest.raises(ModelFileError, match="not trusted"):
        model_file.load(tmp_path, card().model_id, hashlib.sha256(content).hexdigest())


def test_a_model_of_other_features_is_refused(tmp_path: Path) -> None:
    saved = model_file.save(tmp_path, fit("logistic", learned()), card(feature_hash="0" * 64))
    with pytest.raises(ModelFileError, match="other features"):
        model_file.load(tmp_path, saved.model_id, saved.file_sha256)


def test_a_missing_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="shouhe train"):
        model_file.load(tmp_path, "none", "0" * 64)


@pytest.mark.parametrize("kind", CANDIDATES)
def test_reasons_are_what_raises_the_score_heaviest_first(kind: str) -> None:
    matrix = learned()
    model = fit(kind, matrix, penalty=0.01)  # so few rows want a weaker ridge than a county's
    found = explain(model, FEATURES, matrix.values, typical(matrix.values))
    assert all(len(each) <= MOST for each in found)
    for reasons in found:
        weights = [each.weight for each in reasons]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)
    highest = int(np.argmax(predict(model, matrix.values)))
    topics = {each.name: each.topic for each in FEATURES}
    assert {topics[each.code] for each in found[highest]} & {
        topics["serious_365"],
        topics["days_since_visit"],
    }
