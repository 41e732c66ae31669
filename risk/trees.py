"""Boosted trees over very many rows: column by column, not row by row.

The trees are small (risk/models.py: depth 3) and a province has 200,000 rows, so the rows of each
leaf are found by a few comparisons of whole columns: ten times as fast as scikit-learn's own way
from row to row, and the same to the bit (tests/risk/test_estimators.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

Scores = NDArray[np.float64]


class Step(NamedTuple):
    """From a node to one below it: who goes there. column: of the feature that is asked."""

    node: int
    below: int
    column: int
    rows: NDArray[np.bool_]


def plain(model: Any) -> bool:
    """Whether a model is boosted trees that this module can walk: two classes, no categories."""
    return (
        isinstance(model, HistGradientBoostingClassifier)
        and len(model.classes_) == 2  # noqa: PLR2004 - two
        and not any(tree.nodes["is_categorical"].any() for (tree,) in trees(model))
    )


def trees(model: HistGradientBoostingClassifier) -> list[Any]:
    """The trees in the order in which they were grown; one a step for two classes."""
    found: list[Any] = model._predictors  # noqa: SLF001 - has no public name
    return found


def baseline(model: HistGradientBoostingClassifier) -> float:
    """The log-odds before any tree."""
    return float(np.ravel(model._baseline_prediction)[0])  # noqa: SLF001 - has no public name


def steps(nodes: Any, columns: Scores) -> Iterator[Step]:
    """Every way from a node to one below it, parents first. `columns`: in Fortran order."""
    waiting: list[tuple[int, NDArray[np.bool_] | None]] = [(0, None)]
    while waiting:
        node, here = waiting.pop()
        if nodes["is_leaf"][node]:
            continue
        column = int(nodes["feature_idx"][node])
        asked = columns[:, column]
        left = asked <= nodes["num_threshold"][node]
        if nodes["missing_go_to_left"][node]:
            left |= np.isnan(asked)
        right = ~left
        if here is not None:
            left &= here
            right &= here
        for name, rows in (("left", left), ("right", right)):
            below = int(nodes[name][node])
            yield Step(node, below, column, rows)
            waiting.append((below, rows))


def log_odds_of(
    model: HistGradientBoostingClassifier, columns: Scores, asking: Sequence[int] = ()
) -> Scores:
    """What the trees of a `plain` model say of each row, in log-odds.

    asking: only those trees that ask for one of these columns; empty: all.
    """
    total = np.full(len(columns), baseline(model))
    for (tree,) in trees(model):
        nodes = tree.nodes
        if asking and not np.isin(nodes["feature_idx"][nodes["is_leaf"] == 0], asking).any():
            continue
        said = np.zeros(len(columns))
        if nodes["is_leaf"][0]:
            said += nodes["value"][0]
        for step in steps(nodes, columns):
            if nodes["is_leaf"][step.below]:
                np.copyto(said, nodes["value"][step.below], where=step.rows)
        total += said
    return total
