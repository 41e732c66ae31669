"""A phone in the hills, shortly: three visits without network, each once in the log; readable."""

from __future__ import annotations


def test_visits_recorded_without_network_are_each_once_in_the_log(
    county, network, visitor, phone, axe
) -> None:
    context = visitor("", address=network.address)
    page = context.new_page()
    page.goto("/sign-in?page=/phone")
    name, password = county.account
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/phone")
    own = phone(page, network.address).begin()
    assert axe(page) == []
    network.turn("down")
    context.set_offline(True)
    made = [own.record(number) for number in range(3)]
    own.open().unlock()
    tasks = page.locator(".list .line .task").all_inner_texts()
    assert len(tasks) == len(set(county.listed))
    assert set(tasks) <= {"上门", "电话联系"}
    assert own.waiting() == set(made)
    assert "3 条等待发送" in page.inner_text("#state")
    network.turn("up")
    context.set_offline(False)
    own.until_sent()
    there = [each["id"] for each in county.stored("visit.completed", "w-7")]
    assert [there.count(each) for each in made] == [1, 1, 1]
    assert {each["id"] for each in own.stored("sent")} == set(made)
    page.goto(f"/villages/{county.village}")
    assert axe(page) == []
