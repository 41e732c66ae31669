"""Walking forward: for each as-of date the list of a model that knew only what could be known then.

learned     as-of dates whose labels had matured by the day of the fit, read as known that day
embargo     so at least the label window lies between what it learned and what it is judged on
chosen      kind and settings of each fit, on an inner split of what it could learn from: with
            little history the plain kind does better, with more the trees do
fitted      anew every twelve weeks, as a county would; in between the list uses the last fit
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from risk.capacity import Capacity, reached
from risk.errors import HistoryTooShortError
from risk.figures import Churn, Figures
from risk.judging import Rank, judge
from risk.labels import EPOCH, answered, in_cohort
from risk.matrix import Matrix, Scores, fetch
from risk.models import SEED, fit, predict
from risk.panels import days_of
from risk.questions import SERIOUS_PROBLEM, Question, sunday_on_or_before
from risk.selection import Choice, choose
from risk.training import log_days, matured_days

REFIT = timedelta(days=84)
WEEK = timedelta(days=7)
MOST_DATES = 20
"""As-of dates judged at most: each asks for the statutory order of its day."""

STEPS = (7, 14, 28, 56)
LEAST_LEARNED = 3
"""As-of dates that the first fit must have."""


@dataclass(frozen=True)
class Walk:
    """The judged rows with their labels and what was said of each, then and a week before.

    fits    day of each fit → how many as-of dates it learned from; choices: → what was chosen
    again   what the last fit says with another seed, NaN elsewhere; None: it has no seed
    """

    question: Question
    matrix: Matrix
    scores: Scores
    stale: Scores
    fits: dict[date, int]
    choices: dict[date, Choice]
    again: Scores | None

    @property
    def choice(self) -> Choice:
        """What the last fit is."""
        return self.choices[max(self.choices)]

    @property
    def dates(self) -> list[date]:
        """The judged as-of dates, ascending."""
        return days_of(self.matrix)


def judged_dates(days: Sequence[date], since: date, until: date) -> list[date]:
    """Of the weekly dates in a span, as many as are judged: every 7, 14, 28 or 56 days."""
    inside = [day for day in days if since <= day <= until]
    for step in STEPS:
        picked = [day for day in inside if (inside[-1] - day).days % step == 0]
        if len(picked) <= MOST_DATES:
            return picked
    return picked[-MOST_DATES:]


def walk(
    client: Any,
    since: date,
    until: date,
    *,
    question: Question = SERIOUS_PROBLEM,
    tell: Callable[[str], None] = lambda _: None,
) -> Walk:
    """Judge every as-of date of a span whose label has matured. Raises HistoryTooShortError."""
    first, last = log_days(client, date.max - timedelta(days=2))
    learnable = matured_days(client, question, last)
    sundays = _sundays(question, learnable, last)
    dates = [d for d in judged_dates(sundays, since, until) if _known(learnable, question, d)]
    if not dates:
        raise HistoryTooShortError(
            f"from, until: the log goes from {first} to {last}; from {since} to {until} there is"
            f" no as-of date with {LEAST_LEARNED} others a label window ({question.window.days}"
            " days) before it and its own label known; choose a span after the first ten months"
            " and at least a label window before the log's last day"
        )
    tell(f"judged on {len(dates)} as-of dates, {dates[0]} to {dates[-1]}")
    wanted = {*(d for d in learnable if d < dates[-1]), *dates, *(d - WEEK for d in dates)}
    everything = in_cohort(fetch(client, sorted(wanted)), question)
    judged = answered(client, everything.on(dates), question, last)
    scores, stale = np.empty(len(judged)), np.full(len(judged), np.nan)
    again: Scores | None = None
    fits: dict[date, int] = {}
    choices: dict[date, Choice] = {}
    for fitted, served in _terms(dates):
        days = _known(learnable, question, fitted)
        learned = answered(client, everything.on(days), question, fitted)
        choice = choices[fitted] = choose(learned, tuple(days), question)
        tell(f"{fitted}: {choice}")
        model = fit(choice.kind, learned, **choice.settings)
        fits[fitted] = len(days)
        rows = np.isin(judged.as_of, [(d - EPOCH).days for d in served])
        scores[rows] = predict(model, judged.values[rows])
        before = everything.on([d - WEEK for d in served])
        stale[rows] = _a_week_before(judged.where(rows), before, predict(model, before.values))
        if choice.kind != "logistic" and served[-1] == dates[-1]:
            other = fit(choice.kind, learned, SEED + 1_000, **choice.settings)
            again = np.full(len(judged), np.nan)
            again[rows] = predict(other, judged.values[rows])
    return Walk(question, judged, scores, stale, fits, choices, again)


def figures(client: Any, walked: Walk, capacity: Capacity, truth: Rank | None = None) -> Figures:
    """What the lists of the walk would have found, beside every other order."""
    made = judge(client, walked.matrix, walked.scores, capacity, truth, stale=walked.stale)
    churn = _churn(client, walked, capacity)
    return msgspec.structs.replace(made, churn=churn)


def _sundays(question: Question, learnable: Sequence[date], last: date) -> list[date]:
    """Every Sunday from the first date that can be learned from to the last that has matured."""
    if not learnable:
        return []
    final = sunday_on_or_before(last - question.window)
    weeks = (final - learnable[0]).days // 7
    return [final - WEEK * back for back in range(weeks, -1, -1)]


def _known(learnable: Sequence[date], question: Question, day: date) -> list[date]:
    """The as-of dates whose labels had matured by a day; empty where they are too few."""
    found = [each for each in learnable if question.matured(each, day)]
    return found if len(found) >= LEAST_LEARNED else []


def _terms(dates: Sequence[date]) -> list[tuple[date, list[date]]]:
    """Day of a fit → the judged dates that its model serves."""
    found: list[tuple[date, list[date]]] = []
    for day in dates:
        if not found or day - found[-1][0] >= REFIT:
            found.append((day, []))
        found[-1][1].append(day)
    return found


def _a_week_before(now: Matrix, before: Matrix, scores: Scores) -> Scores:
    """The scores of the same children a week before; NaN for who was not there."""
    known = dict(
        zip(zip(before.as_of.tolist(), before.text("child"), strict=True), scores, strict=True)
    )
    keys = zip((now.as_of - WEEK.days).tolist(), now.text("child"), strict=True)
    return np.array([known.get(key, np.nan) for key in keys], np.float64)


def _churn(client: Any, walked: Walk, capacity: Capacity) -> Churn | None:
    """How much hangs on the seed; a model without one has none to change."""
    if walked.again is None:
        return None
    same = listed = 0
    found = [0, 0]
    for day in np.unique(walked.matrix.as_of[~np.isnan(walked.again)]):
        rows = walked.matrix.as_of == day
        part, as_of = walked.matrix.where(rows), EPOCH + timedelta(days=int(day))
        visits = capacity.visits(client, as_of)
        one, two = (
            reached(part, each[rows], visits, f"守禾 {as_of}")
            for each in (walked.scores, walked.again)
        )
        same, listed = same + int((one & two).sum()), listed + int(one.sum())
        for place, mask in enumerate((one, two)):
            found[place] += int(part.label[mask & part.seen].sum())
    return Churn(overlap=same / max(1, listed), found=found[0], found_again=found[1])
