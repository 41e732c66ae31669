"""What came of it: the answers to a question, and for whom there is one.

discovered   an outcome that a worker's visit or contact brought to light
reported     an outcome that came to light without one: a school, a neighbour, the police
observed     someone looked: a visit or contact within the window, or the outcome was reported
matured      the window is over and settled by the day of reading

Who was not looked at has no label: it is left out of learning, and counts neither as a find nor as
a visit in vain. A 0 there would teach that those nobody visits are well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk.matrix import Matrix
from risk.questions import Outcome, Question
from risk.statement import moment, moments

EPOCH = date(1970, 1, 1)
NEVER = -1
DATES_A_PASS = 13
"""As-of dates of one statement, which bounds memory."""

Mask = NDArray[np.bool_]
LOOKS = (("visits_history", 1), ("contacts_history", 0))
"""Where it is written that someone looked; 1: by a visit."""


@dataclass(frozen=True)
class Labels:
    """In the order of the matrix's rows. found_on: days since 1970 of the first outcome, or −1."""

    discovered: Mask
    reported: Mask
    observed: Mask
    matured: Mask
    found_on: NDArray[np.int32]
    answer: NDArray[np.uint8]


def read(client: Any, matrix: Matrix, question: Question, known_by: date) -> Labels:
    """The labels of a matrix's rows, as known by the end of a day."""
    rows = _places(matrix)
    count = len(matrix)
    discovered, reported, looked = (np.zeros(count, np.bool_) for _ in range(3))
    found_on = np.full(count, NEVER, np.int32)
    days = [date.fromordinal(int(d) + EPOCH.toordinal()) for d in np.unique(matrix.as_of)]
    for start in range(0, len(days), DATES_A_PASS):
        sql = statement(question, days[start : start + DATES_A_PASS], known_by)
        for day, child, by_worker, by_others, seen, first in client.query(sql).result_rows:
            row = rows.get((day, child))
            if row is not None:
                discovered[row], reported[row], looked[row] = by_worker, by_others, seen
                found_on[row] = first if by_worker or by_others else NEVER
    happened = discovered | reported
    nothing = question.reading == "nothing"
    matured = np.isin(
        matrix.as_of, [(d - EPOCH).days for d in days if question.matured(d, known_by)]
    )
    return Labels(
        discovered=discovered,
        reported=reported,
        observed=np.ones(count, np.bool_) if nothing else looked | reported,
        matured=matured,
        found_on=found_on,
        answer=(~happened if nothing else happened).astype(np.uint8),
    )


def answered(client: Any, matrix: Matrix, question: Question, known_by: date) -> Matrix:
    """The matrix with its answers; `observed`: whether a row has one at all."""
    labels = read(client, matrix, question, known_by)
    return replace(
        matrix,
        label=labels.answer,
        observed=labels.observed & labels.matured,
        found_on=labels.found_on,
    )


def answers(
    client: Any, question: Question, days: Sequence[date], known_by: date
) -> Iterator[tuple[tuple[date, str], bool]]:
    """(as-of date, child) → whether the outcome came to light; only who was looked at."""
    for start in range(0, len(days), DATES_A_PASS):
        sql = statement(question, days[start : start + DATES_A_PASS], known_by)
        for day, child, by_worker, by_others, looked, _ in client.query(sql).result_rows:
            if looked or by_others:
                yield (day, child), bool(by_worker or by_others)


def in_cohort(matrix: Matrix, question: Question) -> Matrix:
    """The rows that the question is about."""
    age, (least, below) = matrix.column("age"), question.cohort.ages
    inside = (age >= least) & (age < below)
    return matrix if inside.all() else matrix.where(inside)


def statement(question: Question, days: Sequence[date], known_by: date) -> str:
    """One row per as-of date and child of whom anything is known in the window."""
    known_at = moment(known_by)
    known = f"recorded_at < {known_at} AND replaced_at >= {known_at}"
    window = f"occurred_at >= m AND occurred_at < m + INTERVAL {question.horizon_days} DAY"
    dates = f"arrayJoin(arrayFilter(m -> {window}, {moments(days)})) AS t"
    day = "toInt32(toDate(occurred_at, 'Asia/Shanghai')) AS day"

    def outcome(each: Outcome) -> str:
        return (
            f"SELECT {dates}, child_id, {day}, toUInt8({each.reported}) AS by_others,"  # noqa: S608 - our own names
            f" 1 AS outcome, 0 AS visit FROM {each.table}"
            f" WHERE {known} AND {each.when.replace('{known}', known)}"
        )

    looks = [
        f"SELECT {dates}, child_id, {day}, 0 AS by_others, 0 AS outcome, {visit} AS visit"  # noqa: S608 - our own names
        f" FROM {table} WHERE {known}"
        for table, visit in LOOKS
    ]
    facts = " UNION ALL ".join([*map(outcome, question.outcomes), *looks])
    at_visit = question.reading == "next_visit"
    counts = "outcome AND day = first_visit" if at_visit else "outcome"
    looked = "visit" if at_visit else "NOT outcome OR NOT by_others"
    first_visit = "minIf(day, visit) OVER (PARTITION BY t, child_id) AS first_visit"
    return (
        "SELECT toDate(t - INTERVAL 1 SECOND, 'Asia/Shanghai') AS as_of, toString(child_id),"  # noqa: S608 - our own names
        f" max({counts} AND NOT by_others), max({counts} AND by_others), max({looked}),"
        f" minIf(day, {counts})"
        f" FROM (SELECT *, {first_visit} FROM ({facts})) GROUP BY t, child_id"
    )


def _places(matrix: Matrix) -> dict[tuple[date, str], int]:
    """(as-of date, child) → row."""
    days = {int(d): date.fromordinal(int(d) + EPOCH.toordinal()) for d in np.unique(matrix.as_of)}
    children = matrix.text("child")
    return {(days[int(d)], children[row]): row for row, d in enumerate(matrix.as_of)}
