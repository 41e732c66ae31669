"""The pages: a place, a village's list of the week, a child's file. Chinese, server-rendered.

Each is: who reads (by place), what ClickHouse says, the names (recorded), one template.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from litestar.response import Redirect, Template

from domain.child_file import Category, Leaving, RiskFactor, SchoolStage
from domain.divisions import address, names
from domain.event import SHANGHAI
from domain.foresight import Duty
from domain.terms import Sex, Term, Tier
from infra.access import Reader
from infra.home import Home
from infra.visit_lists import monday_of, week_of
from infra.web import sheets
from infra.web.breaking import break_glass_notices
from infra.web.child_file import details, read_file, stated
from infra.web.people import read_people
from infra.web.standing import bands, standing
from infra.web.telling import ROLES, tell

TOWNSHIP = 9


@get("/", sync_to_thread=True, right="places")
def place_page(state: State, reader: Reader) -> Response[Any]:
    """A place: its townships and villages, who is on the ledger, who is overdue."""
    home: Home = state.home
    today = _today(home)
    weeks = sheets.weeks(home.warehouse, reader.place)
    week = shown_week(weeks, "", today)
    rows = sheets.villages(home.warehouse, reader.place, week, today)
    if len(rows) == 1:
        return Redirect(f"/villages/{rows[0].code}", status_code=303)
    townships = [
        (names().get(code, code), list(own))
        for code, own in groupby(rows, key=lambda each: each.code[:TOWNSHIP])
    ]
    return _page("place.html", reader, place=address(reader.place), week=week, today=today,
                 townships=townships, names=names(), total=_total(rows),
                 **break_glass_notices(home, reader))  # fmt: skip


def _total(rows: list[sheets.Village]) -> sheets.Village:
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)] or [0] * 4
    return sheets.Village("", *sums)


@get("/villages/{code:str}", sync_to_thread=True, right="visit_list")
def village_page(
    state: State,
    reader: Reader,
    code: Annotated[str, Parameter(pattern=r"^[0-9]{12}$")],
    week: str = "",
) -> Response[Any]:
    """A village's list of a week: whom to see, why, since when."""
    home: Home = state.home
    if not reader.may_see(code):
        raise NotFoundException("no such village here")
    today = _today(home)
    weeks = sheets.weeks(home.warehouse, code)
    week = shown_week(weeks, week, today)
    lines = sheets.listed(home.warehouse, code, week)
    # who has moved out of the reader's place since is listed, and not named
    near = [line.child_id for line in lines if reader.may_see(line.village_code)]
    people = read_people(home, reader, near, purpose="visit_list", page=f"villages/{code}")
    lists = [(worker, list(own)) for worker, own in groupby(lines, key=lambda e: e.worker_id)]
    unlisted = sheets.unlisted(home.warehouse, code, week)
    if not (lists or unlisted or weeks):
        raise NotFoundException("no such village here")
    return _page("village.html", reader, village=names().get(code, code), code=code,
                 place=address(code[:TOWNSHIP]), week=week, monday=monday_of(week), weeks=weeks,
                 lists=lists, people=people, unlisted=unlisted,
                 bands=bands(home.warehouse, [line.child_id for line in lines], monday_of(week)),
                 today=today)  # fmt: skip


@get("/children/{child_id:uuid}", sync_to_thread=True, right="child_file")
def child_page(state: State, reader: Reader, child_id: UUID) -> Response[Any]:
    """一人一档: a child as the file stands, what is owed, and everything that happened."""
    home: Home = state.home
    child = sheets.child(home.warehouse, child_id)
    if child is None or not reader.may_see(child.village_code):
        raise NotFoundException("no such child here")
    person = read_people(home, reader, [child_id], purpose="child_file", page="children")[child_id]
    scope = f"child/{child_id}"

    def opened(token: str) -> str:
        return (home.keys.decrypt(scope, token) if person.shown else None) or "(已删除)"

    told = [
        each
        for each in tell(sheets.history(home.warehouse, child_id), opened)
        if reader.may_read_secret or not each.secret
    ]
    years = [(year, list(own)) for year, own in groupby(told, key=lambda each: each.at.year)]
    looks, last_look = sheets.readings(home.warehouse, child_id)
    return _page("child.html", reader, child=child, person=person, years=years,
                 place=address(child.village_code), today=_today(home), looks=looks,
                 last_look=last_look,
                 standing=standing(home.warehouse, child_id, _today(home),
                                   {each.position for each in told}),
                 duties=sheets.duties(home.warehouse, child_id, _today(home)))  # fmt: skip


@get("/children/{child_id:uuid}/file", sync_to_thread=True, right="child_file")
def child_file_page(state: State, reader: Reader, child_id: UUID) -> Response[Any]:
    """一人一档 in its five parts, to be printed."""
    file = read_file(state.home, reader, child_id, page="child-file")
    if file is None:
        raise NotFoundException("no such child here")
    return _page("child_file.html", reader, file=file, stated=stated(file), details=details)


def _today(home: Home) -> date:
    return home.clock().astimezone(SHANGHAI).date()


def shown_week(weeks: list[str], asked: str, today: date) -> str:
    """The week asked for; else the nearest to come, or the latest, of those with a list.

    Raises WrongUsageError.
    """
    if asked:
        monday_of(asked)
        return asked
    now = week_of(today)
    ahead = [each for each in weeks if each >= now]
    return min(ahead, default=max(weeks, default=now))


def _page(template: str, reader: Reader, **context: Any) -> Response[Any]:
    return Template(template, context={"reader": reader, **context})


# --- words for the templates --------------------------------------------------------------------

TERMS: dict[str, type[Term]] = {
    "duty": Duty, "sex": Sex, "tier": Tier, "category": Category, "factor": RiskFactor,
    "stage": SchoolStage, "left": Leaving,
}  # fmt: skip


def label(value: str, term: str) -> str:
    """The Chinese label of a stored value: `{{ row.duty | label("duty") }}`."""
    found = next((each for each in TERMS[term] if each.value == value), None)
    return found.label if found else value


def age(birth_month: date, today: date) -> int:
    """Years of age on a day, to the month."""
    before = (today.month,) < (birth_month.month,)
    return today.year - birth_month.year - before


def shanghai(moment: datetime) -> str:
    """A moment, for people."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def sunday(monday: date) -> date:
    """The last day of a week."""
    return monday + timedelta(days=6)


FILTERS = {"label": label, "age": age, "shanghai": shanghai, "sunday": sunday,
           "role": lambda value: ROLES.get(value, value)}  # fmt: skip
