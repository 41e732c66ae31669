"""Break-glass: open to whom the table says, told to the county, each reading named, then over."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.access import Role
from infra.access.glass import open_until
from infra.looking import anomalies, glasses, looks

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def send(county, asking) -> Any:
    def post(token: str, child: str, **changed: str) -> Any:
        form = {"child": child, "emergency": "danger", "note": "邻县来电,孩子走失", "minutes": "60"}
        body = urlencode(form | changed).encode()
        return county.ask([asking("POST", "/break-glass", token, body=body, headers=FORM)])[0]

    return post


@pytest.fixture
def far(county) -> Any:
    """A child of another county."""
    return county.children[3]


def last(county: Any, kind: str) -> Any:
    rows = [json.loads(row[4]) for row in county.home.log.rows(0, None, 10**6)]
    return [each for each in rows if each["type"] == kind][-1]


def test_a_file_opens_for_a_while_and_every_reading_says_so(county, asking, send, far) -> None:
    reader, token = county.reader(Role.SUPERVISOR)
    page = f"/break-glass/{far.id}"
    (closed,) = county.ask([asking("GET", page, token)])
    assert (closed.status_code, closed.headers["location"]) == (303, "/break-glass")
    assert send(token, far.id_number).headers["location"] == page
    before = county.home.log.head()
    (opened,) = county.ask([asking("GET", page, token)])
    assert far.name in opened.text
    assert county.read_since(before) == {far.id}
    assert last(county, "access.logged.v1")["data"]["purpose"] == "break_glass"
    made = last(county, "access.break_glass_opened.v1")
    assert (made["actor"], made["subject"], made["place"]) == (reader.person, far.id, far.village)
    assert "走失" not in json.dumps(made, ensure_ascii=False)  # the reason is the child's, sealed
    (elsewhere,) = county.ask([asking("GET", f"/children/{far.id}", token)])
    assert elsewhere.status_code == 404


def test_nobody_else_gets_in_by_it_and_after_its_time_nobody(
    county, asking, send, far, monkeypatch
) -> None:
    reader, token = county.reader(Role.PREFECTURE)
    assert send(token, far.id).status_code == 303
    _, other = county.reader(Role.PROVINCE)
    page = f"/break-glass/{far.id}"
    (closed,) = county.ask([asking("GET", page, other)])
    assert closed.status_code == 303
    assert county.ask([asking("GET", page, token)])[0].status_code == 200
    later = county.home.clock() + timedelta(minutes=61)
    monkeypatch.setattr(county.home, "clock", lambda: later)
    assert open_until(county.home, reader, far.id) is None
    assert county.ask([asking("GET", page, token)])[0].status_code == 303


def test_it_can_be_closed_before_its_time(county, asking, send, far) -> None:
    _, token = county.reader(Role.OFFICER)
    send(token, far.id)
    page = f"/break-glass/{far.id}"
    (done,) = county.ask([asking("POST", f"{page}/close", token)])
    assert done.status_code == 303
    assert county.ask([asking("GET", page, token)])[0].status_code == 303


@pytest.mark.parametrize(
    "changed",
    [{"note": ""}, {"note": "  急 "}, {"emergency": "bored"}, {"minutes": "100000"},
     {"minutes": "-5"}, {"minutes": "x"}, {"child": "no-such"}, {"child": "52990120150307001X"}],
)  # fmt: skip
def test_without_reason_or_limit_nothing_opens(county, send, far, changed) -> None:
    before = county.home.log.head()
    _, token = county.reader(Role.PROVINCE)
    answer = send(token, **{"child": far.id} | changed)
    assert answer.status_code == 422
    assert county.home.log.head() == before


def test_the_county_and_the_auditor_hear_of_it(county, asking, send) -> None:
    far = county.children[0]
    _, token = county.reader(Role.SUPERVISOR, "520525100")
    send(token, far.id, emergency="missing")
    county.ask([asking("GET", f"/break-glass/{far.id}", token)])
    county.home.catch_up()
    client, now = county.home.warehouse, county.home.clock()
    today = (now + timedelta(hours=8)).date()
    told = glasses(client, now - timedelta(days=1), far.village[:6])
    assert (told[0].reader, told[0].emergency) == ("w-supervisor", "missing")
    assert told[0].until - told[0].opened_at == timedelta(hours=1)
    assert glasses(client, now - timedelta(days=1), "520327") == []
    odd = anomalies(client, today, today, far.village[:6])
    assert ("w-supervisor", "break_glass") in {(each.reader, each.why.value) for each in odd}
    seen = looks(client, today, today, child=far.id)
    assert "break_glass" in {each.purpose for each in seen}
    _, officer = county.reader(Role.OFFICER, far.village[:6])
    (home,) = county.ask([asking("GET", "/", officer)])
    assert "紧急查阅" in home.text
    _, auditor = county.reader(Role.AUDITOR, far.village[:6])
    (page,) = county.ask([asking("GET", "/looks", auditor)])
    assert far.id in page.text
    (asked,) = county.ask([asking("GET", "/looks", auditor, {"child": far.id})])
    assert "w-supervisor" in asked.text
    _, foreign = county.reader(Role.AUDITOR, "520327")
    (nothing,) = county.ask([asking("GET", "/looks", foreign, {"child": far.id})])
    assert "没有查看记录" in nothing.text
    assert "w-supervisor" not in nothing.text


def test_one_reader_does_not_try_number_after_number(county, send) -> None:
    _, token = county.reader(Role.OFFICER, "520527")
    codes = [send(token, f"no-{n}").status_code for n in range(12)]
    assert 429 in codes
