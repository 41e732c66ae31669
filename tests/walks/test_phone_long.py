"""A phone in the hills, at length: what was said to be saved is never lost, and counts once."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

pytestmark = pytest.mark.long

VISITS = 50
DAY = 86_400

SAVE_MANY = """async child => {
    const until = async seen => { while (!seen()) await new Promise(r => setTimeout(r, 5)) }
    let last = ''
    for (;;) {
        location.hash = `#/record/visit.completed.v1/${child}`
        await until(() => (document.forms[0]?.dataset.id ?? last) !== last)
        last = document.forms[0].dataset.id
        document.forms[0].elements.child_seen.checked = true
        document.forms[0].requestSubmit()
        await until(() => document.querySelector('.saved'))
        console.log(`saved ${last}`)
    }
}"""


def processes(of: Path) -> list[int]:
    """Those that were started with this folder of browser data."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(of).encode() in each.read_bytes():
                found.append(int(each.parent.name))
    return found


def readable(folder: Path, *words: str) -> list[tuple[Path, str]]:
    """Files of a browser's data in which a word stands as it is."""
    found = []
    for path in filter(Path.is_file, folder.rglob("*")):
        held = path.read_bytes()
        found += [
            (path, word)
            for word in words
            if word.encode() in held or word.encode("utf-16-le") in held
        ]
    return found


def ids(county) -> list[str]:
    return [each["id"] for each in county.stored("visit.completed", "w-7")]


@pytest.fixture
def hills(networks):
    """Two networks, for two phones of one director."""
    return networks(), networks()


def test_fifty_visits_two_phones_and_a_failing_network_leave_each_visit_once_in_the_log(
    county, hills, kept, visitor, phone
) -> None:
    near, far = hills
    context = kept(near.address)
    context.add_cookies(county.cookie("director", near.address))
    one = phone(context.pages[0], near.address).begin()
    names = [one.page.locator(".list h2 a").nth(n).inner_text() for n in range(3)]
    other_context = visitor("", address=far.address)
    other_context.add_cookies(county.cookie("director", far.address))
    other = phone(other_context.new_page(), far.address).begin()

    for network, each in ((near, context), (far, other_context)):
        network.turn("down")
        each.set_offline(True)
    made = [one.record(number, note=f"第{number}次") for number in range(VISITS)]
    more = [other.record(number) for number in range(10)]
    context.close()
    assert readable(kept.folder, *names, "第7次") == []
    context = kept(near.address, offline=True)
    context.add_cookies(county.cookie("director", near.address))  # signed in again
    one = phone(context.pages[0], near.address).open().unlock()
    assert one.waiting() == set(made)
    for way in ("deaf", "down", "deaf", "up", "down", "up"):
        near.turn(way)
        far.turn(way)
        for each in (context, other_context):
            each.set_offline(False)
        one.page.wait_for_timeout(700)
        for each in (context, other_context):
            each.set_offline(True)
        one.page.wait_for_timeout(200)
    for each in (context, other_context):
        each.set_offline(False)
    one.until_sent()
    other.until_sent()
    assert near.lost > 0
    assert far.lost > 0
    there = ids(county)
    for each in (*made, *more):
        assert there.count(each) == 1
    assert {each["id"] for each in one.stored("sent")} == set(made)


def test_what_was_said_to_be_saved_is_there_after_the_browser_was_killed(
    county, network, kept, phone
) -> None:
    context = kept(network.address)
    context.add_cookies(county.cookie("director", network.address))
    own = phone(context.pages[0], network.address).begin()
    network.turn("down")
    told: list[str] = []
    own.page.on(
        "console",
        lambda said: told.append(said.text[6:]) if said.text.startswith("saved ") else None,
    )
    link = own.page.locator(".list h2 a").first.get_attribute("href")
    child = link.rpartition("/")[2]
    own.page.evaluate(f"child => {{ ({SAVE_MANY})(child) }}", child)
    while len(told) < 25:
        own.page.wait_for_timeout(20)
    for each in processes(kept.folder):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    with suppress(Error):
        context.close()

    context = kept(network.address, offline=True)
    context.add_cookies(county.cookie("director", network.address))
    own = phone(context.pages[0], network.address).open().unlock()
    assert len(told) >= 25
    assert set(told) <= own.waiting()
    network.turn("up")
    context.set_offline(False)
    waiting = own.waiting()
    own.until_sent()
    there = ids(county)
    assert all(there.count(each) == 1 for each in waiting)


@pytest.fixture
def own(county, network, visitor, phone):
    """A director's phone that is set up. `own.page.context` goes off-line."""
    context = visitor("", address=network.address)
    context.add_cookies(county.cookie("director", network.address))
    return phone(context.new_page(), network.address).begin()


def away(own, network, off: bool = True) -> None:
    network.turn("down" if off else "up")
    own.page.context.set_offline(off)


def test_ten_wrong_pins_erase_the_week_and_not_what_waits_to_be_sent(own, network, county) -> None:
    away(own, network)
    made = own.record(0)
    own.open()
    for left in range(9, -1, -1):
        own.page.fill("#pin", "000111")
        own.page.click("button:has-text('打开')")
        if left:
            own.page.wait_for_selector(f"text=还可以试 {left} 次")
    own.page.wait_for_selector("h1:has-text('没有网络')")
    assert own.stored("weeks") == []
    assert own.stored("vaults")[0]["byPin"] is None
    assert own.waiting() == {made}
    away(own, network, off=False)
    own.until_sent()
    assert ids(county).count(made) == 1
    own.page.wait_for_selector("#again")
    own.begin()
    own.page.click("#state a")
    own.page.wait_for_selector("h2:has-text('已发送')")


def test_a_week_is_erased_when_its_time_is_over_and_what_waits_stays(own, network) -> None:
    away(own, network)
    made = own.record(0)
    assert len(own.stored("weeks")) == 1
    own.page.clock.install(time=time.time() + 8 * DAY)
    own.open().unlock()
    own.page.wait_for_selector("h1:has-text('清单不在手机上')")
    assert own.stored("weeks") == []
    assert own.waiting() == {made}


def test_a_clock_set_back_does_not_make_a_week_last_longer(own, network) -> None:
    away(own, network)
    own.page.clock.install(time=time.time() - 2 * DAY)
    own.open().unlock()
    own.page.wait_for_selector("h1:has-text('清单不在手机上')")
    assert own.stored("weeks") == []


def test_what_is_refused_stays_with_its_reason_and_is_sent_when_mended(own, county) -> None:
    made = own.record(0, time="2099-01-01T09:00")
    own.page.wait_for_selector("#state a:has-text('1 条没有被接收')")
    own.page.click("#state a:has-text('1 条没有被接收')")
    own.page.wait_for_selector("text=时间在将来")
    assert made not in ids(county)
    own.page.click("a:has-text('修改再发')")
    own.page.fill("#time", "2026-11-01T09:00")
    own.page.click("button:has-text('保存')")
    own.page.wait_for_selector(".saved")
    own.until_sent()
    assert own.stored("outbox") == []
    assert ids(county).count(made) == 1


def test_an_over_session_keeps_all_and_asks_to_sign_in(own, network, county) -> None:
    context = own.page.context
    context.add_cookies(county.cookie(county.over, network.address))
    made = own.record(0)
    own.page.wait_for_selector("#state:has-text('登录已过期')")
    assert own.waiting() == {made}
    context.add_cookies(county.cookie("director", network.address))
    own.open()
    own.until_sent()
    assert ids(county).count(made) == 1


def test_two_tabs_send_once(own, network, county) -> None:
    away(own, network)
    made = [own.record(number) for number in range(3)]
    tab = type(own)(own.page.context.new_page(), own.address).open()
    tab.unlock()
    posts: list[str] = []
    own.page.context.on(
        "request",
        lambda each: posts.append(each.post_data or "") if each.method == "POST" else None,
    )
    away(own, network, off=False)
    own.until_sent()
    assert sum(made[0] in each for each in posts) == 1
    assert all(ids(county).count(each) == 1 for each in made)


def test_a_visit_of_another_on_the_same_day_is_shown_and_both_stand(own, county, visitor) -> None:
    made = own.record(0, time="2026-11-20T10:00")
    own.until_sent()
    child = county.stored("visit.completed", "w-7")[-1]["subject"]
    supervisor = visitor("supervisor").new_page()
    supervisor.goto(f"/children/{child}/record/visit.completed.v1")
    supervisor.fill("#time", "2026-11-20T15:00")
    supervisor.click("main button[type=submit]")
    supervisor.wait_for_url(f"**/children/{child}**")
    shown(own.page, "同一天 儿童督导员 w-supervisor 也登记了走访")
    on_day = [
        each["id"]
        for each in county.stored("visit.completed")
        if each["subject"] == child and each["time"].startswith("2026-11-20")
    ]
    assert made in on_day
    assert len(on_day) == 2


def shown(page: Page, text: str) -> None:
    """After the list was fetched anew; the read models follow within moments."""
    for _ in range(20):
        page.evaluate("location.hash = '#/'")
        page.click("button:has-text('更新清单')")
        page.wait_for_selector("text=清单已更新")
        page.evaluate("location.hash = '#/outbox'")
        page.wait_for_selector("h1:has-text('登记的记录')")
        if text in page.inner_text("main"):
            return
        page.wait_for_timeout(500)
    raise AssertionError(json.dumps(page.inner_text("main"), ensure_ascii=False))
