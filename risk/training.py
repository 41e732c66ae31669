"""From a log to a judged model: dates, matrix, choice, figures, the fit that goes to the file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.event import day as shanghai_day
from risk.capacity import Capacity
from risk.card import Card
from risk.errors import HistoryTooShortError
from risk.features import FEATURES
from risk.judging import Rank, judge
from risk.labels import answered, in_cohort
from risk.matrix import fetch
from risk.models import fit, predict
from risk.questions import SERIOUS_PROBLEM, Question, as_of_dates
from risk.reasons import typical
from risk.reference import RECENT, reference
from risk.selection import choose
from risk.splits import forward
from risk.statement import feature_hash, moment
from risk.stewardship import code_version, libraries

WARM_UP = timedelta(days=120)
"""The first as-of date lies that long after the log begins: before, there is nothing to know."""

NO_DATA = (
    "('risk.scored.v1', 'access.logged.v1',"
    " 'model.trained.v1', 'model.shadowed.v1', 'model.approved.v1', 'model.retired.v1',"
    " 'model.alert_raised.v1', 'model.alert_cleared.v1', 'pia.recorded.v1')"
)
"""What no feature reads, being this system's own: a score must not change the next one.

Lists are not among them: features ask in how many weeks a child was listed (risk.features.around),
so two logs that differ in such a list alone may score otherwise, and must not share a position.
"""

READ = "(type != 'visit_list.child_listed.v1' OR occurred_at < {t} - INTERVAL 7 DAY)"
"""Lists count once features read them: not in the week of scoring, which they were made from."""

OUR_OWN = NO_DATA.replace("(", "('visit_list.child_listed.v1', ", 1)
"""What tells of no day in the county: what this system records itself, its lists too."""

Tell = Callable[[str], None]


def data_position(client: Any, as_of: date) -> int:
    """The last log position known by the end of a day, of the events that features may read."""
    rows = client.query(
        "SELECT max(position) FROM events"  # noqa: S608 - our own values
        f" WHERE recorded_at < {moment(as_of)} AND type NOT IN {NO_DATA}"
        f" AND {READ.format(t=moment(as_of))}"
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


def train(
    client: Any,
    as_of: date,
    *,
    created: datetime,
    question: Question = SERIOUS_PROBLEM,
    capacity: Capacity | None = None,
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
    matrix = answered(client, in_cohort(fetch(client, days), question), question, as_of)
    learned, held = matrix.on(split.learn), matrix.on(split.judge)
    for part, name in ((learned, "learn from"), (held, "be judged on")):
        if not 0 < int(part.labelled().label.sum()) < len(part.labelled()):
            raise HistoryTooShortError(
                f"as-of: among the {len(part)} rows to {name} no child has a different outcome"
                " from the rest; train on a larger county or a longer time"
            )
    choice = choose(learned, split.learn, question)
    tell(f"chosen: {choice}")
    kind = choice.kind
    judged = predict(fit(kind, learned, **choice.settings), held.values)
    figures = judge(
        client, held, judged, capacity or question.capacity, truth(split.judge) if truth else None
    )
    model = fit(kind, matrix, **choice.settings)
    usual = typical(matrix.values)
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
        typical=usual,
        kind=kind,
        choice=choice.tried,
        learned_on=list(split.learn),
        judged_on=list(split.judge),
        fitted_on=days,
        rows=len(matrix.labelled()),
        positives=int(matrix.labelled().label.sum()),
        figures=figures,
        created=created,
        code=code_version(),
        libraries=libraries(),
        reference=reference(
            model,
            [each.name for each in FEATURES],
            matrix.on(days[-RECENT:]).values,
            usual,
            judged,
        ),
    )
    return model, card


def model_id(as_of: date, kind: str, position: int, hashed: str, question: Question) -> str:
    """The same data, features and day give the same name: `2026-03-31-boosting-1a2b3c4d`."""
    text = f"{as_of}\0{kind}\0{position}\0{hashed}\0{question.name}"
    return f"{as_of}-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
