"""The lists on record, and what another list would have said in the same weeks (risk.other_list).

A week's list is the one with which the week began, or the first that was made in it: made anew
after Monday's visits, it leaves out whom they were made to. The other list is planned
anew by domain.visit_list for the same directors, hours and candidates, without a lot, from what was
known on the Sunday before: on Monday the first visits of the list that was made are on record. What
a visit found is read by the day `until`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np

from domain.errors import WrongUsageError
from domain.event import SHANGHAI
from domain.foresight import ListedFor
from domain.visit_list import Candidate, Rules
from infra.list_candidates import candidates
from infra.travel import Travel
from infra.visit_lists import (
    DIRECTORS,
    STALE_DAYS,
    Director,
    by_villages,
    check_village,
    lines_of,
    week_of,
)
from risk.approvals import shadow_models
from risk.baselines import SHEET, SHEET_FEATURES, sheet
from risk.labels import answers
from risk.matrix import fetch
from risk.other_list import OtherList, Rows, compared
from risk.questions import FOUND_AT_NEXT_VISIT

DUE_ORDER, POINTS, NO_LOT = "due_order", "points", "no_lot"
"""Duty order (the kill switch); a county's points sheet; the model's own list, without a lot.
Any other name is a model's."""
BY_RULE = (DUE_ORDER, POINTS, NO_LOT)

FOUND_IN_THE_WEEK = replace(
    FOUND_AT_NEXT_VISIT, name="found_in_the_week", title="当周走访发现严重问题", horizon_days=7
)
WITHOUT_LOT = Rules(random_share=0.0)

MADE = """
SELECT village_code, worker_id, toString(child_id),
    if(raised_for = '', listed_for, raised_for), propensity, model_id FROM (
    SELECT *, occurred_at < {start:DateTime64(6, 'UTC')} AS before,
        if(max(before) OVER own, maxIf(occurred_at, before) OVER own, min(occurred_at) OVER own)
            AS first
    FROM visit_list_history
    WHERE week = {week:String} AND startsWith(village_code, {village:String})
        AND recorded_at < {end:DateTime64(6, 'UTC')} AND replaced_at >= {end:DateTime64(6, 'UTC')}
    WINDOW own AS (PARTITION BY village_code, worker_id)
)
WHERE occurred_at = first AND propensity IS NOT NULL
"""
SCORES = """
SELECT toString(child_id), score FROM scores
WHERE model_id = {model:String} AND as_of = (
    SELECT max(as_of) FROM scores WHERE model_id = {model:String}
        AND as_of BETWEEN {eve:Date} - {stale:UInt16} AND {eve:Date})
"""
TRAINED = """
SELECT count(), max(toDateOrZero(JSONExtractString(data, 'as_of'))) FROM events
WHERE type = 'model.trained.v1' AND JSONExtractString(data, 'model_id') = {model:String}
"""

Scores = Mapping[str, float]
Kinds = Mapping[str, Mapping[str, str]]
"""Village → child → for what it is visited."""


class Named(NamedTuple):
    """A visit of a list: for what, and with what chance."""

    kind: str
    chance: float


class Week(NamedTuple):
    """The lists of a week on record. visits: village → child → why; model: whose scores, or ''."""

    monday: date
    visits: dict[str, dict[str, Named]]
    workers: frozenset[tuple[str, str]]
    model: str


class _Row(NamedTuple):
    eve: date
    child: str
    made: Named
    other: str
    drawn: bool
    fell: bool
    score: float


def other_lists(
    client: Any,
    others: Sequence[str],
    from_: date,
    until: date,
    *,
    village: str = "",
    travel: Travel = Travel(),  # noqa: B008 - frozen
    tell: Callable[[str], None] = lambda _: None,
) -> list[OtherList]:
    """Each of some lists beside the ones that were made; reads only.

    others    `due_order`, `points`, `no_lot`, or a model (one in shadow too)
    from_     the first day on which a week may begin; until: what is known by then is read
    village   a village, or a place by the beginning of its code
    travel    the ways, as they are now
    Raises WrongUsageError for a model that was never trained, and for what is no place.
    """
    check_village(village)
    learned = {other: _learned_until(client, other) for other in others}
    rows: dict[str, list[_Row]] = {other: [] for other in others}
    weeks = [each for each in _weeks(client, from_, until, village) if each.visits]
    for week in weeks:
        tell(week_of(week.monday))
        asked = [each for each in others if learned[each] < week.monday]
        for other, found in _week(client, week, asked, travel).items():
            rows[other] += found
    eves = sorted({week.monday - timedelta(days=1) for week in weeks})
    told = dict(answers(client, FOUND_IN_THE_WEEK, eves, until))
    return [
        compared(other, _columns(own, told), len({each.eve for each in own}))
        for other, own in rows.items()
    ]


def usual(client: Any) -> list[str]:
    """The lists that are asked about where none is named: duty order, points, models in shadow."""
    return [DUE_ORDER, POINTS, *(each.model_id for each in shadow_models(client))]


def _learned_until(client: Any, other: str) -> date:
    """The day whose records a model has learned from: of later weeks alone it can be asked."""
    if other in BY_RULE:
        return date.min
    count, day = client.query(TRAINED, {"model": other}).result_rows[0]
    if not count:
        raise WrongUsageError(
            f"--list: {other!r} is none of {', '.join(BY_RULE)}, nor a model that was trained here"
        )
    return date.fromisoformat(str(day))


def _weeks(client: Any, from_: date, until: date, village: str) -> Iterator[Week]:
    """The weeks whose answers are in, with the lists with which they began."""
    monday = from_ + timedelta(days=-from_.weekday() % 7)
    while FOUND_IN_THE_WEEK.matured(monday - timedelta(days=1), until):
        start, end = (
            datetime.combine(monday + timedelta(days=days), time(), SHANGHAI) for days in (0, 7)
        )
        given = {"week": week_of(monday), "village": village, "start": start, "end": end}
        visits: dict[str, dict[str, Named]] = {}
        workers, models = set(), Counter[str]()
        for place, worker, child, kind, chance, model in client.query(MADE, given).result_rows:
            visits.setdefault(place, {})[child] = Named(kind, chance)
            workers.add((place, worker))
            models[model] += bool(model)
        model = models.most_common(1)[0][0] if models.total() else ""
        yield Week(monday, visits, frozenset(workers), model)
        monday += timedelta(days=7)


def _week(client: Any, week: Week, others: Sequence[str], travel: Travel) -> dict[str, list[_Row]]:
    """Other list → its rows and those of the lists that were made."""
    monday, rows = week.monday, dict[str, list[_Row]]()
    eve = monday - timedelta(days=1)
    given = {"monday": monday, "village": ""}
    every = [Director(*row) for row in client.query(DIRECTORS, given).result_rows]
    directors = [each for each in every if (each.village_code, each.worker_id) in week.workers]
    own = _scores(client, NO_LOT, week)
    scores = {other: _scores(client, other, week) for other in others}
    for some in by_villages(directors):
        villages = sorted({each.village_code for each in some})
        waiting = candidates(client, week_of(monday), eve, villages, ("", eve))
        for other in others:
            if scores[other] or other in BY_RULE:
                named = _named(some, waiting, monday, scores[other], travel)
                rows.setdefault(other, []).extend(_rows(week, villages, named, own))
    return rows


def _scores(client: Any, other: str, week: Week) -> Scores:
    """Child → score, by which the other list goes; empty: by none."""
    if other == DUE_ORDER:
        return {}
    eve = week.monday - timedelta(days=1)
    if other == POINTS:
        matrix = fetch(client, [eve], features=SHEET_FEATURES)
        points = (sheet(matrix) + 1) / (sum(SHEET.values()) + 1)
        return dict(zip(matrix.text("child"), map(float, points), strict=True))
    model = week.model if other == NO_LOT else other
    given = {"model": model, "eve": eve, "stale": STALE_DAYS}
    return dict(client.query(SCORES, given).result_rows) if model else {}


def _named(
    directors: Sequence[Director],
    waiting: Mapping[str, Sequence[Candidate]],
    monday: date,
    scores: Scores,
    travel: Travel,
) -> Kinds:
    """Whom the other list names, and for what."""
    scored = {
        village: [
            msgspec.structs.replace(each, score=scores.get(str(each.child_id))) for each in known
        ]
        for village, known in waiting.items()
    }
    found: dict[str, dict[str, str]] = {}
    model = "scored" if scores else ""
    for line in lines_of(directors, scored, monday, model, WITHOUT_LOT, travel=travel):
        if line.propensity is not None:
            kind = line.raised_for or line.listed_for
            found.setdefault(line.village_code, {})[str(line.child_id)] = kind
    return found


def _rows(week: Week, villages: Sequence[str], named: Kinds, own: Scores) -> Iterator[_Row]:
    """A row for each child of some villages who is on either list for a visit."""
    nobody = Named("", 1.0)
    for village in villages:
        made, others = week.visits.get(village, {}), named.get(village, {})
        drawn = any(each.chance < 1.0 for each in made.values())
        fell = any(each.kind == ListedFor.RANDOM.value for each in made.values())
        for child in sorted({*made, *others}):
            yield _Row(
                week.monday - timedelta(days=1), child, made.get(child, nobody),
                others.get(child, ""), drawn, fell, own.get(child, np.nan),
            )  # fmt: skip


def _columns(rows: Sequence[_Row], told: Mapping[tuple[date, str], bool]) -> Rows:
    keys = [(each.eve, each.child) for each in rows]
    return Rows(
        made=np.array([each.made.kind for each in rows], np.str_),
        chance=np.array([each.made.chance for each in rows], np.float64),
        other=np.array([each.other for each in rows], np.str_),
        drawn=np.array([each.drawn for each in rows], np.bool_),
        fell=np.array([each.fell for each in rows], np.bool_),
        looked=np.array([key in told for key in keys], np.bool_),
        found=np.array([told.get(key, False) for key in keys], np.bool_),
        score=np.array([each.score for each in rows], np.float64),
    )
