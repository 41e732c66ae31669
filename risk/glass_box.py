"""The last step of the glass box: a logistic regression in which asking for help costs nobody.

Boosted trees are held to a direction while they grow; a logistic regression learns what it likes,
and among rare facts it may learn that who asked for help needs it less. Where it does so of one of
`asked`, it learns again without that column, until none is left that lowers a score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression


class OpenEar(LogisticRegression):  # type: ignore[misc]  # scikit-learn has no types
    """Logistic regression, two classes, whose coefficients of some columns are never below 0.

    asked   columns of X; negative numbers count from the end
    C, max_iter   as of scikit-learn
    """

    def __init__(self, asked: tuple[int, ...] = (), C: float = 1.0, max_iter: int = 100) -> None:  # noqa: N803 - scikit-learn's names
        super().__init__(C=C, max_iter=max_iter)
        self.asked = asked

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> OpenEar:  # noqa: N803 - scikit-learn's names
        """Fit, and again without what would lower a score."""
        super().fit(X, y, sample_weight)
        silent: list[int] = []
        while lowers := [each for each in self.asked if self.coef_[0, each] < 0]:
            silent += lowers
            heard = np.array(X, np.float64)
            heard[:, silent] = 0.0
            super().fit(heard, y, sample_weight)
            self.coef_[0, silent] = 0.0
        return self
