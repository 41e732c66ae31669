"""The hidden truth of a simulated county, read to judge a model by. No feature ever sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np

from infra.files import check_readable, lines
from risk.judging import Rank
from risk.matrix import Matrix, Scores

MARK = b'{"kind":"hazard"'


class _Hazard(msgspec.Struct):
    child_id: str
    day: str
    p90: float


def truth_order(path: Path) -> Callable[[tuple[date, ...]], Rank]:
    """Test dates → the order by the true probability, as of the morning after each of them.

    Raises InputError.
    """
    check_readable(path)

    def read(days: tuple[date, ...]) -> Rank:
        mornings = {str(day + timedelta(days=1)): day for day in days}
        known: dict[tuple[date, str], float] = {}
        decode = msgspec.json.Decoder(_Hazard).decode
        for line in lines(path):
            if line.startswith(MARK):
                row = decode(line)
                if row.day in mornings:
                    known[mornings[row.day], row.child_id] = row.p90

        def rank(matrix: Matrix, day: date) -> Scores:
            return np.array([known.get((day, child), 0.0) for child in matrix.text("child")])

        return rank

    return read
