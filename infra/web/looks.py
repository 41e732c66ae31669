"""谁看过这个孩子: for the auditor, by pseudonym; anomalous days with their reasons."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import ValidationException

from domain.break_glass import Emergency
from domain.event import SHANGHAI
from infra import looking
from infra.home import Home
from infra.web.guard import Grant
from infra.web.showing import page

SHOWN = timedelta(days=28)
PURPOSES = {
    "visit_list": "走访清单", "child_file": "一人一档", "record": "登记", "break_glass": "紧急查阅",
    "phone": "手机离线清单", "attachment": "附件", "subject_copy": "本人副本",
    "erasure": "删除", "review": "待核查", "report_harm": "报告侵害", "report_desk": "强制报告台",
    "reporter": "查看报告人", "subsidy_desk": "救助台",
}  # fmt: skip
"""What `access.logged` says of a reading's purpose → in Chinese."""


@get("/looks", sync_to_thread=True, right="looks")
def looks_page(
    state: State, grant: Grant, *, child: str = "", by: str = "", since: str = "", until: str = ""
) -> Response[Any]:
    """Readings of a child or by a reader; without either, what is worth a question."""
    home: Home = state.home
    place, client = grant.reader.place, home.warehouse
    today = home.clock().astimezone(SHANGHAI).date()
    last = _day(until, today)
    first = _day(since, last - SHOWN)
    named = _child(child.strip())
    asked = bool(child.strip() or by.strip())
    found = (
        looking.looks(client, first, last, child=named, reader=by.strip(), place=place)
        if asked
        else []
    )
    odd = [] if asked else looking.anomalies(client, first, last, place)
    glasses = looking.glasses(client, home.clock() - SHOWN, place)
    return page("looks.html", grant, child=child.strip(), by=by.strip(), since=first, until=last,
                asked=asked, days=_by_day(found), looks=found, odd=odd, glasses=glasses,
                purposes=PURPOSES, most=looking.MOST,
                emergencies={each.value: each.label for each in Emergency})  # fmt: skip


def _by_day(found: list[looking.Look]) -> list[tuple[date, list[looking.Look]]]:
    days = groupby(found, key=lambda each: each.at.astimezone(SHANGHAI).date())
    return [(day, list(rows)) for day, rows in days]


def _day(text: str, otherwise: date) -> date:
    """Raises ValidationException."""
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationException("no day") from None


def _child(text: str) -> UUID | None:
    """A child id; one that is none finds nothing."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


ROUTES = (looks_page,)
