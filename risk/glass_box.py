"""The last step of the glass box: a logistic regression that is held to what the field knows.

Boosted trees are held to a direction while they grow; a plain logistic regression learns what it
likes, and among many facts that say nearly the same it may learn that a child who asked for help,
or stayed away from school, needs a visit less. Here no coefficient ever has the wrong sign: it is
the best of those that have the right ones or are 0. The loss is convex and so are the bounds, so
there is one best, and L-BFGS-B, which scikit-learn uses without bounds, finds it with them.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

BOUNDS = {-1: (-np.inf, 0.0), 0: (-np.inf, np.inf), 1: (0.0, np.inf)}
LINE_STEPS = 50
PRECISION = 64 * np.finfo(np.float64).eps
"""Where no step gains more of the loss than that, it is found; both as scikit-learn has them."""


class Directed(LogisticRegression):  # type: ignore[misc]  # scikit-learn has no types
    """Ridge-penalised logistic regression, two classes, whose coefficients keep their directions.

    directions  for each column of X: +1 never below 0, −1 never above, 0 free; None: all free
    C, tol, max_iter   as of scikit-learn
    """

    def __init__(
        self,
        directions: tuple[int, ...] | None = None,
        C: float = 1.0,  # noqa: N803 - scikit-learn's names
        tol: float = 1e-4,
        max_iter: int = 100,
    ) -> None:
        super().__init__(C=C, tol=tol, max_iter=max_iter)
        self.directions = directions

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Directed:  # noqa: N803 - scikit-learn's names
        """Find the coefficients. Raises ValueError for any number of classes but two."""
        values, target = validate_data(self, X, y, dtype=np.float64, order="C")
        check_classification_targets(target)
        self.classes_, yes = np.unique(target, return_inverse=True)
        if len(self.classes_) != 2:  # noqa: PLR2004 - two
            raise ValueError(
                "Only binary classification is supported; the data have"
                f" {len(self.classes_)} class{'es' * (len(self.classes_) > 1)}"
            )
        weight = _check_sample_weight(sample_weight, values)
        columns = values.shape[1]
        held = (0,) * columns if self.directions is None else self.directions
        if len(held) != columns:
            raise ValueError(f"directions: {len(held)} for {columns} columns of X")
        found = minimize(
            _loss,
            np.zeros(columns + 1),
            args=(values, yes, weight / weight.sum(), 1 / (self.C * weight.sum())),
            method="L-BFGS-B",
            jac=True,
            bounds=[*(BOUNDS[each] for each in held), BOUNDS[0]],
            options={"maxiter": self.max_iter, "maxls": LINE_STEPS, "gtol": self.tol,
                     "ftol": PRECISION},
        )  # fmt: skip
        if not found.success:
            warnings.warn(f"coefficients: {found.message}", ConvergenceWarning, stacklevel=2)
        self.coef_, self.intercept_ = found.x[None, :-1], found.x[-1:]
        self.n_iter_ = np.array([found.nit], np.int32)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = False
        tags.array_api_support = False
        return tags


def _loss(
    place: NDArray[np.float64],
    values: NDArray[np.float64],
    yes: NDArray[np.intp],
    weight: NDArray[np.float64],
    ridge: float,
) -> tuple[float, NDArray[np.float64]]:
    """Mean log loss + ridge ∕ 2 × Σ coefficient², and its slope. place: coefficients, intercept."""
    coefficients = place[:-1]
    odds = values @ coefficients + place[-1]
    loss = weight @ (np.logaddexp(0, odds) - yes * odds)
    miss = weight * (expit(odds) - yes)
    slope = np.append(miss @ values + ridge * coefficients, miss.sum())
    return float(loss + ridge / 2 * (coefficients @ coefficients)), slope
