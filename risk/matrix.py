"""The finished matrix: what ClickHouse computed, block by block, as numpy.

ClickHouse does the work for several as-of dates in one pass; the county's size decides how many,
and where it is a province, for how many of its villages (ROWS_A_PASS): neither side needs more
memory when the county is larger, or its log longer.
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
from risk.statement import Lot, statement

ROWS_A_PASS = 100_000
"""Rows of one statement, about: each needs some 8 kB while ClickHouse joins and sorts."""

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
    parts = list(stream(client, days, question, known_by, features))
    if not parts:
        return Matrix(tuple(features), np.empty((0, len(features)), np.float32), _no_keys(),
                      np.empty(0, np.uint8))  # fmt: skip
    made = _joined(parts)
    children = made.text("child")
    if (children[1:] < children[:-1])[made.as_of[1:] == made.as_of[:-1]].any():
        order = np.lexsort((children, made.as_of))
        label = made.label[order] if len(made.label) else made.label
        return Matrix(made.features, made.values[order], made.keys.take(pa.array(order)), label)
    return made


def stream(
    client: Any,
    days: Sequence[date],
    question: Question | None = None,
    known_by: date | None = None,
    features: Sequence[Feature] = FEATURES,
    *,
    rows: int | None = None,
) -> Iterator[Matrix]:
    """The same piece by piece, about `rows` (ROWS_A_PASS) each: memory as for one piece.

    A piece is some as-of dates of all villages, or one date of some villages.
    """
    for some, lot in _passes(client, days, rows or ROWS_A_PASS):
        sql = statement(features, some, question, known_by, lot)
        with client.query_arrow_stream(sql, use_strings=True) as blocks:
            read = [_piece(each, features, question) for each in blocks if each.num_rows]
        if read:
            yield _joined(read)


def _passes(client: Any, days: Sequence[date], rows: int) -> Iterator[tuple[Sequence[date], Lot]]:
    """What to ask for at once: several dates, or where there are many children a lot of one."""
    children = int(client.query("SELECT uniq(child_id) FROM children_history").result_rows[0][0])
    ordered, at_once = sorted(days), max(1, rows // max(1, children))
    lots = -(-children // rows) or 1
    for start in range(0, len(ordered), at_once):
        for number in range(lots):
            yield ordered[start : start + at_once], Lot(number, lots)


def _piece(block: pa.RecordBatch, features: Sequence[Feature], question: Question | None) -> Matrix:
    values = np.empty((block.num_rows, len(features)), np.float32)
    for number, each in enumerate(features):
        values[:, number] = block[each.name].to_numpy()
    keys = pa.table({name: block[name] for name in KEYS})
    label = np.empty(0, np.uint8) if question is None else block["label"].to_numpy().copy()
    return Matrix(tuple(features), values, keys, label)


def _joined(parts: list[Matrix]) -> Matrix:
    """All of them in order; the list is emptied on the way, so that no row is held twice."""
    if len(parts) == 1:
        return parts.pop()
    features, rows = parts[0].features, sum(map(len, parts))
    keys = pa.concat_tables([each.keys for each in parts])
    label = np.concatenate([each.label for each in parts])
    values = np.empty((rows, len(features)), np.float32)
    at = 0
    while parts:
        part = parts.pop(0)
        values[at : at + len(part)] = part.values
        at += len(part)
    return Matrix(features, values, keys, label)


def _no_keys() -> pa.Table:
    kinds = {name: pa.string() for name in KEYS} | {"as_of": pa.date32()}
    return pa.table({name: pa.array([], kind) for name, kind in kinds.items()})
