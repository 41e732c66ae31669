"""Columns that may bend: straight pieces between quantiles, so that a glass box can follow.

A linear spline in plain numbers: a column, and beside it what lies above each inner knot. Every
output column belongs to one input column, so that the sum of a linear model stays readable
by feature.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class Bends(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """x → x, max(x − knot, 0) for each knot; knots at the quantiles of each column.

    quantiles   inner knots; equal ones in a column (a flag has none) are dropped
    """

    def __init__(self, quantiles: tuple[float, ...] = (0.25, 0.5, 0.75)) -> None:
        self.quantiles = quantiles

    def fit(self, X: Any, y: Any = None) -> Bends:  # noqa: N803, ARG002 - scikit-learn's names
        """Find the knots."""
        values = validate_data(self, X, dtype=[np.float64, np.float32])
        found = []
        for column in values.T:
            knots = np.unique(np.quantile(column, self.quantiles)).astype(np.float64)
            found.append(knots[(knots > column.min()) & (knots < column.max())])
        self.sources_ = np.repeat(np.arange(values.shape[1]), [len(each) for each in found])
        self.knots_ = np.concatenate(found) if found else np.empty(0)
        return self

    def transform(self, X: Any) -> NDArray[Any]:  # noqa: N803 - scikit-learn's names
        """Shape (rows, columns + knots); the columns themselves come first."""
        check_is_fitted(self)
        values = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        bent = np.maximum(values[:, self.sources_] - self.knots_.astype(values.dtype), 0)
        return np.concatenate([values, bent], axis=1)
