"""Signing in by account: what opens, what stays closed, and that no other site can ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from infra.access import Role
from infra.web.app import application
from infra.web.guard import PUBLIC
from infra.web.services import Services

PASSWORD, OWN = "a long enough word", "another long word"


@pytest.fixture(scope="module")
def village(pages) -> str:
    return pages.rows[0].village_code


@pytest.fixture
def director(pages, village) -> Iterator[httpx.Client]:
    """Someone who came in by name and password."""
    accounts, name = pages.home.accounts, f"d-{len(pages.home.accounts.all())}"
    accounts.add(
        name=name, person="w-7", role=Role.DIRECTOR, place=village, password=PASSWORD,
        now=pages.home.clock(),
    )  # fmt: skip
    accounts.change_password(name, PASSWORD, OWN, pages.home.clock())
    with pages.visitor() as client:
        form = {"name": name, "password": OWN, "page": f"/villages/{village}"}
        answer = client.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/villages/{village}")
        yield client


def word(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/account").text)
    assert found
    return found[1]


def test_a_director_sees_the_own_village_and_no_other(pages, director, village) -> None:
    assert director.get(f"/villages/{village}").status_code == 200
    other = next(row.village_code for row in pages.rows if row.village_code != village)
    assert director.get(f"/villages/{other}").status_code == 404


def test_a_wrong_password_is_answered_alike_for_known_and_unknown_names(pages, director) -> None:
    with pages.visitor() as visitor:
        known = visitor.post("/sign-in", data={"name": "d-0", "password": "wrong word"})
        unknown = visitor.post("/sign-in", data={"name": "nobody", "password": "wrong word"})
    assert known.status_code == unknown.status_code == 401
    assert known.text == unknown.text
    assert "set-cookie" not in known.headers


def test_signing_in_leads_to_no_other_site(pages) -> None:
    with pages.visitor() as visitor:
        answer = visitor.get("/sign-in", params={"page": "https://elsewhere.example/"})
    assert answer.status_code == 200
    assert "elsewhere" not in answer.text


def test_a_form_without_our_word_or_from_another_site_changes_nothing(director) -> None:
    right = word(director)
    for data, headers in (
        ({}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": right}, {"origin": "https://elsewhere.example"}),
        ({"csrf": right}, {"sec-fetch-site": "cross-site"}),
    ):
        assert director.post("/sign-out", data=data, headers=headers).status_code == 403
    assert director.get("/account").status_code == 200
    assert director.post("/sign-out", data={"csrf": right}).status_code == 303
    assert director.get("/account").status_code == 401


def test_a_first_password_opens_nothing_but_the_own_account(pages, village) -> None:
    pages.home.accounts.add(
        name="fresh", person="w-8", role=Role.DIRECTOR, place=village, password=PASSWORD,
        now=pages.home.clock(),
    )  # fmt: skip
    with pages.visitor() as client:
        answer = client.post("/sign-in", data={"name": "fresh", "password": PASSWORD})
        assert answer.headers["location"] == "/account"
        assert client.get(f"/villages/{village}").status_code == 403
        said = {"csrf": word(client), "old": PASSWORD, "new": OWN, "again": OWN}
        assert client.post("/account/password", data=said).status_code == 303
        assert client.get("/account").status_code == 401


def test_an_office_sets_up_a_second_factor_before_anything_else(pages, village) -> None:
    accounts = pages.home.accounts
    accounts.add(
        name="office", person="o-1", role=Role.OFFICER, place=village[:6], password=PASSWORD,
        now=pages.home.clock(),
    )  # fmt: skip
    accounts.change_password("office", PASSWORD, OWN, pages.home.clock())
    with pages.visitor() as client:
        client.post("/sign-in", data={"name": "office", "password": OWN})
        assert client.get(f"/villages/{village}").status_code == 403
        page = client.get("/account")
        assert "<svg" in page.text
        said = {"csrf": word(client), "secret": "A" * 32, "code": "123456"}
        assert client.post("/account/factor", data=said).status_code == 400


def test_many_tries_from_one_place_have_to_wait(pages) -> None:
    with pages.visitor() as visitor:
        codes = [
            visitor.post("/sign-in", data={"name": "nobody", "password": "x"}).status_code
            for _ in range(25)
        ]
    assert codes[-1] == 429


def test_every_route_names_a_right_or_says_that_it_is_public(pages) -> None:
    app = application(pages.home, pages.follower, Services(pages.home.settings.services_path), [])
    handlers = [
        handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if handler.http_methods != {"OPTIONS"}
    ]  # fmt: skip
    assert handlers
    open_ = {path for each in handlers if each.opt.get("right") == PUBLIC for path in each.paths}
    assert open_ == {
        "/sign-in", "/sign-in/oidc", "/sign-in/oidc/back", "/style.css", "/view",
        "/healthz", "/readyz", "/metrics", "/events",
        "/phone", "/phone/sw.js", "/phone/manifest.webmanifest", "/phone/app/{name:str}",
    }  # fmt: skip
    assert [each.paths for each in handlers if not each.opt.get("right")] == []


def test_where_two_methods_share_a_path_none_is_wrapped_in_a_thread_by_the_framework(pages) -> None:
    """Litestar wraps such a handler once a method: the page would be a coroutine, and a 500."""
    app = application(pages.home, pages.follower, Services(pages.home.settings.services_path), [])
    shared = [
        handler
        for route in app.routes
        if len(own := [h for h in getattr(route, "route_handlers", [])
                       if h.http_methods != {"OPTIONS"}]) > 1
        for handler in own
    ]  # fmt: skip
    assert shared
    assert [each.handler_name for each in shared if each.sync_to_thread] == []
