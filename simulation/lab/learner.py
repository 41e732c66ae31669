"""A glass box that learns from the record as it grows: will a visit now find serious trouble?

Small beside the product's own (risk/), so that a year of weeks takes minutes. Logistic regression
on what was on file of every child on the ledger on every EVERY-th Monday; yes: a serious problem
came on record within WINDOW days of it. Whom nobody saw counts as no here: the monthly calls look
at nearly everyone. Fitted anew every few weeks, on Mondays whose window is over. Sex and people are
no features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simulation.lab.record import DAYS, Record
from simulation.seasons import in_summer

WINDOW = 60
"""Days in which trouble that was there may come on record."""

EVERY = 4
"""Weeks between two snapshots that are learned from."""

Floats = NDArray[np.float64]
LOGGED = ("visits", "concerns", "serious_year", "minor", "unfit", "failed", "calls_month",
          "calls_quarter", "reports")  # fmt: skip
AS_THEY_ARE = (
    "tier", "disabled", "ill", "poor", "unsupported", "unguarded", "single_parent",
    "psychological_abnormality", "family_violence", "guardianship_improper", "truancy",
    "father_unable", "mother_unable", "agreed", "carer", "carer_capacity", "carer_grade", "elder",
    "out_of_school", "boarding", "concerns_last",
)  # fmt: skip


def features(record: Record, on: int) -> Floats:
    """What is on file on the morning of a Monday, shape (children, features)."""
    n = len(record)
    flag = {name: values[:n] for name, values in record.flag.items()}
    ago = {name: np.clip(on - record.day[name][:n], 0, 730) for name in DAYS}
    fading = {name: record.faded(name, on) for name in LOGGED}
    away = flag["father_away"] + flag["mother_away"]
    both = (away == 2).astype(float)
    age = (on - flag["birth"]) / 365.25
    calls = np.minimum(fading["calls_month"], 4.0)
    home = _household(record)
    columns = [
        *(np.log1p(fading[name]) for name in LOGGED),
        *(flag[name] for name in AS_THEY_ARE),
        *(np.log1p(ago[name]) for name in ("visit", "serious", "problem", "registered")),
        (fading["concerns"] + 0.1) / (fading["visits"] + 1.0),
        both,
        (away > 0) * (1 - both),
        (away > 0) * np.log1p(ago["parent_call"]),
        (away > 0) * calls,
        (away > 0) * (ago["left"] < 60),
        ((age < 6) | (age > 12.5)).astype(float),
        float(in_summer(on)) * (age < 13),
        home(np.ones(n)),
        np.log1p(home(fading["serious_year"])),
        np.log1p(home(fading["concerns"])),
        np.log1p(home(fading["minor"])),
        np.log1p(home(fading["unfit"])),
    ]
    made: Floats = np.column_stack(columns)
    return made


def _household(record: Record) -> Any:
    """A function: values → their sum over the other children of each child's household."""
    names = [house or key for house, key in zip(record.house, record.keys, strict=True)]
    _, codes = np.unique(np.array(names), return_inverse=True)

    def others(values: Floats) -> Floats:
        total: Floats = np.bincount(codes, weights=values)[codes] - values
        return total

    return others


class Learner:
    """Snapshots of the past, and the model fitted to them."""

    def __init__(self) -> None:
        self._shots: list[tuple[int, Floats, NDArray[np.bool_]]] = []
        self._model: Any = None

    def snapshot(self, record: Record, on: int) -> None:
        """Keep what was on file on a Monday."""
        present = record.flag["on_ledger"][: len(record)] > 0
        self._shots.append((on, features(record, on), present))

    def fit(self, record: Record, on: int) -> None:
        """Learn from what has matured by a day; keeps the old model where there is too little."""
        found = np.array(record.found, dtype=np.int64).reshape(-1, 2)
        rows, labels = [], []
        for day, values, present in self._shots:
            if day + WINDOW + 14 > on:
                continue
            here = found[(found[:, 1] >= day) & (found[:, 1] < day + WINDOW), 0]
            label = np.zeros(len(values), np.bool_)
            label[here[here < len(values)]] = True
            rows.append(values[present])
            labels.append(label[present])
        if not rows:
            return
        label = np.concatenate(labels)
        if label.any():
            model = make_pipeline(
                StandardScaler(), LogisticRegression(C=0.02, solver="newton-cholesky")
            )
            self._model = model.fit(np.vstack(rows), label)

    def scores(self, record: Record, on: int) -> Floats | None:
        """A probability for each child; None before anything was learned."""
        if self._model is None:
            return None
        made: Floats = self._model.predict_proba(features(record, on))[:, 1]
        return made
