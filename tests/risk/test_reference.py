"""The yardstick for drift: only what moves the scores is watched."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from risk.reference import reference


def test_a_feature_that_moves_no_score_is_not_watched() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(3000, 3))
    label = (values[:, 0] + 0.5 * values[:, 1] + rng.normal(size=3000) > 1).astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1)).fit(values, label)
    model[-1].coef_[0, 2] = 0
    made = reference(model, ["much", "some", "none"], values, [0.0] * 3, values[:, 0])
    assert set(made.features) == {"much", "some"}
    assert made.features["much"].psi(values[:, 0]) < 1e-6
    assert made.scores.psi(values[:, 0] + 1) > 0.5
