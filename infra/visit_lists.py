"""走访清单: for each director and week, duty first and then risk, within the hours; recorded.

Fetch (duties as of Monday, the latest scores of an approved model, the directors in office), plan
(domain.visit_list), record. A list that says what the last one said is not recorded again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.errors import WrongUsageError
from domain.event import Incoming
from domain.foresight import ChildListed
from domain.visit_list import Candidate, Line, Rules, Task, plan
from infra.days import FIRST, LAST
from infra.home import Home
from infra.list_candidates import candidates
from infra.own_events import own_event, record
from infra.travel import Travel, travel_of
from risk.approvals import list_models

SOURCE = "shouhe/list"
VILLAGES = 2_000
"""Villages of one query, which bounds memory."""

STALE_DAYS = 42
"""Scores older than that say nothing of this week."""

DIRECTORS = """
SELECT place, worker_id, weekly_hours FROM workers_as_of(as_of = {monday:Date})
WHERE active AND role = 'director' AND startsWith(place, {village:String})
ORDER BY place, worker_id
"""
LATEST_SCORED = """
SELECT count(), max(as_of) FROM scores WHERE model_id = {model:String} AND NOT shadow
AND as_of BETWEEN {monday:Date} - {stale:UInt16} AND {monday:Date}
"""
LISTED = """
SELECT village_code, worker_id, child_id, rank, duty, score, reasons, listed_for, propensity,
    model_id, tied, task, raised_for FROM visit_list
WHERE week = {week:String} AND village_code IN {villages:Array(String)} ORDER BY worker_id, rank
"""

NO_ONE_REASON = "综合评分靠前,无单一突出原因"

_WEEK = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
_PLACE = re.compile(r"[0-9]{2,12}")


class Director(NamedTuple):
    """A director in office: village, own number, hours a week."""

    village_code: str
    worker_id: str
    weekly_hours: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of one list; the JSON keys of `shouhe list`."""

    village_code: str
    worker_id: str
    child_id: UUID
    rank: int
    duty: str
    score: float | None
    reasons: list[str]
    listed_for: str = ""
    propensity: float | None = None
    model_id: str = ""
    tied: bool = False
    task: str = ""
    raised_for: str = ""


class Lists(NamedTuple):
    """The lists of a week. `model_id` is empty where no approved model has scored of late."""

    rows: list[Row]
    model_id: str
    new: int

    @property
    def tied(self) -> float:
        """The share of lines whose place a draw among equals decided."""
        return sum(row.tied for row in self.rows) / max(1, len(self.rows))


def monday_of(week: str) -> date:
    """The Monday of an ISO week such as 2026-W12. Raises WrongUsageError."""
    found = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else _no_week(week)
    except ValueError:
        return _no_week(week)
    return monday if FIRST <= monday <= LAST - timedelta(days=7) else _no_week(week)


def check_village(village: str) -> None:
    """Raises WrongUsageError for what is no beginning of a village's code. Empty: everywhere."""
    if village and not _PLACE.fullmatch(village):
        raise WrongUsageError(
            f"--village: {village!r} is no place code; use the village's 12 digits"
        )


def _no_week(week: str) -> date:
    raise WrongUsageError(
        f"--week: {week!r} is no ISO week; write it as 2026-W12 (W01 to W52 or W53)"
    )


def make_lists(
    home: Home,
    week: str,
    village: str = "",
    *,
    keep: bool = True,
    rules: Rules = Rules(),  # noqa: B008 - frozen
) -> Lists:
    """The lists of every director in a village, or in any place by its code's beginning.

    keep   record the lists as events where they differ from what was listed last
    Raises WrongUsageError; SettingsError for a `travel.toml` that can't be read.
    """
    monday = monday_of(week)
    check_village(village)
    home.catch_up()
    client, parameters = home.warehouse, {"monday": monday, "village": village}
    directors = [Director(*row) for row in client.query(DIRECTORS, parameters).result_rows]
    model_id, as_of = _scores(client, monday)
    travel = travel_of(home.settings)
    rows: list[Row] = []
    new = 0
    for some in by_villages(directors):
        villages = sorted({each.village_code for each in some})
        waiting = candidates(client, week, monday, villages, (model_id, as_of))
        planned = list(lines_of(some, waiting, monday, model_id, rules, travel=travel))
        rows += planned
        if keep:
            new += record(home, _changed(home, client, week, some, planned))
    if new:
        home.catch_up()
    return Lists(rows, model_id, new)


def by_villages(directors: Sequence[Director]) -> Iterator[list[Director]]:
    """Directors, in lots of so many villages; a village is never split."""
    villages = sorted({each.village_code for each in directors})
    for start in range(0, len(villages), VILLAGES):
        wanted = set(villages[start : start + VILLAGES])
        yield [each for each in directors if each.village_code in wanted]


def _scores(client: Any, monday: date) -> tuple[str, date]:
    """The latest model of the list's question that has scored, and the day; else ("", monday)."""
    for each in list_models(client, monday):
        parameters = {"model": each.model_id, "monday": monday, "stale": STALE_DAYS}
        count, as_of = client.query(LATEST_SCORED, parameters).result_rows[0]
        if count:
            return each.model_id, as_of
    return "", monday


def lines_of(
    directors: Sequence[Director],
    waiting: dict[str, list[Candidate]],
    monday: date,
    model_id: str,
    rules: Rules,
    *,
    travel: Travel,
) -> Iterator[Row]:
    """Each director's lines. Two directors of a village share it: no child is on both lists, and
    none for risk, information or by lot whose household is on the first for a visit.

    waiting   loses the children who are listed; their siblings are marked
    model_id  whose scores the candidates have; empty: none, so duty order
    travel    the way of each village, which says how many visits its director's hours hold
    """
    for director in directors:
        village = director.village_code
        planned = plan(
            waiting.get(village, []),
            int(director.weekly_hours * 60),
            day=monday,
            costs=travel.costs(village),
            rules=rules,
            scores_approved=bool(model_id),
            worker=director.worker_id,
        )
        waiting[village] = _left(waiting.get(village, []), planned.lines)
        for line in planned.lines:
            yield Row(
                village_code=village,
                worker_id=director.worker_id,
                child_id=line.child_id,
                rank=line.rank,
                duty=line.duty.value,
                score=line.score,
                reasons=list(line.reasons) or [NO_ONE_REASON],
                listed_for=line.listed_for.value,
                propensity=line.propensity,
                model_id=model_id if line.score is not None else "",
                tied=line.tied,
                task=line.task.value,
                raised_for=line.raised_for.value if line.raised_for else "",
            )


def _left(waiting: Sequence[Candidate], lines: Sequence[Line]) -> list[Candidate]:
    """Who waits for the next director, told whose household is visited already."""
    tasks = {line.child_id: line.task for line in lines}
    visited = {e.household for e in waiting if tasks.get(e.child_id) is Task.VISIT} - {""}
    return [
        msgspec.structs.replace(e, knocked=True) if e.household in visited else e
        for e in waiting
        if e.child_id not in tasks
    ]


def _changed(
    home: Home, client: Any, week: str, directors: Sequence[Director], rows: Sequence[Row]
) -> list[Incoming]:
    """Events for the lists that say something else than the last ones of this week."""
    villages = sorted({each.village_code for each in directors})
    known: dict[str, list[Row]] = {}
    for values in client.query(LISTED, {"week": week, "villages": villages}).result_rows:
        row = Row(**dict(zip(Row.__struct_fields__, values, strict=True)))
        known.setdefault(row.worker_id, []).append(row)
    made: dict[str, list[Row]] = {}
    for row in rows:
        made.setdefault(row.worker_id, []).append(row)
    now = home.clock()
    return [
        own_event(SOURCE, f"{week}/{worker}/{now:%Y%m%dT%H%M%S.%f}/{row.child_id}", now,
                  _fact(week, row), str(row.child_id))
        for worker, lines in made.items()
        if lines != known.get(worker)
        for row in lines
    ]  # fmt: skip


def _fact(week: str, row: Row) -> ChildListed:
    return msgspec.convert(
        {
            "week": week,
            "village_code": row.village_code,
            "worker_id": row.worker_id,
            "rank": row.rank,
            "duty": row.duty,
            "score": row.score,
            "reasons": row.reasons,
            "listed_for": row.listed_for,
            "propensity": row.propensity,
            "model_id": row.model_id or None,
            "tied": row.tied,
            "task": row.task,
            "raised_for": row.raised_for or None,
        },
        ChildListed,
    )


def week_of(day: date) -> str:
    """The ISO week that holds a day, as 2026-W12."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def next_week(day: date) -> str:
    """The ISO week after the one that holds a day."""
    return week_of(day + timedelta(days=7))
