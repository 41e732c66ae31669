"""Ways in which a page told more than it should, each once found and now held."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from infra.access import Role
from infra.web.people import read_people
from infra.web.telling import HIDDEN

OTHER = "520526114206"


def event(type_: str, id_: str, child: str, pages: Any, data: Any, **attributes: Any) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0", "id": id_, "source": "/secrets", "type": type_,
            "subject": child, "time": pages.home.clock().isoformat(), "data": data, **attributes,
        }
    ).encode()  # fmt: skip


def take_in(pages: Any, *bodies: bytes) -> None:
    outcomes = pages.home.intake.submit(list(bodies))
    assert {each.status for each in outcomes} == {"accepted"}, outcomes


def test_who_sent_a_report_is_on_no_page_and_in_no_table(pages) -> None:
    child = str(pages.rows[0].child_id)
    body = event(
        "report.submitted.v1", "r-1", child, pages,
        {"report_id": "R-9", "situation": "abandoned", "to": "police", "reporter_kind": "school"},
        actor="w-SECRET", actorrole="school", source="//school.example/17",
    )  # fmt: skip
    from domain.mandatory_report import ReporterKind, Situation

    sent = json.loads(body)
    sent["data"] |= {
        "situation": next(iter(Situation)).value, "reporter_kind": next(iter(ReporterKind)).value,
    }  # fmt: skip
    take_in(pages, json.dumps(sent).encode())
    pages.follow()
    page = html.unescape(pages.reader().get(f"/children/{child}").text)
    assert "提交强制报告" in page
    assert "w-SECRET" not in page
    assert "//school.example/17" not in page
    file = html.unescape(pages.reader().get(f"/children/{child}/file").text)
    assert "提交强制报告" in file
    assert "w-SECRET" not in file
    director = pages.reader(Role.DIRECTOR, pages.rows[0].village_code)
    assert "强制报告" not in html.unescape(director.get(f"/children/{child}/file").text)
    rows = pages.home.warehouse.query(
        "SELECT actor, role FROM events WHERE type = 'report.submitted.v1'"
    ).result_rows
    assert set(rows) == {("", "")}


def test_how_a_problem_was_found_does_not_tell_of_a_report() -> None:
    assert "found_by" in HIDDEN


def test_no_reason_on_a_list_speaks_of_reports() -> None:
    from risk.features import FEATURES

    assert not [each.reason for each in FEATURES if "报告" in each.reason]


def test_what_cannot_be_recorded_as_read_is_not_read(pages) -> None:
    """The log knows already that the registration was taken back, ClickHouse not yet."""
    row = pages.rows[3]
    child = str(row.child_id)
    with pages.home.log.store.reading() as cursor:
        states = cursor.execute(
            "SELECT state FROM stored_events WHERE topic = 'child.registered.v1'"
        ).fetchall()
    registered = next(
        found for (state,) in states if (found := json.loads(state))["subject"] == child
    )
    before = pages.looks(child)
    take_in(
        pages,
        event("record.retracted.v1", "back-9", child, pages, {}, corrects=registered["eventid"]),
    )
    answer = pages.reader().get(f"/children/{child}")
    page = html.unescape(answer.text)
    assert pages.looks(child) == before
    for field in ("name", "phone", "address"):
        text = pages.text_of(child, field)
        assert not text or text not in page


def test_a_child_that_moved_away_is_a_rank_on_the_old_list_and_no_more(pages) -> None:
    row = pages.rows[5]
    take_in(
        pages,
        event("child.moved.v1", "moved-9", str(row.child_id), pages, {"residence_division": OTHER}),
        event(
            "visit.completed.v1", "there-9", str(row.child_id), pages,
            {"by": "director", "child_seen": True},
        ),
    )  # fmt: skip
    pages.follow()
    director = pages.reader(Role.DIRECTOR, row.village_code)
    page = html.unescape(director.get(f"/villages/{row.village_code}").text)
    assert "已迁出本辖区" in page
    line = page[page.index("已迁出本辖区") :].partition("</li>")[0]
    assert not any(reason in line for reason in row.reasons)
    assert "上次走访" not in line
    assert f"/children/{row.child_id}" not in page


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("access.logged.v1", {"purpose": "x", "page": "x"}),
        ("visit_list.child_listed.v1", {"week": "2026-W49", "village_code": OTHER,
         "worker_id": "w", "rank": 1, "duty": "none", "reasons": ["王小明"]}),
        ("model.approved.v1", {"model_id": "m", "file_hash": "h", "approved_by": "me"}),
    ],
)  # fmt: skip
def test_what_this_system_says_itself_is_taken_from_no_one(pages, type_: str, data: Any) -> None:
    child = str(pages.rows[0].child_id)
    (outcome,) = pages.home.intake.submit([event(type_, "own-1", child, pages, data)])
    assert outcome.code == "internal_type"


def test_a_week_beyond_all_calendars_is_wrong_usage_not_a_fault(pages) -> None:
    village = pages.rows[0].village_code
    for week in ("9999-W52", "2026-W49\n", "1999-W01"):
        answer = pages.reader().get(f"/villages/{village}", params={"week": week})
        assert answer.status_code == 400


def test_people_are_shown_only_where_the_reading_was_recorded(pages) -> None:
    from uuid import uuid4

    from infra.access import Reader

    unknown = uuid4()
    reader = Reader(person="w-1", role=Role.OFFICER, until=0)
    people = read_people(pages.home, reader, [unknown], purpose="visit_list", page="test")
    assert not people[unknown].shown
