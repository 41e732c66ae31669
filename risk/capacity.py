"""How many children the workers can reach, and which ones a ranking would send them to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from domain.event import SHANGHAI

if TYPE_CHECKING:  # the matrix knows questions, and a question its capacity
    from risk.matrix import Matrix, Scores

Mask = NDArray[np.bool_]

WEEKS = 13
"""What a director gets done is told by the last quarter: one turn of the visits that duty asks."""

MADE = """
SELECT village_code, count() FROM visits_history
WHERE by = 'director' AND occurred_at < {end:DateTime64(6, 'UTC')}
    AND occurred_at >= {start:DateTime64(6, 'UTC')}
    AND recorded_at < {end:DateTime64(6, 'UTC')} AND replaced_at >= {end:DateTime64(6, 'UTC')}
GROUP BY village_code
"""
DIRECTORS = """
SELECT place, weekly_hours FROM workers_as_of(as_of = {day:Date})
WHERE active AND role = 'director' ORDER BY worker_id
"""


@dataclass(frozen=True)
class Capacity:
    """Visits that a village's directors can make in a week.

    On paper: floor(weekly hours × 60 / visit minutes). Their hours also hold calls, paper and the
    days when nobody goes, so that what they can make is what they made: visits a week of the last
    13 weeks, rounded up, but not more than on paper. A village without a visit in them has its
    paper hours. `paper`: count the paper hours alone.
    """

    visit_minutes: int = 60
    weeks: int = 1
    paper: bool = False

    def __str__(self) -> str:
        on_paper = f"⌊儿童主任每周工时 × 60 / {self.visit_minutes} 分钟⌋ × {self.weeks} 周"
        if self.paper:
            return (
                f"每村名额 = {on_paper}"
                " (visits per village = floor(weekly hours x 60 / visit minutes) x weeks)"
            )
        return (
            f"每村名额 = 近13周实际每周走访数(进一),不超过 {on_paper}"
            " (visits per village = a week's visits of the last 13 weeks, rounded up,"
            " at most what the weekly hours hold)"
        )

    def visits(self, client: Any, day: date) -> dict[str, int]:
        """Village → visits, of the directors in office on a day, as known then."""
        found: dict[str, int] = {}
        for place, hours in client.query(DIRECTORS, parameters={"day": day}).result_rows:
            found[place] = found.get(place, 0) + int(hours * 60 // self.visit_minutes) * self.weeks
        if self.paper:
            return found
        made = _made(client, day)
        return {
            place: min(most, ceil(made[place] / WEEKS) * self.weeks) if place in made else most
            for place, most in found.items()
        }


def _made(client: Any, day: date) -> dict[str, int]:
    """Village → visits of the last weeks."""
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
    start = end - timedelta(weeks=WEEKS)
    moments = {"start": start.replace(tzinfo=None), "end": end.replace(tzinfo=None)}
    return {place: int(n) for place, n in client.query(MADE, parameters=moments).result_rows}


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


def by_ties(matrix: Matrix, scores: Scores, chosen: Mask) -> int:
    """How many places of the lists were given by the hash: the cut runs through equal scores."""
    names, codes = np.unique(matrix.text("village_code"), return_inverse=True)
    cut = np.full(len(names), np.inf)
    np.minimum.at(cut, codes[chosen], scores[chosen])
    equal = scores == cut[codes]
    left_out = np.bincount(codes[equal & ~chosen], minlength=len(names)) > 0
    return int((equal & chosen & left_out[codes]).sum())
