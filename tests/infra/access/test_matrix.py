"""Every route × every role × every place × logged out: as the table of authority says, no more.

What is expected is worked out from infra/access/table.py and the one rule of place; nothing here
lists a page. A route added tomorrow is in the matrix tomorrow. A path parameter of a new name needs
a line in SAMPLES (conftest.py).
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from infra.access import BY_KEY, Role
from infra.gateway import User, build
from infra.web.guard import PUBLIC

VILLAGE = "520526100201"

OPENED = {200, 303, 400, 409, 413, 415, 422}
"""Let in: shown, or told what is wrong with the (empty) form."""

SAME = ("content-type", "cache-control", "location", "set-cookie", "content-length")


def named(county: Any, answer: httpx.Response) -> set[str]:
    """Ids of the children that an answer says anything personal of."""
    return {
        child.id for child in county.children if any(text in answer.text for text in child.personal)
    }


def test_every_route_names_a_right_of_the_table_or_is_public(routes) -> None:
    assert {each.right for each in routes} <= {*BY_KEY, PUBLIC}


def test_logged_out_nothing_but_the_public_opens(county, routes, asking) -> None:
    child = county.children[0]
    closed = [each for each in routes if each.right != PUBLIC]
    answers = county.ask([asking(each.method, each.at(child)) for each in closed])
    assert {answer.status_code for answer in answers} == {401}
    assert not any(named(county, answer) for answer in answers)


ROLES = [
    pytest.param(each, marks=[pytest.mark.long] if each is Role.PROVINCE else []) for each in Role
]
"""The province's officers may do what a prefecture's may: every page for both takes its time."""


def test_the_provinces_officers_have_the_rights_of_the_prefectures() -> None:
    for each in BY_KEY.values():
        assert (Role.PROVINCE in each.roles) == (Role.PREFECTURE in each.roles)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value)
def test_a_role_opens_what_the_table_gives_it_in_its_own_place_and_nothing_else(
    county, routes, asking, role
) -> None:
    reader, token = county.reader(role)
    wrong = []
    for each in (route for route in routes if route.right != PUBLIC):
        if role not in BY_KEY[each.right].roles:
            answers = county.ask([asking(each.method, each.at(c), token) for c in county.children])
            if {answer.status_code for answer in answers} != {403} or any(
                named(county, answer) for answer in answers
            ):
                wrong.append((each, "must be refused", {answer.status_code for answer in answers}))
            continue
        for child in county.children if each.placed else county.children[:1]:
            inside = not each.placed or reader.may_see(child.village)
            asked = [asking(each.method, path, token) for path in _paths(each, child, inside)]
            wrong += _opened(county, each, reader, child, asked)
    assert wrong == []


def _paths(route: Any, child: Any, inside: bool) -> list[str]:
    """The page of a child; where it is out of reach, beside the page of nobody."""
    return [route.at(child)] if inside else [route.at(child), route.nowhere(child)]


def _opened(county: Any, route: Any, reader: Any, child: Any, asked: list[Any]) -> list[Any]:
    """What is wrong with what a page says to someone whose role may open it."""
    before = county.home.log.head()
    answer, *nobody = county.ask(asked)
    told, wrong = named(county, answer), []
    if not nobody and answer.status_code not in OPENED:
        wrong.append((route, child.where, "must open", answer.status_code))
    if nobody and (_looks(answer) != _looks(nobody[0]) or answer.status_code != 404):
        wrong.append((route, child.where, "must be as if it did not exist", _looks(answer)))
    allowed = {own.id for own in county.children if reader.may_see(own.village)}
    if told - (allowed if BY_KEY[route.right].shows == "names" else set()):
        wrong.append((route, child.where, "tells of children it may not", told))
    if told - county.read_since(before):
        wrong.append((route, child.where, "the reading is not recorded", told))
    return wrong


def _looks(answer: httpx.Response) -> Any:
    headers = [(name, answer.headers.get(name)) for name in SAME]
    return answer.status_code, headers, answer.text


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_a_place_named_in_the_question_leads_nowhere_else(county, routes, asking, role) -> None:
    reader, token = county.reader(role)
    asked = [
        (child, asking(each.method, each.at(child), token, {name: code}))
        for each in routes
        if each.right in BY_KEY and role in BY_KEY[each.right].roles
        for name in each.asks_place
        for child in county.children[1:]
        if not reader.may_see(child.village)
        for code in (child.village, child.village[:6], "")
    ]
    for (child, _), answer in zip(asked, county.ask([a for _, a in asked]), strict=True):
        assert answer.status_code < 500
        assert child.village not in answer.text
        assert child.id not in answer.text
        assert not named(county, answer) - {
            own.id for own in county.children if reader.may_see(own.village)
        }


# --- the ClickHouse endpoint ---------------------------------------------------------------------


@pytest.mark.long
def test_an_analyst_of_a_place_reads_no_row_of_a_child_elsewhere_in_any_table(county) -> None:
    """Every table and view that the endpoint shows as of now; and no name in any, anywhere."""
    own = VILLAGE[:6]
    users = [User(name=n, password=n, place=p) for n, p in (("everywhere", ""), ("place", own))]
    seen = {}
    for user, tables in zip(users, (("events", "timeline"), ()), strict=True):
        gate = build(county.home.settings.clickhouse_path, users)
        auth = {"x-clickhouse-user": user.name, "x-clickhouse-key": user.password}
        seen[user.name] = asyncio.run(_every_table(gate, auth, tables))
    outside = {child.id for child in county.children if not child.village.startswith(own)}
    inside = {child.id for child in county.children} - outside
    assert len(seen["place"]) > 20
    everything = "".join(seen["everywhere"].values())
    assert all(each in everything for each in outside)
    assert any(each in "".join(seen["place"].values()) for each in inside)
    assert [t for t, rows in seen["place"].items() if any(each in rows for each in outside)] == []
    personal = [text for child in county.children for text in child.personal]
    assert [text for text in personal if text in everything] == []


async def _every_table(gate: Any, auth: dict[str, str], tables: tuple[str, ...]) -> dict[str, str]:
    transport = httpx.ASGITransport(gate)
    async with httpx.AsyncClient(transport=transport, base_url="http://ch", headers=auth) as client:

        async def asked(query: str) -> str:
            answer = await client.post("/", content=query)
            assert answer.status_code == 200, (query, answer.text)
            return answer.text

        listed = (await asked("SELECT name FROM system.tables WHERE database = 'shouhe'")).split()
        twins = ("_as_known", "_as_of", "_history")
        names = tables or [n for n in listed if not n.endswith(twins) and "__" not in n]
        return {name: await asked(f"SELECT * FROM {name} LIMIT 10000") for name in names}
