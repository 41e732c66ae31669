"""Recording at the door: a form an event, once however often it is sent, as the account says."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from domain.vocabulary import EVENTS
from infra.access import Role
from infra.web import phone, phone_week
from infra.web.forms import data_of, fields_of, shanghai_moment
from infra.web.recording import RECORDED


@pytest.fixture(scope="module")
def row(pages) -> Any:
    return pages.rows[0]


@pytest.fixture(scope="module")
def director(pages, row) -> httpx.Client:
    return pages.reader(Role.DIRECTOR, row.village_code)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page))


def stored(pages, id_: str) -> list[str]:
    with pages.home.log.store.reading() as cursor:
        return [
            bytes(state).decode()
            for (state,) in cursor.execute(
                "SELECT state FROM stored_events WHERE instr(state, ?)", (id_.encode(),)
            )
        ]


def test_a_visit_is_recorded_by_its_form_and_a_second_click_counts_once(
    pages, director, row
) -> None:
    path = f"/children/{row.child_id}/record/visit.completed.v1"
    form = hidden(director.get(path).text)
    said = {
        **form, "time": "2026-03-02T09:30", "child_seen": "true", "checklist.living": "concern",
        "concerns": ["living", "health"], "note": "灶台漏烟",
    }  # fmt: skip
    for _ in range(2):
        answer = director.post(path, data=said)
        assert answer.status_code == 303, answer.text
    (state,) = stored(pages, form["id"])
    assert '"source":"shouhe/people/w-1"' in state
    assert '"actor":"w-1"' in state
    assert '"time":"2026-03-02T01:30:00Z"' in state
    assert '"living":"concern"' in state
    assert "灶台漏烟" not in state


def test_what_the_form_says_of_who_records_is_not_believed(pages, director, row) -> None:
    path = f"/children/{row.child_id}/record/contact.logged.v1"
    form = hidden(director.get(path).text)
    said = {**form, "actor": "w-9", "actorrole": "county_officer", "source": "/police",
            "channel": "phone", "note": "随手记"}  # fmt: skip
    assert director.post(path, data=said).status_code in (303, 422)
    assert not any("w-9" in each or "/police" in each for each in stored(pages, form["id"]))


def test_a_wrong_answer_brings_the_form_back_with_what_was_typed(director, row) -> None:
    path = f"/children/{row.child_id}/record/contact.logged.v1"
    form = hidden(director.get(path).text)
    said = {**form, "time": "2099-03-02T09:30", "channel": "phone", "note": "说了说话"}
    answer = director.post(path, data=said)
    assert answer.status_code == 422
    assert "没有登记成" in answer.text
    assert "说了说话" in answer.text
    assert form["id"] in answer.text


def test_no_form_for_a_child_elsewhere_or_an_event_of_another_role(pages, director, row) -> None:
    other = next(each for each in pages.rows if each.village_code != row.village_code)
    for path in (
        f"/children/{other.child_id}/record",
        f"/children/{other.child_id}/record/visit.completed.v1",
        f"/children/{row.child_id}/record/benefit.granted.v1",
        f"/children/{uuid4()}/record",
    ):
        assert director.get(path).status_code == 404


def test_a_phone_sends_again_and_each_event_is_there_once(pages, director, row) -> None:
    word = hidden(director.get(f"/children/{row.child_id}/record/visit.completed.v1").text)["csrf"]
    other = next(each for each in pages.rows if each.village_code != row.village_code)
    sent = [
        {"id": str(uuid4()), "type": "visit.completed.v1", "subject": str(child),
         "time": "2026-03-03T09:00:00+08:00", "data": {"by": "director", "child_seen": True}}
        for child in (row.child_id, row.child_id, other.child_id)
    ]  # fmt: skip
    first = director.post("/phone/events", json=sent, headers={"x-csrf": word})
    again = director.post("/phone/events", json=sent, headers={"x-csrf": word})
    assert [e["status"] for e in first.json()["outcomes"]] == ["accepted", "accepted", "rejected"]
    assert [e["status"] for e in again.json()["outcomes"]] == ["duplicate", "duplicate", "rejected"]
    assert first.json()["outcomes"][2]["code"] == "child_unknown"
    assert director.post("/phone/events", json=sent).status_code == 403


def test_a_phone_takes_along_the_own_lists_children_and_each_reading_is_recorded(
    pages, director, row
) -> None:
    before = pages.looks(row.child_id)
    answer = director.get("/phone/week")
    week = answer.json()
    own = {str(each.child_id) for each in pages.rows if each.village_code == row.village_code}
    assert {each["id"] for each in week["children"]} == own
    assert len(answer.content) < 300_000
    first = next(each for each in week["children"] if each["id"] == str(row.child_id))
    for field in ("name", "phone", "address"):
        assert first[field] == pages.text_of(row.child_id, field)
    assert first["reasons"] == row.reasons
    assert 0 < len(first["file"]) <= 5
    assert pages.looks(row.child_id) == before + 1
    assert "visit.completed.v1" in {each["type"] for each in week["forms"]}


def test_a_phones_week_is_for_directors_and_supervisors_of_the_place(pages, row) -> None:
    assert pages.visitor().get("/phone/week").status_code == 401
    assert pages.reader(Role.OFFICER, row.village_code[:6]).get("/phone/week").status_code == 403
    supervisor = pages.reader(Role.SUPERVISOR, row.village_code[:9]).get("/phone/week").json()
    township = {str(e.child_id) for e in pages.rows if e.village_code[:9] == row.village_code[:9]}
    assert {each["id"] for each in supervisor["children"]} == township


def test_what_does_not_fit_loses_the_older_events_first(pages, row, monkeypatch) -> None:
    reader = pages.reader(Role.SUPERVISOR, row.village_code[:9])
    size = len(reader.get("/phone/week").content)
    monkeypatch.setattr(phone_week, "LARGEST", size * 9 // 10)
    shorter = reader.get("/phone/week")
    assert len(shorter.content) < size
    assert max(len(each["file"]) for each in shorter.json()["children"]) <= 3


def test_the_phones_app_alone_may_run_its_own_scripts(pages, director) -> None:
    with pages.visitor() as visitor:
        page = visitor.get("/phone")
        assert page.status_code == 200
        parts = re.findall(r'(?:src|href)="(/[^"#]+\.\w+)"', page.text)
        worker = visitor.get("/phone/sw.js")
        kept = msgspec.json.decode(worker.text.split("KEPT = ")[1].split(";")[0])
        assert set(parts) <= set(kept)
        for path in ("/phone", *kept):
            answer = visitor.get(path)
            assert answer.status_code == 200
            if path != "/style.css":
                assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert worker.headers["service-worker-allowed"] == "/phone"
        assert visitor.get("/phone/app/sw.js").status_code == 404
    assert "script-src" not in director.get("/phone/week").headers["content-security-policy"]


def test_no_script_of_the_app_makes_html_of_text() -> None:
    for name, body in phone.files().items():
        if name.endswith(".js"):
            assert not re.search(
                rb"innerHTML|outerHTML|insertAdjacentHTML|eval\(|document\.write", body
            )


@pytest.mark.parametrize("type_name", RECORDED)
def test_every_event_of_the_page_has_a_form_that_asks_what_is_required(type_name: str) -> None:
    cls = EVENTS[type_name]
    asked = {each.name for each in fields_of(cls)}
    needed = {each.name for each in msgspec.structs.fields(cls) if each.required}
    assert needed <= {each.split(".")[0] for each in asked}


def test_answers_become_data_and_empty_ones_are_left_out() -> None:
    cls = EVENTS["visit.completed.v1"]
    data = data_of(
        cls,
        {"by": ["director"], "child_seen.asked": ["1"], "minutes": ["30"], "note": [" "],
         "checklist.safety": ["unsafe"], "next_due": [""]},
    )  # fmt: skip
    assert data == {
        "by": "director", "child_seen": False, "minutes": 30, "checklist": {"safety": "unsafe"},
    }  # fmt: skip
    assert shanghai_moment("2026-03-02T09:00") == "2026-03-02T09:00:00+08:00"
    assert shanghai_moment("2026-03-02T09:00:00Z") == "2026-03-02T09:00:00Z"
