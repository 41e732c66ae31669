"""The finished matrix: what ClickHouse computed, block by block, as numpy.

ClickHouse does the work for several as-of dates in one pass; the county's size decides how many
(ROWS_A_PASS), so that neither side needs more memory when the county is larger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from risk.feature import Feature
from risk.features import FEATURES
from risk.questions import Question
from risk.statement import statement

ROWS_A_PASS = 300_000
"""Rows of one statement, about: each needs some 2 kB while ClickHouse joins and sorts."""

Floats = NDArray[np.float32]
Scores = NDArray[np.float64]
KEYS = ("as_of", "child", "village_code", "sex", "ethnicity", "category", "household_key")


@dataclass(frozen=True)
class Matrix:
    """Rows ordered by as-of date and child.

    values  float32, shape (rows, features)
    keys    Arrow table with `as_of`, `child`, `village_code`, `sex`; one row each
    label   uint8, shape (rows,); empty where no question was asked
    observed  whether a row has a label at all (risk/labels.py); None: they all have
    found_on  days since 1970 on which the outcome came to light, −1 where it did not
    """

    features: tuple[Feature, ...]
    values: Floats
    keys: pa.Table
    label: NDArray[np.uint8]
    observed: NDArray[np.bool_] | None = None
    found_on: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return int(self.values.shape[0])

    @property
    def as_of(self) -> NDArray[np.int32]:
        """The as-of date of each row, in days since 1970."""
        days: NDArray[np.int32] = self.keys["as_of"].combine_chunks().cast(pa.int32()).to_numpy()
        return days

    def column(self, name: str) -> Floats:
        """One feature, shape (rows,)."""
        names = [each.name for each in self.features]
        found: Floats = self.values[:, names.index(name)]
        return found

    def text(self, key: str) -> NDArray[np.object_]:
        """One key as Python strings, shape (rows,)."""
        found: NDArray[np.object_] = self.keys[key].to_numpy(zero_copy_only=False)
        return found

    def where(self, rows: NDArray[np.bool_]) -> Matrix:
        """The rows of a mask."""
        keys = self.keys.filter(pa.array(rows))
        label = self.label[rows] if len(self.label) else self.label
        observed = None if self.observed is None else self.observed[rows]
        found_on = None if self.found_on is None else self.found_on[rows]
        return Matrix(self.features, self.values[rows], keys, label, observed, found_on)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """The rows that have a label, shape (rows,)."""
        return np.ones(len(self), np.bool_) if self.observed is None else self.observed

    def labelled(self) -> Matrix:
        """Only the rows that have a label."""
        return self if self.observed is None or self.observed.all() else self.where(self.observed)

    def on(self, days: Sequence[date]) -> Matrix:
        """The rows of some as-of dates."""
        wanted = [(day - date(1970, 1, 1)).days for day in days]
        return self.where(np.isin(self.as_of, wanted))


def fetch(
    client: Any,
    days: Sequence[date],
    question: Question | None = None,
    known_by: date | None = None,
    features: Sequence[Feature] = FEATURES,
) -> Matrix:
    """The features of everyone on the ledger on each day; with labels if a question is asked."""
    names = [each.name for each in features]
    values, keys, labels = [], [], []
    for block in _blocks(client, sorted(days), question, known_by, features):
        values.append(np.column_stack([block[name].to_numpy() for name in names]))
        keys.append(pa.table({name: block[name] for name in KEYS}))
        if question is not None:
            labels.append(block["label"].to_numpy().copy())
    if not values:
        return Matrix(tuple(features), np.empty((0, len(names)), np.float32), _no_keys(),
                      np.empty(0, np.uint8))  # fmt: skip
    label = np.concatenate(labels) if labels else np.empty(0, np.uint8)
    return Matrix(tuple(features), np.concatenate(values), pa.concat_tables(keys), label)


def _blocks(
    client: Any,
    days: Sequence[date],
    question: Question | None,
    known_by: date | None,
    features: Sequence[Feature],
) -> Iterator[pa.RecordBatch]:
    children = int(client.query("SELECT uniq(child_id) FROM children_history").result_rows[0][0])
    at_once = max(1, ROWS_A_PASS // max(1, children))
    for start in range(0, len(days), at_once):
        sql = statement(features, days[start : start + at_once], question, known_by)
        with client.query_arrow_stream(sql, use_strings=True) as stream:
            for block in stream:
                if block.num_rows:
                    yield block


def _no_keys() -> pa.Table:
    kinds = {name: pa.string() for name in KEYS} | {"as_of": pa.date32()}
    return pa.table({name: pa.array([], kind) for name, kind in kinds.items()})
