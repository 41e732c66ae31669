"""Columns that may bend: straight pieces between quantiles, so that a glass box can follow.

A linear spline in plain numbers: for each piece between two knots, how far a value has come on it.
The pieces of a value add up to it, and a piece's coefficient is the slope there: where none is
below 0, the whole bends but never falls. Every output column belongs to one input column, so that
the sum of a linear model stays readable by feature.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

QUANTILES = (0.25, 0.5, 0.75)


class Bends(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """x → min(x, first knot), then what of x lies between each knot and the next.

    quantiles   where the knots are, ascending; of equal ones in a column (a flag has no other) the
                piece between is all 0
    """

    def __init__(self, quantiles: tuple[float, ...] = QUANTILES) -> None:
        self.quantiles = quantiles

    def fit(self, X: Any, y: Any = None) -> Bends:  # noqa: N803, ARG002 - scikit-learn's names
        """Find the knots, shape (quantiles, columns)."""
        values = validate_data(self, X, dtype=[np.float64, np.float32])
        self.knots_ = np.quantile(values, self.quantiles, axis=0).astype(np.float64)
        return self

    def transform(self, X: Any) -> NDArray[Any]:  # noqa: N803 - scikit-learn's names
        """Shape (rows, pieces × columns): the first piece of every column, then the second, …"""
        check_is_fitted(self)
        values = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        knots = self.knots_.astype(values.dtype)
        ends = [*knots, np.full(values.shape[1], np.inf, values.dtype)]
        first = np.minimum(values, ends[0])
        rest = [np.clip(values, a, b) - a for a, b in zip(knots, ends[1:], strict=True)]
        return np.concatenate([first, *rest], axis=1)
