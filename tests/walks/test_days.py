"""Days of those behind a director: what one does is on the other's desk, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.long

DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"}


def until(page: Page, address: str, text: str) -> str:
    """A page once it says so: the read models follow the log within moments. → what it says."""
    for _ in range(60):
        page.goto(address)
        said = page.inner_text("main")
        if text in said:
            return said
        page.wait_for_timeout(500)
    raise AssertionError(f"{address}: no {text!r} in {said}")


def test_a_harm_reported_in_three_taps_is_on_the_countys_desk_and_not_on_the_supervisors(
    visitor, county
) -> None:
    director = visitor("director").new_page()
    director.goto(f"/children/{county.listed[0]}")
    director.click(f"a[href='/children/{county.listed[0]}/report']")
    assert "110" in director.inner_text("main")
    director.click("a[href$='/report/abandoned_or_unattended']")
    director.click("button:has-text('现在报告')")
    director.wait_for_load_state()
    (report,) = county.stored("report.submitted", "w-7")
    assert report["subject"] == county.listed[0]
    officer = visitor("county_officer", DESK).new_page()
    until(officer, "/desk/reports", report["data"]["report_id"])
    supervisor = visitor("supervisor").new_page()
    assert supervisor.goto("/desk/reports").status == 403
    assert "强制报告" not in until(supervisor, f"/children/{county.listed[0]}", "经过")


def test_an_auditor_sees_who_looked_at_a_child_and_no_name(visitor, county) -> None:
    child = county.listed[-1]
    director = visitor("director").new_page()
    director.goto(f"/children/{child}")
    name = director.locator("h1").inner_text().split()[0]
    auditor = visitor("auditor", DESK).new_page()
    auditor.goto("/looks")
    auditor.fill("#child", child)
    auditor.click("main button[type=submit]")
    asked = auditor.url
    assert name not in until(auditor, asked, "w-7")
    assert auditor.goto(f"/children/{child}").status == 403


def test_an_administrator_lets_someone_in_who_has_to_choose_a_password(visitor, county) -> None:
    administrator = visitor("administrator", DESK).new_page()
    administrator.goto("/accounts")
    administrator.fill("#name", "zhao")
    administrator.fill("#person", "w-31")
    administrator.select_option("#role", "director")
    administrator.fill("#place", county.village)
    administrator.click("button:has-text('新建')")
    first = administrator.inner_text("code.once")
    assert administrator.goto(f"/villages/{county.village}").status == 403
    new = visitor("").new_page()
    new.goto("/sign-in")
    new.fill("#name", "zhao")
    new.fill("#password", first)
    new.click("main button[type=submit]")
    new.wait_for_url("**/account")
    assert new.goto(f"/villages/{county.village}").status == 403


def test_a_supervisor_sees_how_the_directors_stand_and_opens_a_list(visitor, county) -> None:
    page = visitor("supervisor").new_page()
    page.goto("/")
    page.goto("/supervision")
    page.locator(f"a[href='/villages/{county.village}']").first.click()
    page.wait_for_url(f"**/villages/{county.village}*")
    assert page.locator(".line").count() > 0
    page.goto("/review")
    assert page.locator("h1").count() == 1
