"""The desks: who may open each, that its numbers are the read models', what its forms record."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.event import day as shanghai_day
from infra.access import BY_KEY, Reader, Role
from infra.visit_lists import monday_of, week_of
from infra.web.indicators_page import SECRET_RULES, Numbers
from infra.web.navigation import PAGES
from infra.web.review import queue

COUNTY = "520526"
OTHER = "520502"
PLACE_OF = {Role.PREFECTURE: "5205", Role.PROVINCE: "52", Role.OFFICER: COUNTY}


@pytest.fixture(scope="module")
def row(pages) -> Any:
    return pages.rows[0]


@pytest.fixture(scope="module")
def officer(pages) -> Iterator[httpx.Client]:
    with pages.reader(Role.OFFICER, COUNTY) as client:
        yield client


def as_role(pages, role: Role, village: str) -> httpx.Client:
    place = {Role.DIRECTOR: village, Role.SUPERVISOR: village[:9]}.get(role, PLACE_OF.get(role, ""))
    return pages.reader(role, place)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page))


def figures(page: str) -> list[str]:
    return re.findall(r"<li[^>]*><b>([^<]+)</b>", page)


def ask(pages, sql: str, **given: object) -> Any:
    return pages.home.warehouse.query(sql, given).result_rows


def in_log(pages, type_name: str, *words: str) -> int:
    with pages.home.log.store.reading() as cursor:
        rows = cursor.execute(
            "SELECT state FROM stored_events WHERE topic = ?", (type_name,)
        ).fetchall()
    return sum(all(word in bytes(state).decode() for word in words) for (state,) in rows)


# --- who may open what ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_a_home_page_leads_a_role_to_its_pages_and_to_no_other(pages, row, role: Role) -> None:
    with as_role(pages, role, row.village_code) as reader:
        answer = reader.get("/")
        if role is Role.DIRECTOR:
            assert answer.headers["location"] == f"/villages/{row.village_code}"
            return
        if role is Role.SUPERVISOR:
            assert answer.headers["location"] == "/supervision"
            answer = reader.get("/account")
        page = said(answer)
        known = {each.path for each in PAGES if f'href="{each.path}"' in page}
        may = {each.path for each in PAGES if role in BY_KEY[each.right].roles
               and role not in each.but}  # fmt: skip
        assert known <= may
        assert known
        assert not any(text in page for own in pages.persons.values() for text in [own["name"]])


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/supervision", "supervision"), ("/review", "review"), ("/desk/reports", "report_desk"),
        ("/desk/report?id=R-1", "report_desk"), ("/desk/subsidies", "subsidy_desk"),
        ("/places", "places"), ("/models", "models"), ("/accounts", "accounts"),
    ],
)  # fmt: skip
def test_a_desk_is_refused_to_every_role_that_lacks_it(pages, row, path: str, right: str) -> None:
    for role in Role:
        if role not in BY_KEY[right].roles:
            with as_role(pages, role, row.village_code) as reader:
                assert reader.get(path).status_code == 403


def test_a_place_outside_is_not_found_on_any_desk(pages, row) -> None:
    with pages.reader(Role.OFFICER, OTHER) as reader:
        for path in (
            f"/supervision/{COUNTY}", f"/places/{COUNTY}", f"/indicators/{COUNTY}",
            f"/indicators/{COUNTY}/T8.6", f"/breaches/{COUNTY}/T8.6",
            f"/children/{row.child_id}/report",
            f"/children/{row.child_id}/report/other_serious_harm",
        ):  # fmt: skip
            assert reader.get(path).status_code == 404, path
        page = said(reader.get("/review")) + said(reader.get("/desk/reports"))
        assert not any(own["name"] in page for own in pages.persons.values())


# --- the director: not visited, and harm ---------------------------------------------------------


def test_not_visited_is_one_tap_at_a_line_and_stands_there_after(pages, row) -> None:
    with pages.reader(Role.DIRECTOR, row.village_code) as director:
        path = f"/villages/{row.village_code}"
        form = said(director.get(path)).split(f'id="c-{row.child_id}"')[1].split("</form>")[0]
        sent = {**hidden(form), "reason": "nobody_home"}
        for _ in range(2):
            answer = director.post(f"/children/{row.child_id}/not-visited", data=sent)
            assert answer.status_code == 303, answer.text
            assert answer.headers["location"].startswith(f"{path}?recorded=visit.attempt_failed")
        child, type_ = str(row.child_id), "visit.attempt_failed.v1"
        home, weather = '"reason":"nobody_home"', '"reason":"weather"'
        before = in_log(pages, type_, child, weather)
        assert in_log(pages, type_, child, home, "shouhe/people") == 1
        pages.follow()
        page = said(director.get(answer.headers["location"]))
        assert "已登记:走访未成" in page
        line = page.split(f'id="c-{row.child_id}"')[1].split("</li>\n<li")[0]
        assert "没访成:无人在家" in line
        bad = director.post(f"/children/{row.child_id}/not-visited", data=sent | {"reason": "x",
                            "id": str(uuid4())})  # fmt: skip
        assert bad.status_code == 422
        director.post(f"/children/{child}/not-visited", data=sent | {"reason": "weather"})
        assert in_log(pages, type_, child, weather) == before + 1  # another choice is not lost


def test_harm_is_reported_in_three_taps_with_the_hotlines_at_hand(pages, row) -> None:
    with pages.reader(Role.DIRECTOR, row.village_code) as director:
        first = said(director.get(f"/villages/{row.village_code}"))
        assert f'href="/children/{row.child_id}/report"' in first
        second = said(director.get(f"/children/{row.child_id}/report"))
        links = re.findall(rf'href="(/children/{row.child_id}/report/\w+)"', second)
        assert len(links) == 9
        third = said(director.get(links[3]))
        for page in (second, third):
            assert all(f'href="tel:{number}"' in page for number in ("110", "12355", "12338"))
        assert "24 小时内" in third
        form = hidden(third)
        sent = form | {"to": "police", "severity": "urgent", "note": "手臂有伤"}
        for _ in range(2):
            assert director.post(links[3], data=sent).status_code == 303
        assert in_log(pages, "report.submitted.v1", form["report_id"]) == 1
        assert in_log(pages, "report.submitted.v1", form["report_id"], "手臂有伤") == 0
        assert director.get(f"/children/{row.child_id}/report/nothing").status_code == 404


# --- the supervisor ------------------------------------------------------------------------------


def test_progress_counts_what_the_read_models_say(pages, officer) -> None:
    today = shanghai_day(pages.home.clock())
    monday = monday_of(week_of(today))
    done, listed = ask(
        pages,
        "SELECT countIf(child_id IN (SELECT child_id FROM visits WHERE day >= {m:Date})), count()"
        " FROM visit_list WHERE week = {w:String}",
        m=monday, w=week_of(today),
    )[0]  # fmt: skip
    late = ask(pages, "SELECT uniqExact(child_id) FROM duties WHERE duty = 'director_visit'"
               " AND overdue_days > 0")[0][0]  # fmt: skip
    visits = ask(pages, "SELECT count() FROM visits WHERE day >= toStartOfMonth({d:Date})"
                 " AND child_id IN (SELECT child_id FROM children)", d=today)[0][0]  # fmt: skip
    problems = ask(pages, "SELECT count() FROM problems WHERE resolved_on IS NULL")[0][0]
    page = said(officer.get("/supervision"))
    assert figures(page) == [f"{done}/{listed}", str(visits), str(late), str(problems)]


def test_a_supervisor_sees_the_directors_of_the_township_alone(pages, row) -> None:
    township = row.village_code[:9]
    with pages.reader(Role.SUPERVISOR, township) as supervisor:
        page = said(supervisor.get("/supervision"))
        workers = ask(pages, "SELECT worker_id, startsWith(place, {p:String}) FROM workers"
                      " WHERE role = 'director' AND active", p=township)  # fmt: skip
        assert any(own for _, own in workers)
        for worker, own in workers:
            assert (f">{worker}<" in page) == bool(own)
        assert not any(own["name"] in page for own in pages.persons.values())


def test_one_more_director_is_recommended_by_the_county_and_once_a_day(pages, row, officer) -> None:
    village = row.village_code
    word = hidden(said(officer.get("/review")) + said(officer.get("/desk/subsidies")))
    with pages.reader(Role.SUPERVISOR, village[:9]) as supervisor:
        own = hidden(said(supervisor.get("/account")))["csrf"]
        path = f"/supervision/{village}/addition"
        assert supervisor.post(path, data={"csrf": own, "id": "a-1"}).status_code == 403
    csrf = word.get("csrf") or hidden(said(officer.get("/account")))["csrf"]
    for _ in range(2):
        assert officer.post(path, data={"csrf": csrf, "id": "a-1"}).status_code == 303
    assert in_log(pages, "worker.addition_recommended.v1", village) == 1
    assert officer.post("/supervision/520502001001/addition",
                        data={"csrf": csrf, "id": "a-2"}).status_code == 404  # fmt: skip


def test_the_review_queue_holds_what_waits_and_a_proposal_is_answered_by_its_event(
    pages, officer
) -> None:
    proposals = ask(pages, "SELECT child_id, proposal, category FROM category_decisions"
                    " WHERE proposal != '' ORDER BY since IS NULL, since DESC, village_code,"
                    " child_id, category")  # fmt: skip
    page = said(officer.get("/review"))
    assert page.count('action="/review/category"') == min(len(proposals), 40)
    child, change, category = proposals[0]
    assert pages.text_of(child, "name") in page
    sent = {"csrf": hidden(page)["csrf"], "child": str(child), "change": change,
            "category": category, "answer": "refuse"}  # fmt: skip
    before = pages.looks(child)
    assert officer.post("/review/category", data=sent).status_code == 303
    assert in_log(pages, "category.proposal_refused.v1", str(child), category) == 1
    pages.follow()
    again = officer.post("/review/category", data=sent)
    assert again.status_code == 409
    assert "已经有人办过" in again.text
    officer.get("/review")
    assert pages.looks(child) >= before
    with pages.reader(Role.SUPERVISOR, COUNTY + "112") as supervisor:
        own = supervisor.get("/review")
        assert 'action="/review/category"' not in own.text
        word = hidden(said(supervisor.get("/account")))["csrf"]
        assert supervisor.post("/review/category", data=sent | {"csrf": word}).status_code == 403


def test_that_a_secret_record_was_taken_back_is_not_in_a_supervisors_queue(pages, row) -> None:
    now = pages.home.clock().isoformat()
    known = {"specversion": "1.0", "source": "/police", "time": now, "subject": str(row.child_id)}
    secret = known | {"id": "s-1", "type": "guardian.police_reprimanded.v1"}
    gone = known | {"id": "s-2", "type": "record.retracted.v1", "corrects": "s-1"}
    outcomes = pages.home.intake.submit([json.dumps(each).encode() for each in (secret, gone)])
    assert {each.status for each in outcomes} == {"accepted"}, outcomes
    pages.follow()
    found = {}
    for role in (Role.SUPERVISOR, Role.OFFICER):
        place = row.village_code[: 9 if role is Role.SUPERVISOR else 6]
        corrected = queue(pages.home, Reader(person="x", role=role, place=place, until=0))[2]
        found[role] = str(outcomes[0].event_id) in {str(each.corrects) for each in corrected}
        assert all(each.of == corrected[0].of >= len(corrected) for each in corrected)
    assert found == {Role.SUPERVISOR: False, Role.OFFICER: True}


# --- the county: reports and subsidies -----------------------------------------------------------


@pytest.fixture(scope="module")
def report(pages, row) -> str:
    """A report with a reporter, at the desk of civil affairs."""
    when = pages.home.clock() - timedelta(days=3)
    sent = {
        "specversion": "1.0", "id": "desk-1", "source": "/school", "subject": str(row.child_id),
        "type": "report.submitted.v1", "time": when.isoformat(),
        "data": {"report_id": "R-desk/1", "situation": "multiple_injuries", "to": "civil_affairs",
                 "reporter_kind": "school", "reporter_name": "报告人乙",
                 "reporter_phone": "19900009999"},
    }  # fmt: skip
    (outcome,) = pages.home.intake.submit([json.dumps(sent).encode()])
    assert outcome.status == "accepted", outcome
    pages.follow()
    return "R-desk/1"


def test_a_report_goes_its_way_by_the_forms_of_the_desk(pages, officer, report) -> None:
    page = said(officer.get("/desk/reports"))
    (count,) = ask(pages, "SELECT count() FROM cases WHERE kind = 'report' AND next_step != ''")[0]
    line = page.split(f"· {report}<")[1].split("</li>")[0]
    assert "已超 2 天" in line
    assert figures(page)[0] == str(count)
    for type_name, more in (
        ("report.received.v1", {}),
        ("report.accepted.v1", {}),
        ("report.investigated.v1", {"finding": "substantiated"}),
        ("report.disposed.v1", {"outcome": "guidance"}),
        ("report.feedback_given.v1", {"manner": "phone"}),
    ):
        page = said(officer.get("/desk/report", params={"id": report}))
        form = page.split(f'action="/desk/report/{type_name}"')[1].split("</form>")[0]
        answer = officer.post(f"/desk/report/{type_name}", data=hidden(form) | more)
        assert answer.status_code == 303, (type_name, answer.text)
        assert in_log(pages, type_name, report) == 1
        pages.follow()
    page = said(officer.get("/desk/report", params={"id": report}))
    assert 'action="/desk/report/' not in page
    skipped = {"csrf": hidden(page)["csrf"], "id": "x", "report_id": report}
    assert officer.post("/desk/report/report.accepted.v1", data=skipped).status_code == 404


def test_who_reported_is_shown_by_a_step_of_its_own_that_is_recorded(
    pages, officer, report, row
) -> None:
    page = said(officer.get("/desk/report", params={"id": report}))
    assert "报告人乙" not in page
    sent = {"csrf": hidden(page)["csrf"], "report_id": report}
    before = in_log(pages, "access.logged.v1", '"purpose":"reporter"')
    page = said(officer.post("/desk/reporter", data=sent))
    assert "报告人乙" in page
    assert "19900009999" in page
    assert in_log(pages, "access.logged.v1", '"purpose":"reporter"') == before + 1
    with pages.reader(Role.OFFICER, OTHER) as other:
        word = hidden(said(other.get("/account")))["csrf"]
        answer = other.post("/desk/reporter", data={"csrf": word, "report_id": report})
        assert answer.status_code == 404


def test_a_report_at_another_desk_is_worked_on_there(pages, officer, row) -> None:
    sent = {
        "specversion": "1.0", "id": "desk-2", "source": "/school", "subject": str(row.child_id),
        "type": "report.submitted.v1", "time": pages.home.clock().isoformat(),
        "data": {"report_id": "R-police-1", "situation": "multiple_injuries", "to": "police",
                 "reporter_kind": "school", "reporter_name": "报告人丙"},
    }  # fmt: skip
    pages.home.intake.submit([json.dumps(sent).encode()])
    pages.follow()
    page = said(officer.get("/desk/report", params={"id": "R-police-1"}))
    assert "报告在公安" in page
    assert 'action="/desk/report' not in page
    asked = {"csrf": hidden(said(officer.get("/account")))["csrf"], "report_id": "R-police-1"}
    assert officer.post("/desk/reporter", data=asked).status_code == 403


@pytest.mark.long
@pytest.mark.parametrize(
    ("show", "sql"),
    [
        ("uncovered", "SELECT count() FROM entitlements WHERE answer = 'yes' AND done_on IS NULL"),
        ("to-pay", "SELECT count() FROM to_pay"),
        ("findings", "SELECT count() FROM payment_findings"),
    ],
)
def test_a_sheet_of_the_subsidy_desk_has_the_lines_of_its_read_model(
    pages, officer, show: str, sql: str
) -> None:
    (count,) = ask(pages, sql)[0]
    page = said(officer.get("/desk/subsidies", params={"show": show}))
    assert f"<b>{count}</b></a>" in page
    lines = page.split('<ul class="rows">')[1] if count else ""
    assert lines.count("<li") >= min(count, 50)


def test_what_was_paid_is_recorded_once(pages, officer) -> None:
    due = ask(pages, "SELECT child_id, benefit_id, period, fen FROM to_pay"
              " ORDER BY place, child_id, benefit_id LIMIT 1")  # fmt: skip
    if not due:
        pytest.skip("nothing is to be paid this month")
    child, benefit, period, fen = due[0]
    page = said(officer.get("/desk/subsidies", params={"show": "to-pay"}))
    sent = {"csrf": hidden(page)["csrf"], "child": str(child), "benefit_id": benefit,
            "period": period, "part": "1"}  # fmt: skip
    for _ in range(2):
        assert officer.post("/desk/subsidies/paid", data=sent).status_code == 303
    assert in_log(pages, "benefit.paid.v1", benefit, f'"period":"{period}"', str(fen)) == 1


def test_a_grant_is_asked_for_in_yuan_and_recorded_in_fen_once(pages, officer, row) -> None:
    csrf, tap = hidden(said(officer.get("/desk/subsidies")))["csrf"], str(uuid4())
    sent = {"csrf": csrf, "id": tap, "child": str(row.child_id), "type": "disability_allowance",
            "amount_fen": "128.50", "from_month": "2026-03"}  # fmt: skip
    for _ in range(2):
        answer = officer.post("/desk/subsidies/grant", data=sent)
        assert answer.headers["location"].endswith("done=granted"), answer.text
    assert in_log(pages, "eligibility.assessed.v1", f"B-{tap[:8]}", '"result":"eligible"') == 1
    assert in_log(pages, "benefit.granted.v1", f"B-{tap[:8]}", '"amount_fen":12850') == 1
    wrong = sent | {"id": str(uuid4()), "amount_fen": "-1"}
    answer = officer.post("/desk/subsidies/grant", data=wrong)
    assert answer.status_code == 409
    assert "“金额”填得不对" in answer.text


# --- accounts ------------------------------------------------------------------------------------


def test_an_administrator_makes_and_changes_accounts_of_the_place_and_each_change_is_recorded(
    pages,
) -> None:
    with pages.reader(Role.ADMINISTRATOR, COUNTY) as administrator:
        csrf = hidden(said(administrator.get("/accounts")))["csrf"]
        new = {"csrf": csrf, "name": "li", "person": "w-77", "role": "director",
               "place": "520526112225"}  # fmt: skip
        page = said(administrator.post("/accounts", data=new))
        (password,) = re.findall(r'<code class="once">([^<]+)</code>', page)
        assert pages.home.accounts.find("li").must_change
        assert password not in said(administrator.get("/accounts"))
        for change in ("disabled", "restored", "unlocked", "reset"):
            sent = {"csrf": csrf, "name": "li", "change": change}
            assert administrator.post("/accounts/change", data=sent).status_code == 200
            assert in_log(pages, "account.changed.v1", '"li"', change, '"actor":"w-1"') == 1
        assert in_log(pages, "account.changed.v1", password) == 0
        elsewhere = new | {"name": "wang", "place": "520502001001"}
        assert administrator.post("/accounts", data=elsewhere).status_code == 422
        assert administrator.post("/accounts", data=new).status_code == 422
        assert pages.home.accounts.find("wang") is None
    with pages.reader(Role.ADMINISTRATOR, OTHER) as other:
        csrf = hidden(said(other.get("/accounts")))["csrf"]
        assert ">li<" not in other.get("/accounts").text
        sent = {"csrf": csrf, "name": "li", "change": "disabled"}
        assert other.post("/accounts/change", data=sent).status_code == 404


# --- the 18 tasks --------------------------------------------------------------------------------


@pytest.mark.long
def test_the_numbers_are_the_read_models_at_a_place_and_below(pages) -> None:
    rows = pages.home.warehouse.query(
        "SELECT place, check, subjects, met, late, open, overdue FROM indicators"
        " WHERE rule = 'T8.6' AND startsWith(place, {p:String}) AND length(place) IN (6, 9)",
        {"p": COUNTY},
    ).result_rows
    with pages.reader(Role.PROVINCE, "52") as province:
        page = html.unescape(province.get(f"/indicators/{COUNTY}/T8.6").text)
    found = [
        re.findall(r'data-l="[^"]+">(?:<[^>]+>)?([^<]+)<', line) for line in page.split("<tr")[2:]
    ]
    assert sorted(found) == sorted([check, *map(str, own)] for _, check, *own in rows)


@pytest.mark.long
def test_every_task_is_there_and_none_tells_a_name(pages) -> None:
    with pages.reader(Role.ANALYST) as analyst:
        page = html.unescape(analyst.get("/indicators").text)
        assert page.count("<details") == 20
        assert not any(own["name"] in page for own in pages.persons.values())
        assert analyst.get(f"/breaches/{COUNTY}/T8.6").status_code == 403
        assert analyst.get("/indicators/520526/T99.9").status_code == 404


@pytest.mark.long
def test_the_breach_list_counts_what_is_overdue_by_number_alone(pages) -> None:
    late = pages.home.warehouse.query(
        "SELECT child_id FROM duties WHERE rule = 'T8.6' AND overdue_days > 0"
    ).result_rows
    with pages.reader(Role.PREFECTURE, "5205") as prefecture:
        page = html.unescape(prefecture.get(f"/breaches/{COUNTY}/T8.6").text)
        assert f"{len(late)} 件" in page
        assert all(str(child)[:13] in page for (child,) in late)
        assert 'href="/children/' not in page
        assert not any(own["name"] in page for own in pages.persons.values())
        for secret in sorted(SECRET_RULES & {"T6.4"}):
            assert prefecture.get(f"/breaches/{COUNTY}/{secret}").status_code == 404


def test_numbers_are_kept_for_a_while_and_asked_for_again_after(pages) -> None:
    class Counting(Numbers):
        asked = 0

        def _ask(self, *_: object) -> list[tuple[object, ...]]:
            Counting.asked += 1
            return []

    now = [0.0]
    numbers = Counting(pages.home, lambda: now[0])
    day = shanghai_day(pages.home.clock())
    for moment, times in ((0.0, 1), (299.0, 1), (301.0, 2)):
        now[0] = moment
        numbers.measured(COUNTY, day)
        assert Counting.asked == times
