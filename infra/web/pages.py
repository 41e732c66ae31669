"""The pages of children: a village's list of the week, a child's file. Chinese, server-rendered.

Each is: who reads (by place), what ClickHouse says, the names (recorded), one template.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from domain.divisions import address, names
from domain.visiting import NotVisited
from domain.vocabulary import EVENTS
from infra.access import Role
from infra.home import Home
from infra.visit_lists import monday_of
from infra.web import sheets
from infra.web.child_file import details, read_file, stated
from infra.web.guard import Grant
from infra.web.language import t, word
from infra.web.people import read_people
from infra.web.photos import REFUSED
from infra.web.places import VillageCode
from infra.web.showing import page, sunday, today_of
from infra.web.standing import standing
from infra.web.telling import tell
from infra.web.village_week import village_week

TOWNSHIP = 9
WORKERS = (Role.DIRECTOR, Role.SUPERVISOR)
"""Who goes to the door."""


@get("/villages/{code:str}", sync_to_thread=True, right="visit_list")
def village_page(
    state: State, grant: Grant, code: VillageCode, week: str = "", recorded: str = ""
) -> Response[Any]:
    """A village's list of a week: whom to see, why, since when; and what to do about each."""
    grant.within(code)
    home: Home = state.home
    today = today_of(home)
    found = village_week(home.warehouse, code, week, today)
    week, lines, monday = found.week, found.lines, monday_of(found.week)
    # who has moved out of the reader's place since is listed, and not named
    near = [line.child_id for line in lines if grant.reader.may_see(line.village_code)]
    people = read_people(home, grant.reader, near, purpose="visit_list", page=f"villages/{code}")
    lists = [(worker, list(own)) for worker, own in groupby(lines, key=lambda e: e.worker_id)]
    if not (lists or found.unlisted or found.weeks or code in names()):
        raise NotFoundException("no such village here")
    known = {line.child_id: (line.card.registered_on, line.card.last_visit)
             for line in lines if line.card and line.model_id}  # fmt: skip
    return page("village.html", grant, village=names().get(code, code), code=code,
                place=address(code[:TOWNSHIP]), week=week, monday=monday, weeks=found.weeks,
                lists=lists, people=people, unlisted=found.unlisted,
                ids={line.child_id: uuid4() for line in lines},
                bands=state.bands.of(home.warehouse, known, monday, known),
                current=monday <= today <= sunday(monday), recorded=said(recorded),
                reasons=list(NotVisited) if grant.reader.role in WORKERS else [],
                today=today)  # fmt: skip


@get("/children/{child_id:uuid}", sync_to_thread=True, right="child_file")
def child_page(
    state: State, grant: Grant, child_id: UUID, recorded: str = "", photo: str = ""
) -> Response[Any]:
    """一人一档: a child as the file stands, what is owed, and everything that happened."""
    home: Home = state.home
    reader = grant.reader
    child = sheets.child(home.warehouse, child_id)
    if child is None or not reader.may_see(child.village_code):
        raise NotFoundException("no such child here")
    person = read_people(home, reader, [child_id], purpose="child_file", page="children")[child_id]
    scope = f"child/{child_id}"

    def opened(token: str) -> str:
        return (home.keys.decrypt(scope, token) if person.shown else None) or t("(已删除)")

    told = [
        each
        for each in tell(sheets.history(home.warehouse, child_id), opened)
        if reader.may_read_secret or not each.secret
    ]
    years = [(year, list(own)) for year, own in groupby(told, key=lambda each: each.at.year)]
    looks, last_look = sheets.readings(home.warehouse, child_id)
    today = today_of(home)
    return page("child.html", grant, child=child, person=person, years=years,
                place=address(child.village_code), today=today, looks=looks,
                last_look=last_look, recorded=said(recorded), photo=photo,
                refused=t(REFUSED[photo].said) if photo in REFUSED else "",
                standing=standing(home.warehouse, child_id, today,
                                  {each.position for each in told}),
                duties=sheets.duties(home.warehouse, child_id, today))  # fmt: skip


@get("/children/{child_id:uuid}/file", sync_to_thread=True, right="child_file")
def child_file_page(state: State, grant: Grant, child_id: UUID) -> Response[Any]:
    """一人一档 in its five parts, to be printed."""
    file = read_file(state.home, grant.reader, child_id, page="child-file")
    if file is None:
        raise NotFoundException("no such child here")
    return page("child_file.html", grant, file=file, stated=stated(file), details=details)


def said(type_name: str) -> str:
    """What was just recorded, in words; nothing for what is no event."""
    return word(type_name, EVENTS[type_name].LABEL) if type_name in EVENTS else ""


ROUTES = (village_page, child_page, child_file_page)
