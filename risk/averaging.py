"""One model made of several: of clones that differ by their seed alone, or of different kinds.

The list then hangs less on chance, and errors of different kinds cancel in part. Among very many
rows of the commoner answer most say the same; a share of them, weighted so that probabilities stay
what they are, teaches as much in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from risk.trees import log_odds_of, plain

TINY = 1e-12
SMALL = 10_000
"""Below so many rows of the commoner answer, all of them are learned from."""


def _odds(member: Any, values: NDArray[Any]) -> NDArray[np.float64]:
    """ln(p / (1 − p)) of yes, finite. `values`: float64, in Fortran order."""
    yes = (
        expit(log_odds_of(member, values)) if plain(member) else member.predict_proba(values)[:, 1]
    )
    odds: NDArray[np.float64] = logit(np.clip(yes, TINY, 1 - TINY))
    return odds


def fitted(estimator: Any, values: Any, target: Any, weight: Any = None) -> Any:
    """An estimator, or a pipeline that ends in one, fitted with weights; None: all alike."""
    if weight is None:
        return estimator.fit(values, target)
    last = f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""
    return estimator.fit(values, target, **{f"{last}sample_weight": weight})


class _MeanOdds(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The mean log-odds of `estimators_`; two classes."""

    classes_: NDArray[Any]
    estimators_: list[Any]

    def _read(self, X: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: N803 - scikit-learn's names
        """Values and codes of the classes. Raises ValueError for more than two classes."""
        values, target = validate_data(
            self, X, y, dtype=[np.float64, np.float32], ensure_all_finite=False
        )
        check_classification_targets(target)
        self.classes_, codes = np.unique(target, return_inverse=True)
        if len(self.classes_) > 2:  # noqa: PLR2004 - two
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass."
            )
        return values, codes

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's names
        """Shape (rows, classes)."""
        check_is_fitted(self)
        values = validate_data(
            self, X, reset=False, dtype=[np.float64, np.float32], ensure_all_finite=False
        )
        if len(self.classes_) == 1:
            return np.ones((len(values), 1))
        values = np.asfortranarray(values, np.float64)
        yes = expit(np.mean([_odds(member, values) for member in self.estimators_], axis=0))
        return np.column_stack([1 - yes, yes])

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803 - scikit-learn's names
        """The likelier class of each row."""
        check_is_fitted(self)
        chosen: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return chosen

    def contributions(self, X: Any, usual: Any) -> tuple[float, NDArray[np.float64]]:  # noqa: N803 - scikit-learn's names
        """What each feature adds to the log-odds: the mean of what it adds to each member's."""
        from risk.contributions import (  # noqa: PLC0415 - it knows our models
            add_of_trees,
            contributions,
        )

        columns = np.asfortranarray(X)
        pulls, baselines = np.zeros(columns.shape, order="F"), []
        for member in self.estimators_:  # one after the other: each is as large as X
            if plain(member):
                baselines.append(add_of_trees(member, columns, pulls))
                continue
            found = contributions(member, columns, usual)
            baselines.append(found.baseline)
            pulls += found.values
        pulls /= len(self.estimators_)
        return float(np.mean(baselines)), pulls


class SeedAverage(_MeanOdds):
    """The mean log-odds of clones of one classifier, each with its own seed; two classes.

    estimator       has `random_state` and takes sample weights; None: boosted trees
    members         how many clones
    share           of the rows of the commoner class, drawn anew for each clone
    random_state    the clones' seeds are `random_state`, `random_state` + 1, …
    """

    def __init__(
        self, estimator: Any = None, members: int = 4, share: float = 1.0, random_state: int = 0
    ) -> None:
        self.estimator = estimator
        self.members = members
        self.share = share
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SeedAverage:  # noqa: N803 - scikit-learn's names
        """Fit every clone. Raises ValueError for more than two classes."""
        values, codes = self._read(X, y)
        weight = _check_sample_weight(sample_weight, values)
        base = HistGradientBoostingClassifier() if self.estimator is None else self.estimator
        self.estimators_ = []
        for seed in range(self.random_state, self.random_state + self.members):
            rows, own = self._drawn(codes, weight, seed)
            member = clone(base)
            member.set_params(random_state=seed)
            self.estimators_.append(member.fit(values[rows], codes[rows], sample_weight=own))
        return self

    def _drawn(
        self, codes: NDArray[Any], weight: NDArray[Any], seed: int
    ) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The rows that one clone learns from, and their weights."""
        common = int(np.bincount(codes, minlength=2).argmax())
        many = np.flatnonzero(codes == common)
        if self.share >= 1 or len(many) <= SMALL:
            return np.arange(len(codes)), weight
        count = max(SMALL, round(len(many) * self.share))
        drawn = np.random.default_rng(seed).choice(many, min(count, len(many)), replace=False)
        rows = np.sort(np.concatenate([np.flatnonzero(codes != common), drawn]))
        factor = np.where(codes[rows] == common, len(many) / len(drawn), 1.0)
        return rows, weight[rows] * factor

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        allows = self.estimator is None or get_tags(self.estimator).input_tags.allow_nan
        tags.input_tags.allow_nan = allows
        return tags


class OddsMean(_MeanOdds):
    """The mean log-odds of different classifiers; two classes.

    estimators   each is fitted to the same rows; pipelines take weights by their last step
    """

    def __init__(self, estimators: Sequence[Any] = ()) -> None:
        self.estimators = estimators

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> OddsMean:  # noqa: N803 - scikit-learn's names
        """Fit every one. Raises ValueError for more than two classes."""
        values, codes = self._read(X, y)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, values)
        every = self.estimators or (HistGradientBoostingClassifier(),)
        self.estimators_ = [fitted(clone(each), values, codes, weight) for each in every]
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = all(
            get_tags(each).input_tags.allow_nan for each in self.estimators
        )
        return tags
