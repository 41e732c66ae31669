"""A place in numbers: its townships and villages, or the places one level below. No names."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any, NamedTuple

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter

from domain.divisions import address, names
from domain.event import PLACE_DIGITS
from infra.home import Home
from infra.oversight import BELOW
from infra.web import sheets
from infra.web.guard import Grant
from infra.web.showing import page, shown_week, today_of

COUNTY, TOWNSHIP = 6, 9

VillageCode = Annotated[str, Parameter(pattern=r"^[0-9]{12}$")]
PlaceCode = Annotated[str, Parameter(pattern=f"^{PLACE_DIGITS}$")]


class Overview(NamedTuple):
    """One group of lines: its heading (empty: none), and where each of its places leads."""

    heading: str
    rows: list[sheets.Village]


@get("/places", sync_to_thread=True, right="places")
def own_place(state: State, grant: Grant) -> Response[Any]:
    """The reader's own place."""
    return _shown(state, grant, grant.reader.place)


@get("/places/{code:str}", sync_to_thread=True, right="places")
def place_page(state: State, grant: Grant, code: PlaceCode) -> Response[Any]:
    """A place within the reader's own."""
    place_here(state, grant, code)
    return _shown(state, grant, code)


def _shown(state: State, grant: Grant, code: str) -> Response[Any]:
    home: Home = state.home
    today = today_of(home)
    week = shown_week(sheets.weeks(home.warehouse, code), "", today)
    rows = sheets.villages(home.warehouse, code, week, today)
    return page("place.html", grant, place=address(code), week=week, today=today,
                groups=grouped(rows, code), links=_links(grant), names=names(),
                total=total(rows))  # fmt: skip


def place_here(state: State, grant: Grant, code: str) -> None:
    """Raises NotFoundException for a place elsewhere, and for one that is none."""
    grant.within(code)
    home: Home = state.home
    if code not in names() and not sheets.anyone(home.warehouse, code):
        raise NotFoundException("no such place here")


def grouped(rows: list[sheets.Village], code: str) -> list[Overview]:
    """Of a county its villages by township; of a larger place the places one level below."""
    if len(code) >= COUNTY:
        return [
            Overview(names().get(township, township), list(own))
            for township, own in groupby(rows, key=lambda each: each.code[:TOWNSHIP])
        ]
    digits = BELOW[len(code)] if code else COUNTY
    below = [
        total(list(own), code=place)
        for place, own in groupby(rows, key=lambda each: each.code[:digits])
    ]
    return [Overview("", below)] if below else []


def total(rows: list[sheets.Village], *, code: str = "") -> sheets.Village:
    """The sums of some villages, under one code."""
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)] or [0] * 4
    return sheets.Village(code, *sums)


def _links(grant: Grant) -> dict[int, str]:
    """Digits of a place → where its line leads; villages only for who may read lists."""
    leads = {4: "/places/", 6: "/places/", 9: "/places/"}
    return leads | ({12: "/villages/"} if grant.may("visit_list") else {})


ROUTES = (own_place, place_page)
