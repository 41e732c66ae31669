"""Who was looked at is no fair sample of who was not: weights that make it one again.

A row without a label (nobody came, called or reported) teaches nothing. If such children are of a
kind (far away, never at home), those of their kind who were looked at must count for them too: each
labelled row weighs 1 / (the chance that a row like it has a label).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from risk.matrix import Matrix, Scores

LEAST_UNSEEN = 0.02
"""With fewer rows unlabelled than that, weights would add more noise than they take away."""

MOST = 5.0
"""No row counts for more than so many: a few rare ones must not be the model."""


def weights(matrix: Matrix, estimator: Any) -> Scores | None:
    """For each labelled row, in order; their mean is 1. None: so few are unlabelled that all weigh
    alike.

    estimator   learns who has a label, from the same features
    """
    seen = matrix.seen
    if 1 - seen.mean() < LEAST_UNSEEN or not seen.any():
        return None
    with threadpool_limits(limits=1):
        looked = estimator.fit(matrix.values, seen.astype(np.uint8))
        chance = looked.predict_proba(matrix.values[seen])[:, 1]
    capped = np.minimum(seen.mean() / np.maximum(chance, 1e-6), MOST)
    weight: Scores = capped / capped.mean()
    return weight
