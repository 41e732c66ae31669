"""进度: who is behind, where, and whose hands are full. Numbers and workers, no child's name.

A township's villages and child directors for its supervisor; for a county or more, the places one
level below, each leading down. The call for one more director is discretionary (T16.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from domain.divisions import address
from domain.worker_service import AdditionRecommended
from infra.home import Home
from infra.oversight import BELOW
from infra.visit_lists import monday_of, week_of
from infra.web.guard import Asked, Grant
from infra.web.places import PlaceCode, VillageCode, place_here
from infra.web.recording import tapped
from infra.web.refusals import refusal
from infra.web.showing import page, today_of
from projections.around import around

DUTIES = """
SELECT left(village_code, {digits:UInt8}) AS at, uniqExact(child_id),
    uniqExactIf(child_id, duty = 'director_visit' AND overdue_days > 0),
    uniqExactIf(child_id, duty = 'director_contact' AND overdue_days > 0),
    uniqExactIf(child_id, duty = 'supervisor_contact' AND overdue_days > 0)
FROM duties_as_of(as_of = {today:Date}) WHERE startsWith(village_code, {place:String}) GROUP BY at
"""
LISTED = """
SELECT left(l.village_code, {digits:UInt8}) AS at, count(), countIf(v.child_id = l.child_id)
FROM (
    SELECT village_code, child_id FROM visit_list
    WHERE week = {week:String} AND startsWith(village_code, {place:String})
) AS l
LEFT JOIN (SELECT DISTINCT child_id FROM visits WHERE day >= {monday:Date}) AS v
    ON v.child_id = l.child_id
GROUP BY at
"""
VISITS = """
SELECT left(c.village_code, {digits:UInt8}) AS at, count() FROM visits AS v
INNER JOIN (
    SELECT child_id, village_code FROM children WHERE startsWith(village_code, {place:String})
) AS c ON c.child_id = v.child_id
WHERE v.day >= toStartOfMonth({today:Date}) GROUP BY at
"""
PROBLEMS = """
SELECT left(c.village_code, {digits:UInt8}) AS at, count(),
    max(dateDiff('day', p.found_on, {today:Date}))
FROM problems AS p
INNER JOIN (
    SELECT child_id, village_code FROM children WHERE startsWith(village_code, {place:String})
) AS c ON c.child_id = p.child_id
WHERE p.resolved_on IS NULL GROUP BY at
"""
LOAD = """
SELECT village_code, children, directors, recommended, recommended_on FROM director_load
WHERE startsWith(village_code, {place:String}) AND (children > 0 OR directors > 0)
ORDER BY recommended DESC, children / greatest(directors, 1) DESC, village_code
"""
FAILED = """
SELECT village_code, tried, attempts, put_off, over_limit, overdue, nobody_home, moved, refused,
    unsafe, weather
FROM visit_supervision WHERE startsWith(village_code, {place:String}) AND tried > 0
ORDER BY over_limit DESC, overdue DESC, tried DESC, village_code
"""
DIRECTORS = """
SELECT w.worker_id, w.place, l.listed, l.done, v.visits, c.contacts
FROM (
    SELECT worker_id, place FROM workers
    WHERE role = 'director' AND active AND startsWith(place, {place:String})
) AS w
LEFT JOIN (
    SELECT worker_id, count() AS listed, countIf(child_id IN (
        SELECT child_id FROM visits WHERE day >= {monday:Date})) AS done
    FROM visit_list WHERE week = {week:String} AND startsWith(village_code, {place:String})
    GROUP BY worker_id
) AS l ON l.worker_id = w.worker_id
LEFT JOIN (
    SELECT worker_id, count() AS visits FROM visits
    WHERE by = 'director' AND day >= toStartOfMonth({today:Date}) GROUP BY worker_id
) AS v ON v.worker_id = w.worker_id
LEFT JOIN (
    SELECT worker_id, count() AS contacts FROM contacts
    WHERE by = 'director' AND day >= toStartOfMonth({today:Date}) GROUP BY worker_id
) AS c ON c.worker_id = w.worker_id
ORDER BY w.place, w.worker_id
"""
COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12
SHOWN = 60
"""Lines of the tables about villages; the rest is said in a number."""


class Progress(NamedTuple):
    """One place below: what is owed, what was done."""

    code: str
    children: int
    visits_overdue: int
    contacts_overdue: int
    own_overdue: int
    listed: int
    done: int
    visits: int
    problems: int
    oldest: int


class Director(NamedTuple):
    """One child director: this week's list, and this month."""

    worker_id: str
    village: str
    listed: int
    done: int
    visits: int
    contacts: int


class Load(NamedTuple):
    """One village's children and directors (projections/director_load.sql)."""

    village: str
    children: int
    directors: int
    recommended: int
    recommended_on: date | None


class Failed(NamedTuple):
    """Failed visits of one village (projections/visit_supervision.sql)."""

    village: str
    tried: int
    attempts: int
    put_off: int
    over_limit: int
    overdue: int
    nobody_home: int
    moved: int
    refused: int
    unsafe: int
    weather: int


@get("/supervision", sync_to_thread=True, right="supervision")
def own_supervision(state: State, grant: Grant, recorded: str = "") -> Response[Any]:
    """The reader's own place."""
    return _shown(state, grant, grant.reader.place, recorded)


@get("/supervision/{code:str}", sync_to_thread=True, right="supervision")
def supervision_page(
    state: State, grant: Grant, code: PlaceCode, recorded: str = ""
) -> Response[Any]:
    """A place within the reader's own."""
    place_here(state, grant, code)
    return _shown(state, grant, code, recorded)


def _shown(
    state: State,
    grant: Grant,
    code: str,
    recorded: str = "",
    *,
    refused: str = "",
    status: int = 200,
) -> Response[Any]:
    home: Home = state.home
    today = today_of(home)
    rows = progress(home, code, today)
    county = len(code) >= COUNTY
    load = loads(home, code) if county else []
    return page("supervision.html", grant, status=status, refused=refused, code=code,
                place=address(code), today=today, week=week_of(today), rows=rows,
                total=total(rows), recorded=recorded,
                directors=directors(home, code, today) if len(code) >= TOWNSHIP else [],
                failed=failed(home, code) if county else [], load=load, shown=SHOWN,
                call=[each for each in load if each.recommended],
                may_recommend=grant.may("recommend"), lists=grant.may("visit_list"))  # fmt: skip


@post("/supervision/{code:str}/addition", right="recommend", status_code=200)
async def recommend(request: Asked, state: State, grant: Grant, code: VillageCode) -> Response[Any]:
    """建议增配儿童主任: recorded for a village, by whoever may."""
    form = await request.form()
    return await sync_to_thread(_recommend, state, grant, code, str(form.get("id") or ""))


def _recommend(state: State, grant: Grant, code: str, id_: str) -> Response[Any]:
    grant.within(code)
    load = next((each for each in loads(state.home, code) if each.village == code), None)
    if load is None:
        raise NotFoundException("no such village here")
    data = {"children": load.children}
    sent = {"id": id_, "type": AdditionRecommended.TYPE, "place": code, "data": data}
    if outcome := tapped(state, grant.reader, sent):
        return _shown(state, grant, code[:9], refused=refusal(outcome), status=409)
    return Redirect(f"/supervision/{code[:9]}?recorded={code}", status_code=303)


def progress(home: Home, code: str, today: date) -> list[Progress]:
    """The places one level below, in code order; of a village itself."""
    digits = BELOW.get(len(code), 6) if len(code) < VILLAGE else VILLAGE
    asked = {"place": code, "digits": digits, "today": today, "week": week_of(today),
             "monday": monday_of(week_of(today))}  # fmt: skip
    only = around(home.warehouse, [code]) if code else {}

    def ask(sql: str) -> Mapping[str, Sequence[int]]:
        rows = home.warehouse.query(sql, asked, settings=only).result_rows
        return {row[0]: row[1:] for row in rows}

    duties, listed, visits, problems = map(ask, (DUTIES, LISTED, VISITS, PROBLEMS))
    found = []
    for at in sorted(duties.keys() | listed.keys() | problems.keys()):
        own = (*duties.get(at, (0,) * 4), *listed.get(at, (0, 0)), *visits.get(at, (0,)))
        found.append(Progress._make((at, *own, *problems.get(at, (0, 0)))))
    return found


def total(rows: Sequence[Progress]) -> Progress:
    """The sums; of the oldest problem the days."""
    sums = [sum(column) for column in zip(*(row[1:-1] for row in rows), strict=True)] or [0] * 8
    return Progress._make(("", *sums, max((row.oldest for row in rows), default=0)))


def directors(home: Home, code: str, today: date) -> list[Director]:
    """The child directors of a township or village, by village."""
    week = week_of(today)
    asked = {"place": code, "today": today, "week": week, "monday": monday_of(week)}
    return [Director(*row) for row in home.warehouse.query(DIRECTORS, asked).result_rows]


def loads(home: Home, code: str) -> list[Load]:
    """How many children a director has, where one more is advised first."""
    return [Load(*row) for row in _near(home, LOAD, code)]


def failed(home: Home, code: str) -> list[Failed]:
    """Where visits were tried and failed, what is the supervisor's first."""
    return [Failed(*row) for row in _near(home, FAILED, code)]


def _near(home: Home, sql: str, code: str) -> Sequence[Sequence[Any]]:
    only = around(home.warehouse, [code], happened=True) if code else {}
    rows: Sequence[Sequence[Any]] = home.warehouse.query(
        sql, {"place": code}, settings=only
    ).result_rows
    return rows


ROUTES = (own_supervision, supervision_page, recommend)
