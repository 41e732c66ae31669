"""Forward in time: learn on earlier as-of dates, be judged on later ones, with an embargo between.

The embargo is the label window: a model may learn from an as-of date only if its label could be
read by the first day on which it is judged. So nothing it learned lies in what it is judged on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from risk.errors import HistoryTooShortError
from risk.questions import Question

JUDGED_SHARE = 0.2
"""Of the as-of dates, the latest fifth is held out."""


@dataclass(frozen=True)
class Split:
    """As-of dates to learn from and to be judged on, ascending."""

    learn: tuple[date, ...]
    judge: tuple[date, ...]


def forward(days: Sequence[date], question: Question, share: float = JUDGED_SHARE) -> Split:
    """Hold out the latest dates. Raises HistoryTooShortError where none is left to learn from."""
    ordered = sorted(days)
    held = max(1, round(len(ordered) * share))
    judge = tuple(ordered[-held:])
    learn = tuple(day for day in ordered if judge and question.matured(day, judge[0]))
    if not learn:
        raise HistoryTooShortError(
            f"as-of: {len(ordered)} as-of dates have matured, and none lies"
            f" {question.window.days} days before the first that would judge;"
            " train as of a later day, or import an older log"
        )
    return Split(learn, judge)
