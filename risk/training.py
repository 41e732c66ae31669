"""From a log to a judged model: dates, matrix, choice, figures, the fit that goes to the file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from domain.event import day as shanghai_day
from risk.capacity import Capacity
from risk.card import Card
from risk.errors import HistoryTooShortError
from risk.features import FEATURES
from risk.judging import Rank, areas, judge
from risk.matrix import Matrix, fetch
from risk.models import CANDIDATES, fit, predict
from risk.questions import SERIOUS_PROBLEM, Question, as_of_dates
from risk.reasons import typical
from risk.reference import reference
from risk.splits import forward
from risk.statement import feature_hash, moment
from risk.stewardship import code_version, libraries

WARM_UP = timedelta(days=120)
"""The first as-of date lies that long after the log begins: before, there is nothing to know."""

OUR_OWN = (
    "('risk.scored.v1', 'visit_list.child_listed.v1', 'access.logged.v1',"
    " 'model.trained.v1', 'model.shadowed.v1', 'model.approved.v1', 'model.retired.v1',"
    " 'model.alert_raised.v1', 'model.alert_cleared.v1', 'pia.recorded.v1')"
)
"""What this system records itself is no data: a score must not change the next one."""

CLEARLY_BETTER = 0.002
"""AUC by which a less plain model must lead to be chosen."""

Tell = Callable[[str], None]


def data_position(client: Any, as_of: date) -> int:
    """The last log position that was known by the end of a day."""
    rows = client.query(
        "SELECT max(position) FROM events"  # noqa: S608 - our own values
        f" WHERE recorded_at < {moment(as_of)} AND type NOT IN {OUR_OWN}"
    ).result_rows
    return int(rows[0][0])


def log_days(client: Any, as_of: date) -> tuple[date, date]:
    """The first and the last Shanghai day on which something was recorded, up to a day.

    Raises HistoryTooShortError for an empty log.
    """
    found, first, last = client.query(
        "SELECT count(), min(recorded_at), max(recorded_at) FROM events"  # noqa: S608 - our own values
        f" WHERE recorded_at < {moment(as_of)} AND type NOT IN {OUR_OWN}"
    ).result_rows[0]
    if not found:
        raise HistoryTooShortError(
            f"as-of: nothing was recorded by {as_of}; import events (`shouhe import FILE`) first"
        )
    return _day(first), _day(last)


def _day(value: datetime) -> date:
    return shanghai_day(value if value.tzinfo else value.replace(tzinfo=UTC))


def matured_days(client: Any, question: Question, as_of: date) -> list[date]:
    """Every as-of date that can be learned from on a day, ascending."""
    first, last = log_days(client, as_of)
    return as_of_dates(question, first + WARM_UP, min(as_of, last))


def choose(
    matrix: Matrix, days: tuple[date, ...], question: Question
) -> tuple[str, dict[str, float]]:
    """The kind that ranks best on an inner forward split; (kind, mean AUC of each).

    Where there are too few dates for an inner split, the plainest.
    """
    try:
        inner = forward(days, question)
    except HistoryTooShortError:
        return next(iter(CANDIDATES)), {}
    learn, held = matrix.on(inner.learn), matrix.on(inner.judge)
    found: dict[str, float] = {}
    for kind in CANDIDATES:
        scores = predict(fit(kind, learn), held.values)
        days_of = np.unique(held.as_of)
        each = [
            areas(scores[held.as_of == day], held.label[held.as_of == day])[0] for day in days_of
        ]
        found[kind] = round(sum(value or 0.0 for value in each) / max(1, len(each)), 6)
    best = next(iter(CANDIDATES))
    for kind, value in found.items():
        if value > found[best] + CLEARLY_BETTER:
            best = kind
    return best, found


def train(
    client: Any,
    as_of: date,
    *,
    created: datetime,
    question: Question = SERIOUS_PROBLEM,
    capacity: Capacity = Capacity(),  # noqa: B008 - frozen
    truth: Callable[[tuple[date, ...]], Rank] | None = None,
    tell: Tell = lambda _: None,
) -> tuple[Any, Card]:
    """Learn, choose, be judged once on the held-out dates, and fit for use.

    truth   gives the hidden truth's order for the test dates, to be judged beside the model
    Raises HistoryTooShortError.
    """
    days = matured_days(client, question, as_of)
    split = forward(days, question)
    tell(f"features: {len(days)} as-of dates, {days[0]} to {days[-1]}")
    matrix = fetch(client, days, question, as_of)
    learned, held = matrix.on(split.learn), matrix.on(split.judge)
    for part, name in ((learned, "learn from"), (held, "be judged on")):
        if not 0 < int(part.label.sum()) < len(part):
            raise HistoryTooShortError(
                f"as-of: among the {len(part)} rows to {name} no child has a different outcome"
                " from the rest; train on a larger county or a longer time"
            )
    kind, choice = choose(learned, split.learn, question)
    tell(f"chosen: {kind} {choice}")
    judged = predict(fit(kind, learned), held.values)
    figures = judge(client, held, judged, capacity, truth(split.judge) if truth else None)
    model = fit(kind, matrix)
    position, hashed = data_position(client, as_of), feature_hash(FEATURES)
    card = Card(
        model_id=model_id(as_of, kind, position, hashed, question),
        question=question.name,
        title=question.title,
        horizon_days=question.horizon_days,
        as_of=as_of,
        data_position=position,
        feature_hash=hashed,
        features=[each.name for each in FEATURES],
        typical=typical(matrix.values),
        kind=kind,
        choice=choice,
        learned_on=list(split.learn),
        judged_on=list(split.judge),
        fitted_on=days,
        rows=len(matrix),
        positives=int(matrix.label.sum()),
        figures=figures,
        created=created,
        code=code_version(),
        libraries=libraries(),
        reference=reference(
            [each.name for each in FEATURES],
            matrix.values,
            predict(model, matrix.on(days[-1:]).values),
        ),
    )
    return model, card


def model_id(as_of: date, kind: str, position: int, hashed: str, question: Question) -> str:
    """The same data, features and day give the same name: `2026-03-31-boosting-1a2b3c4d`."""
    text = f"{as_of}\0{kind}\0{position}\0{hashed}\0{question.name}"
    return f"{as_of}-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
