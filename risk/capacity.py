"""How many children the workers' hours can reach, and which ones a ranking would send them to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk.matrix import Matrix, Scores

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Capacity:
    """Visits a village's directors can make: floor(weekly hours × 60 / visit minutes) × weeks."""

    visit_minutes: int = 60
    weeks: int = 1

    def __str__(self) -> str:
        return (
            f"每村名额 = ⌊儿童主任每周工时 × 60 / {self.visit_minutes} 分钟⌋ × {self.weeks} 周"
            " (visits per village = floor(weekly hours x 60 / visit minutes) x weeks)"
        )

    def visits(self, client: Any, day: date) -> dict[str, int]:
        """Village → visits, of the directors in office on a day."""
        rows = client.query(
            "SELECT place, weekly_hours FROM workers_as_of(as_of = {day:Date})"
            " WHERE active AND role = 'director' ORDER BY worker_id",
            parameters={"day": day},
        ).result_rows
        found: dict[str, int] = {}
        for place, hours in rows:
            made = int(hours * 60 // self.visit_minutes) * self.weeks
            found[place] = found.get(place, 0) + made
        return found


def tie_break(matrix: Matrix, key: str) -> NDArray[np.uint64]:
    """A number for each row that says nothing of the child and is the same for the same key."""
    secret = key.encode()[:64]
    made = [
        int.from_bytes(hashlib.blake2b(child.encode(), digest_size=8, key=secret).digest(), "big")
        for child in matrix.text("child")
    ]
    return np.array(made, np.uint64)


def ranks(
    villages: NDArray[np.object_], scores: Scores, ties: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Each row's place within its village, 0 = highest score; ties by the keyed hash."""
    _, codes = np.unique(villages, return_inverse=True)
    order = np.lexsort((ties, -scores, codes))
    sorted_codes = codes[order]
    first = np.searchsorted(sorted_codes, sorted_codes)
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order)) - first
    return found


def reached(matrix: Matrix, scores: Scores, visits: Mapping[str, int], key: str = "守禾") -> Mask:
    """Whom the directors would visit if they went by the scores; one as-of date, shape (rows,)."""
    villages = matrix.text("village_code")
    most = np.array([visits.get(village, 0) for village in villages])
    chosen: Mask = ranks(villages, scores, tie_break(matrix, key)) < most
    return chosen
