"""What a page says: in English where that is asked for, and in words where a form is refused."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.divisions import names
from domain.event import day as shanghai_day
from domain.event import event_id
from domain.rules.register import BY_ID
from domain.rules.tasks import BESIDES, TASKS
from domain.workflows import STAGE_OF
from infra import attachments
from infra.access import BY_KEY, Role
from infra.web import refusals, sheets
from infra.web.guard import PUBLIC
from infra.web.held import told as carried
from infra.web.photos import REFUSED

CHINESE = re.compile("[\u4e00-\u9fff]+")
NOTE = "灶台漏烟,已请人来修"
OURS = re.compile(r"<style>.*?</style>|lang=\"zh-CN\">中文|>禾<", re.DOTALL)


@pytest.fixture(scope="module")
def child(county, event) -> Any:
    """The own child, of whom something of every kind was recorded."""
    found = county.children[0]
    at = county.home.clock() - timedelta(days=30)
    told: list[tuple[str, dict[str, Any]]] = [
        ("visit.completed.v1", {"by": "director", "child_seen": True, "minutes": 30, "note": NOTE,
                                "checklist": {"living": "concern", "safety": "fine"}}),
        ("visit.attempt_failed.v1", {"by": "director", "reason": "nobody_home"}),
        ("contact.logged.v1", {"by": "director", "channel": "phone"}),
        ("problem.found.v1", {"problem_id": "P-1", "kind": "safety", "severity": "serious",
                              "found_by": "visit"}),
        ("report.submitted.v1", {"report_id": "R-1", "situation": "other_serious_harm",
                                 "to": "civil_affairs", "severity": "serious",
                                 "reporter_kind": "other"}),
    ]  # fmt: skip
    bodies = [
        event(type_, f"told-{n}", (at + timedelta(hours=n)).isoformat(), data, subject=found.id)
        for n, (type_, data) in enumerate(told)
    ]
    outcomes = county.home.intake.submit(bodies)
    assert {each.status for each in outcomes} == {"accepted"}, outcomes
    county.home.catch_up()
    return found


def recorded(county, child) -> Iterator[str]:
    """What stays in Chinese: names, places, reasons, rules, steps of a report."""
    yield from (text for each in county.children for text in each.personal)
    yield NOTE
    yield from (text for code, text in names().items() if code.startswith("52"))
    client, today = county.home.warehouse, shanghai_day(county.home.clock())
    yield from (each.reason for each in sheets.duties(client, UUID(child.id), today))
    for (reasons,) in client.query("SELECT reasons FROM visit_list").result_rows:
        yield from reasons
    yield from (text for each in BY_ID.values() for text in (each.label, each.unchecked) if text)
    yield from (text for each in (*TASKS, *BESIDES.tasks) for text in each[1:])
    yield from (text for each in STAGE_OF.values() for text in (each.label, each.next_step) if text)


def left(page: str, known: list[str]) -> list[str]:
    """Chinese of a page that is not what was recorded."""
    said = html.unescape(OURS.sub("", page))
    for each in known:
        said = said.replace(each, "")
    return CHINESE.findall(said)


@pytest.mark.long
def test_a_page_in_english_says_nothing_of_its_own_in_chinese(county, child, routes, asking):
    known = sorted({*recorded(county, child)}, key=len, reverse=True)
    found = {}
    for each in (route for route in routes if route.method == "GET"):
        role = Role.OFFICER if each.right == PUBLIC else BY_KEY[each.right].roles[-1]
        _, token = county.reader(role)
        cookie = {"cookie": f"shouhe={token}; lang=en"}
        answer = county.ask([asking("GET", each.at(child), headers=cookie)])[0]
        ours = "text/html" in answer.headers.get("content-type", "")
        if ours and each.path != "/phone" and (words := left(answer.text, known)):
            found[each.path, role.value] = words
    assert found == {}


FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def sent(asking, path: str, token: str, body: str, **headers: str) -> Any:
    return asking("POST", path, token, body=body.encode(), headers=FORM | headers)


def test_a_refused_form_is_told_what_happened_and_what_to_do(county, child, asking) -> None:
    path = f"/children/{child.id}/record/visit.completed.v1"
    _, director = county.reader(Role.DIRECTOR)
    _, officer = county.reader(Role.OFFICER)
    _, auditor = county.reader(Role.AUDITOR)
    foreign, nobody = {"sec-fetch-site": "cross-site"}, path.replace(child.id, str(uuid4()))
    proposal = f"child={child.id}&change=added&category=orphan"
    asked = [
        (sent(asking, path, auditor, "note=x"), 403, "您的角色不能做这件事"),
        (sent(asking, path, director, "note=x", **foreign), 403, "不是从守禾的页面来的"),
        (sent(asking, nobody, director, "note=x"), 404, "刚刚已经办过"),
        (sent(asking, "/review/category", officer, "child=x"), 400, "不完整,或写错了"),
        (sent(asking, "/review/category", officer, proposal), 409, "已经有人办过"),
        (sent(asking, path, director, "note=x", **{"content-length": "30000000"}), 413, "内容太大"),
    ]  # fmt: skip
    answers = county.ask([each for each, _, _ in asked])
    for answer, (_, status, said) in zip(answers, asked, strict=True):
        assert (answer.status_code, said in answer.text) == (status, True), (said, answer.text)
        assert "没有登记" in answer.text
    english = sent(asking, path, "", "note=x", cookie=f"shouhe={auditor}; lang=en")
    assert "Not recorded: your role may not do this" in county.ask([english])[0].text


def test_what_intake_refuses_is_said_in_the_readers_language(county, child, asking) -> None:
    path = f"/children/{child.id}/record/visit.completed.v1"
    _, token = county.reader(Role.DIRECTOR)
    body = f"id={uuid4()}&time=2099-01-01T09:00&by=director&child_seen=true&selection=duty"
    (chinese,) = county.ask([sent(asking, path, token, body)])
    assert chinese.status_code == 422
    assert "时间在将来。请改成实际发生的时间。" in chinese.text
    cookie, word = f"shouhe={token}; lang=en", county.word(token)
    (english,) = county.ask(
        [asking("POST", path, "", body=body.encode(), headers=FORM | {"cookie": cookie,
                "x-csrf": word})]
    )  # fmt: skip
    assert "Not recorded: time: later than now" in english.text
    assert all(CHINESE.search(each) for each in refusals.CODES.values())


def test_what_was_typed_when_the_session_was_over_is_sent_once_more(county, child, asking) -> None:
    path = f"/children/{child.id}/record/contact.logged.v1"
    body = f"csrf=old&id={uuid4()}&time=2026-03-02T09:00&by=director&channel=phone&note=%E5%A5%BD"
    (out,) = county.ask([sent(asking, path, "", body)])
    assert out.status_code == 401
    held = json.loads(html.unescape(re.search('name="held" value="([^"]*)"', out.text)[1]))
    assert held["path"] == path
    assert ["note", "好"] in held["fields"]
    assert "csrf" not in dict(held["fields"])
    _, token = county.reader(Role.DIRECTOR)
    (again,) = county.ask([sent(asking, path, token, body, **{"x-csrf": ""})])
    assert again.status_code == 403
    fields = dict(re.findall('type="hidden" name="([a-z.]+)" value="([^"]*)"', again.text))
    assert fields["csrf"] == county.word(token)
    assert fields["note"] == "好"
    (foreign,) = county.ask([sent(asking, path, "", body, **{"sec-fetch-site": "cross-site"})])
    (silent,) = county.ask([asking("POST", path, body=body.encode(), headers={
        "content-type": "application/x-www-form-urlencoded"})])  # fmt: skip
    assert "held" not in foreign.text + silent.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil", "/\t/evil", "/a//b", "https://evil", "/account/password", ""],
)
def test_what_is_carried_through_the_sign_in_goes_to_a_form_of_ours_alone(path: str) -> None:
    assert carried(json.dumps({"path": path, "fields": []})) is None
    assert (
        carried(json.dumps({"path": "/desk/report/report.received.v1", "fields": []})) is not None
    )


def parts(content: bytes, **fields: str) -> tuple[bytes, dict[str, str]]:
    lines = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]  # fmt: skip
    head = '--b\r\nContent-Disposition: form-data; name="{}"; filename="照片.png"\r\n\r\n'
    name = "photo" if "time" in fields else "content"
    body = "".join([*lines, head.format(name)]).encode() + content + b"\r\n--b--\r\n"
    return body, {"content-type": "multipart/form-data; boundary=b"}


def photos_of(county, child, visit: str) -> list[attachments.Attached]:
    reader, _ = county.reader(Role.DIRECTOR)
    county.home.catch_up()
    about = str(event_id(f"shouhe/people/{reader.person}", visit))
    return [e for e in attachments.listed(county.home, reader, UUID(child.id)) if e.about == about]


def test_a_phones_photo_is_kept_once_with_its_visit_and_a_refusal_is_said(
    county, child, asking, picture
) -> None:
    _, token = county.reader(Role.DIRECTOR)
    path, visit, id_ = f"/children/{child.id}/attachments", str(uuid4()), str(uuid4())

    def send(content: bytes, photo: str) -> Any:
        body, headers = parts(content, id=photo, record=visit)
        headers["accept"] = "application/json"
        return county.ask([asking("POST", path, token, body=body, headers=headers)])[0]

    for _ in range(2):
        answer = send(picture, id_)
        assert (answer.status_code, answer.json()) == (200, {"kept": True})
    assert len(photos_of(county, child, visit)) == 1
    refused = send(b"MZ is no picture", str(uuid4()))
    assert (refused.status_code, refused.json()["refused"]) == (422, "no_media")
    assert "只收照片" in refused.json()["said"]


def test_a_photo_that_is_refused_does_not_hold_up_the_visit_it_came_with(
    county, child, asking, picture
) -> None:
    _, token = county.reader(Role.DIRECTOR)
    path = f"/children/{child.id}/record/visit.completed.v1"
    for content, said in ((picture, "kept"), (b"MZ", "no_media"), (b"\0" * 9_000_000, "too_large")):
        visit = str(uuid4())
        body, headers = parts(content, id=visit, time="2026-03-02T09:00", by="director",
                              child_seen="true", selection="duty")  # fmt: skip
        (answer,) = county.ask([asking("POST", path, token, body=body, headers=headers)])
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith(f"&photo={said}")
        assert len(photos_of(county, child, visit)) == (said == "kept")
        (page,) = county.ask([asking("GET", answer.headers["location"], token)])
        assert ("照片没有存下" in page.text) is (said in REFUSED)
