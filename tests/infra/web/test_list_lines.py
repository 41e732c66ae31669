"""What a page and a phone say of a line: a visit or a call, why, and what is recorded of it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from domain.event import day
from domain.foresight import ChildListed
from domain.list_line import ListLine
from infra.access import Role
from infra.own_events import own_event, record
from infra.visit_lists import next_week, week_of

LINES = (
    ("overdue_contact", "duty", "visit", "risk"),
    ("overdue_contact", "duty", "contact", None),
    ("due_contact", "due_order", "contact", None),
    ("none", "random", "visit", None),
    ("overdue_contact", "duty", None, None),  # of a list that did not say
)
CHINESE = (
    "上门 联系逾期 因风险改上门", "电话联系 联系逾期", "电话联系 提前联系", "上门 随机走访",
    "联系逾期",
)  # fmt: skip
ENGLISH = (
    "visit overdue contact visit instead because of risk", "contact overdue contact",
    "contact contact ahead of time", "visit random", "overdue contact",
)  # fmt: skip


@pytest.fixture(scope="module")
def listed(pages) -> Any:
    """Children of one village, with a list for next week that has a line of each kind."""
    village = pages.rows[0].village_code
    now = pages.home.clock()
    week = next_week(now.date() + timedelta(days=7))
    children = [
        child
        for (child,) in pages.home.warehouse.query(
            "SELECT child_id FROM children WHERE village_code = {v:String} AND on_ledger"
            " ORDER BY child_id LIMIT 5",
            {"v": village},
        ).result_rows
    ]
    assert len(children) == len(LINES)
    events = []
    for rank, (child, line) in enumerate(zip(children, LINES, strict=True), 1):
        duty, listed_for, task, raised_for = line
        said = {"week": week, "village_code": village, "worker_id": "D-1", "rank": rank,
                "duty": duty, "listed_for": listed_for, "task": task, "raised_for": raised_for,
                "reasons": []}  # fmt: skip
        fact = msgspec.convert(said, ChildListed)
        events.append(own_event("shouhe/list", f"lines-{rank}", now, fact, str(child)))
    record(pages.home, events)
    pages.follow()
    return week, village, children


def badges(page: httpx.Response) -> list[str]:
    """The words of each line's badge, in order."""
    found = re.findall(r'<p class="badge">(.*?)</p>', html.unescape(page.text), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def test_a_line_says_visit_or_call_and_why_in_both_languages(pages, listed) -> None:
    week, village, _ = listed
    with pages.reader(Role.DIRECTOR, village) as director:
        path = f"/villages/{village}?week={week}"
        assert tuple(badges(director.get(path))) == CHINESE
        director.cookies.set("lang", "en")
        assert tuple(badges(director.get(path))) == ENGLISH


def test_where_a_call_is_asked_for_a_call_is_what_is_recorded_first(pages, listed) -> None:
    week, village, children = listed
    page = pages.reader(Role.DIRECTOR, village).get(f"/villages/{village}?week={week}").text
    main = re.findall(r'class="act main" href="/children/([^/]+)/record/([a-z.]+)', page)
    kinds = [kind for _, kind in main]
    assert [child for child, _ in main] == [str(each) for each in children]
    assert kinds == ["visit.completed.v", "contact.logged.v", "contact.logged.v",
                     "visit.completed.v", "visit.completed.v"]  # fmt: skip


def test_a_visit_is_recorded_with_the_reason_for_which_this_week_lists_it(pages) -> None:
    rows = {row.child_id: row for row in pages.rows}
    for row in rows.values():
        director = pages.reader(Role.DIRECTOR, row.village_code)
        page = director.get(f"/children/{row.child_id}/record/visit.completed.v1").text
        line = ListLine.stored(row.duty, row.listed_for, row.task, row.raised_for)
        assert f'name="selection" value="{line.selection.value}"' in page
        if line.selection.value != "duty":
            break
    else:
        pytest.fail("no line is for anything but duty: nothing was shown")


def test_the_phone_takes_along_what_a_line_asks_for(pages) -> None:
    row = pages.rows[0]
    week = pages.reader(Role.DIRECTOR, row.village_code).get("/phone/week").json()
    assert week["week"] == week_of(day(pages.home.clock()))
    own = {str(each.child_id): each for each in pages.rows if each.village_code == row.village_code}
    for child in week["children"]:
        listed = own[child["id"]]
        line = ListLine.stored(listed.duty, listed.listed_for, listed.task, listed.raised_for)
        assert (child["task"], child["task_label"]) == (line.task, line.task.label)
        assert child["badge"] == " · ".join(each.label for each in line.why)
        assert child["selection"] == line.selection.value
        assert child["ahead"] == line.ahead
