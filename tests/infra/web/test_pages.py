"""The pages: what a list and a file say, who may see them, and that every look is recorded."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import httpx
import msgspec
import pytest

from domain.bands import Band
from domain.errors import ShouheError
from domain.foresight import RiskScored
from domain.mandatory_report import ReporterKind, Situation
from domain.model_life import ModelApproved
from infra.access import Reader, Role, sign_in_token
from infra.home import Home
from infra.own_events import own_event, record
from infra.reports.child_pdf import pdf
from infra.visit_lists import make_lists, monday_of, week_of
from infra.web import build
from infra.web.child_file import PARTS, read_file
from infra.web.services import Services


@pytest.fixture(scope="module")
def village(pages) -> str:
    """The village with the longest list."""
    return Counter(row.village_code for row in pages.rows).most_common(1)[0][0]


@pytest.fixture(scope="module")
def own(pages, village):
    return [row for row in pages.rows if row.village_code == village]


def said(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def test_a_list_names_the_children_in_their_order_with_reasons_and_phones(
    pages, village, own
) -> None:
    page = said(pages.reader().get(f"/villages/{village}"))
    assert pages.week in page
    places = [page.index(f'href="/children/{row.child_id}"') for row in own]
    assert places == sorted(places)
    for row in own:
        assert pages.text_of(row.child_id, "name") in page
        assert pages.text_of(row.child_id, "address") in page
        for reason in row.reasons:
            assert reason in page


def test_every_child_of_a_village_is_found_whether_listed_or_not(pages, village, own) -> None:
    with pages.reader(Role.DIRECTOR, village) as director:
        assert f'href="/villages/{village}/children"' in director.get(f"/villages/{village}").text
        page = said(director.get(f"/villages/{village}/children"))
    asked = {"v": village}
    rows = pages.home.warehouse.query(
        "SELECT child_id FROM children WHERE village_code = {v:String} AND on_ledger", asked
    ).result_rows
    assert len(rows) > len(own)
    for (child,) in rows:
        assert pages.text_of(child, "name") in page
        assert f'href="/children/{child}/record"' in page
    other = next(row.village_code for row in pages.rows if row.village_code != village)
    assert (
        pages.reader(Role.DIRECTOR, village).get(f"/villages/{other}/children").status_code == 404
    )


def test_a_file_tells_every_event_of_the_child_latest_first(pages, own) -> None:
    child = own[0].child_id
    page = said(pages.reader().get(f"/children/{child}"))
    assert pages.text_of(child, "name") in page
    (count,) = pages.home.warehouse.query(
        "SELECT count() FROM events WHERE child_id = {c:UUID}"
        " AND type NOT IN ('access.logged.v1', 'risk.scored.v1')",
        {"c": child},
    ).result_rows[0]
    assert page.count(' class="event') == count
    moments = [part[:25] for part in page.split('datetime="')[1:]]
    assert moments == sorted(moments, reverse=True)


def test_nobody_sees_a_name_without_signing_in(pages, village, own) -> None:
    with pages.visitor() as visitor:
        for path in ("/", f"/villages/{village}", f"/children/{own[0].child_id}"):
            answer = visitor.get(path)
            assert answer.status_code == 401
            assert pages.text_of(own[0].child_id, "name") not in answer.text


def test_a_changed_or_stale_or_foreign_token_opens_nothing(pages, village) -> None:
    client = pages.reader()
    token = client.cookies["shouhe"]
    head, tail = token.split(".")
    stale = pages.reader(hours=-1).cookies["shouhe"]
    for each in (f"{head[:-2]}xx.{tail}", f"{head}.{tail[:-2]}xx", head, "ü.ü", ".", stale):
        with pages.visitor() as visitor:
            answer = visitor.get("/sign-in", params={"token": each})
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers


def test_the_address_signs_in_and_leads_only_to_pages_of_our_own(pages, village) -> None:
    token = sign_in_token(pages.home.keys, pages.home.clock(), person="w-1", role=Role.OFFICER)
    with pages.visitor() as visitor:
        asked = {"token": token, "page": f"/villages/{village}"}
        answer = visitor.get("/sign-in", params=asked)
        assert answer.headers["location"] == f"/villages/{village}"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        for foreign in ("//evil.example", "https://evil.example", "/\\evil.example"):
            answer = visitor.get("/sign-in", params={"token": token, "page": foreign})
            assert answer.headers["location"] == "/"


def test_every_look_is_recorded_for_every_child_that_is_named(pages, village, own) -> None:
    before = {row.child_id: pages.looks(row.child_id) for row in own}
    pages.reader(Role.DIRECTOR, village).get(f"/villages/{village}")
    assert all(pages.looks(child) == count + 1 for child, count in before.items())
    with pages.home.log.store.reading() as cursor:
        (state,) = cursor.execute(
            "SELECT state FROM stored_events WHERE topic = 'access.logged.v1'"
            " ORDER BY rowid DESC LIMIT 1"
        ).fetchone()
    last = json.loads(state)
    assert (last["actor"], last["actorrole"]) == ("w-1", "director")
    assert last["data"] == {"purpose": "visit_list", "page": f"villages/{village}"}


def test_where_the_look_cannot_be_recorded_nothing_is_shown(pages, village, own, serving) -> None:
    class Unwilling:
        def record(self, _: object) -> object:
            raise ShouheError("the disk is full")

    class Sealed(Home):
        @property
        def intake(self):
            return Unwilling()

    with Sealed(pages.home.settings) as home:
        app = build(home, pages.follower, Services(home.settings.services_path), ["*"])
        with serving(app) as server:
            client = pages.reader()
            for path in (f"/villages/{village}", f"/children/{own[0].child_id}"):
                answer = client.get(server.url + path)
                assert answer.status_code == 500
                assert pages.text_of(own[0].child_id, "name") not in answer.text
                assert "disk" not in answer.text


def test_a_reader_sees_the_place_they_answer_for_and_nothing_else(pages, village, own) -> None:
    other = next(row for row in pages.rows if row.village_code != village)
    with pages.reader(Role.DIRECTOR, village) as director:
        assert director.get("/").headers["location"] == f"/villages/{village}"
        assert director.get(f"/villages/{village}").status_code == 200
        assert director.get(f"/children/{own[0].child_id}").status_code == 200
        for path in (f"/villages/{other.village_code}", f"/children/{other.child_id}"):
            answer = director.get(path)
            assert answer.status_code == 404
            assert pages.text_of(other.child_id, "name") not in answer.text
        hidden = director.get(f"/children/{other.child_id}")
        unknown = director.get(f"/children/{uuid4()}")
        assert (hidden.status_code, hidden.content) == (unknown.status_code, unknown.content)
    with pages.reader(Role.SUPERVISOR, village[:9]) as supervisor:
        answer = supervisor.get("/places", follow_redirects=True)
        page = str(answer.url) + said(answer)
        assert village in page
        outside = {r.village_code for r in pages.rows if not r.village_code.startswith(village[:9])}
        assert not any(code in page for code in outside)


def test_mandatory_reports_are_for_officers_and_who_reported_is_for_no_page(
    pages, village, own
) -> None:
    child = own[0].child_id
    report = {
        "specversion": "1.0", "id": "secret-1", "source": "/school", "subject": str(child),
        "type": "report.submitted.v1", "time": pages.home.clock().isoformat(),
        "data": {"report_id": "R-1", "situation": next(iter(Situation)).value, "to": "police",
                 "reporter_kind": next(iter(ReporterKind)).value, "reporter_name": "报告人甲",
                 "reporter_phone": "19900001234"},
    }  # fmt: skip
    (outcome,) = pages.home.intake.submit([json.dumps(report).encode()])
    assert outcome.status == "accepted", outcome
    pages.follow()
    officer = said(pages.reader().get(f"/children/{child}"))
    director = said(pages.reader(Role.DIRECTOR, village).get(f"/children/{child}"))
    assert "提交强制报告" in officer
    assert "强制报告" not in director
    for page in (officer, director):
        assert "报告人甲" not in page
        assert "19900001234" not in page


def test_what_was_corrected_or_taken_back_is_marked_so(pages, village, own) -> None:
    child = own[1].child_id
    visit = {
        "specversion": "1.0", "id": "visit-1", "source": "/app", "subject": str(child),
        "type": "visit.completed.v1", "time": pages.home.clock().isoformat(),
        "data": {"by": "director", "child_seen": True, "minutes": 7, "note": "第一次的备注"},
    }  # fmt: skip
    better = visit | {"id": "visit-2", "corrects": "visit-1"}
    better["data"] = {**visit["data"], "minutes": 8}
    contact = visit | {
        "id": "contact-1",
        "type": "contact.logged.v1",
        "data": {"by": "director", "channel": "phone"},
    }
    back = visit | {
        "id": "back-1", "type": "record.retracted.v1", "corrects": "contact-1", "data": {},
    }  # fmt: skip
    bodies = [json.dumps(each).encode() for each in (visit, better, contact, back)]
    assert {each.status for each in pages.home.intake.submit(bodies)} == {"accepted"}
    pages.follow()
    page = said(pages.reader().get(f"/children/{child}"))
    assert page.count("已更正") == 1
    assert page.count("已撤销") == 1
    assert "更正的是:入户走访" in page
    assert "第一次的备注" in page


def test_a_childs_file_has_its_five_parts_and_its_reading_is_recorded(pages, own) -> None:
    child = own[1].child_id
    before = pages.looks(child)
    page = said(pages.reader().get(f"/children/{child}/file"))
    assert [page.index(title) for title in PARTS] == sorted(page.index(t) for t in PARTS)
    assert pages.text_of(child, "name") in page
    assert "已更正" in page
    assert "更正的是:入户走访" in page
    assert pages.looks(child) == before + 1


def test_a_childs_file_is_for_readers_of_its_place(pages, village, own) -> None:
    other = next(row for row in pages.rows if row.village_code != village)
    with pages.reader(Role.DIRECTOR, village) as director:
        assert director.get(f"/children/{own[0].child_id}/file").status_code == 200
        assert director.get(f"/children/{other.child_id}/file").status_code == 404


def test_a_childs_file_is_printed_with_every_character_of_a_name(pages, own) -> None:
    reader = Reader(person="w-1", role=Role.OFFICER, until=0)
    found = read_file(pages.home, reader, own[0].child_id, page="child-file")
    assert found is not None
    rare = msgspec.structs.replace(found.person, name="㛃䶮\U0002cc56")
    made = pdf(msgspec.structs.replace(found, person=rare))
    assert made.startswith(b"%PDF-")
    assert made == pdf(msgspec.structs.replace(found, person=rare))
    assert len(made) > 20_000  # the characters themselves are in it


def test_a_forgotten_child_has_no_name_on_any_page(pages, village, own) -> None:
    child = own[-1].child_id
    texts = [pages.text_of(child, field) for field in ("name", "phone", "address")]
    pages.home.intake.forget(str(child))
    pages.follow()
    page = said(pages.reader().get(f"/children/{child}"))
    page += said(pages.reader().get(f"/children/{child}/file"))
    assert page.count("(信息已删除)") > 1
    assert not any(text and text in page for text in texts)
    page = said(pages.reader().get(f"/villages/{village}"))
    assert "(信息已删除)" in page
    assert f"/children/{child}" not in page
    assert list(pages.home.intake.rejected()) == []


def test_a_week_or_village_that_is_none_is_said_so_in_chinese(pages, village) -> None:
    with pages.reader() as reader:
        for path in (f"/villages/{village}?week=2026-W99", f"/villages/{village}?week=<script>"):
            answer = reader.get(path)
            assert answer.status_code == 400
            assert "2026-W12" in answer.text
            assert "<script>" not in answer.text
        assert reader.get("/villages/12").status_code in (400, 404)
        assert reader.get("/children/not-a-uuid").status_code == 404
        empty = said(reader.get(f"/villages/{village}?week=2020-W01"))
        assert "还没有排出清单" in empty


def test_every_answer_keeps_scripts_frames_and_caches_out(pages, village) -> None:
    with pages.reader() as reader:
        for path in ("/", f"/villages/{village}", "/nothing", "/healthz", "/readyz"):
            headers = reader.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
        assert "<script" not in reader.get("/").text


def test_the_overview_counts_what_the_duties_say(pages) -> None:
    page = said(pages.reader().get("/places"))
    children, overdue = pages.home.warehouse.query(
        "SELECT uniqExact(child_id), uniqExactIf(child_id, duty = 'director_visit'"
        " AND overdue_days > 0) FROM duties"
    ).result_rows[0]
    assert f"<b>{children}</b> 在册儿童" in page
    assert f"<b>{overdue}</b> 走访逾期" in page
    assert f"<b>{len(pages.rows)}</b> 在清单上" in page


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ANALYST])
def test_a_form_switches_language_and_print_and_comes_back(pages, role: Role) -> None:
    with pages.reader(role) as reader:
        answer = reader.post("/view", data={"lang": "en", "page": "/account?x=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
        page = reader.get("/").text
        assert '<html lang="en">' in page
        assert "My account" in page
        assert reader.post("/view", data={"print": "large", "page": "//x.example"}).headers[
            "location"] == "/"  # fmt: skip
        assert '<html lang="en" class="large">' in reader.get("/").text
        reader.post("/view", data={"lang": "zh", "page": "/"})
        assert '<html lang="zh-CN" class="large">' in reader.get("/").text


def test_another_site_switches_nothing(pages) -> None:
    with httpx.Client(base_url=pages.url) as visitor:
        answer = visitor.post("/view", data={"lang": "en"}, headers={"origin": "https://x.example"})
        assert answer.status_code == 403


def test_all_children_of_a_village_stand_on_one_page_the_longest_unvisited_first(
    pages, village
) -> None:
    page = said(pages.reader().get(f"/villages/{village}/children"))
    rows = pages.home.warehouse.query(
        "SELECT c.child_id, v.last FROM children AS c LEFT JOIN ("
        " SELECT child_id, max(day) AS last FROM visits GROUP BY child_id) AS v"
        " ON v.child_id = c.child_id"
        " WHERE c.village_code = {v:String} AND c.on_ledger AND NOT c.forgotten",
        {"v": village},
    ).result_rows
    found = re.findall(r'<b><a href="/children/([0-9a-f-]{36})">', page)
    assert sorted(found) == sorted(str(child) for child, _ in rows)
    last = {str(child): day for child, day in rows}  # 1970: never
    assert [last[child] for child in found] == sorted(last.values())


def test_a_list_by_a_model_says_in_words_who_is_to_be_seen_first(pages, village, own) -> None:
    home, now = pages.home, pages.home.clock()
    week = week_of(now.date() + timedelta(days=7))
    rows = home.warehouse.query(
        "SELECT child_id, village_code FROM children WHERE NOT forgotten"
    ).result_rows
    scores = {str(child): 0.1 if code == village else 0.5 for child, code in rows}
    scores[str(own[0].child_id)] = 0.9
    approved = ModelApproved(model_id="m", file_hash="0" * 64, approved_by="sup")
    facts = {
        child: RiskScored(model_id="m", as_of=monday_of(week), score=score, log_position=1)
        for child, score in scores.items()
    }
    record(home, [own_event("/test", "m", now, approved)])
    record(home, [own_event("/test", f"s-{c}", now, f, c) for c, f in facts.items()])
    home.catch_up()
    make_lists(home, week)
    home.catch_up()
    page = said(pages.reader().get(f"/villages/{village}?week={week}"))
    assert page.count(f' class="band band-first">{Band.FIRST.label}') == 1
    assert page.count(' class="band ') > 1
    assert "0.9" not in page
