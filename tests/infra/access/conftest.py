"""Six children in six places, the pages over them in this process, and someone of every role."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.event import SHANGHAI, child_id
from domain.identity import make_id_number
from infra.access import Reader, Role, reader_of, sign_in_token
from infra.access.sessions import csrf_word
from infra.access.table import PLACE_DIGITS
from infra.attachments import attach
from infra.home import Home
from infra.settings import Settings
from infra.visit_lists import make_lists, week_of
from infra.web.app import application, build
from infra.web.follower import Follower
from infra.web.services import Services

BASE = "http://shouhe.test"
SOURCE = "/six"
VILLAGES = {
    "own": "520526100201",
    "sibling village": "520526100202",
    "sibling township": "520526101201",
    "sibling county": "520525100201",
    "other prefecture": "520302100201",
    "other province": "530127100201",
}
"""Seen from the first one: where the others lie."""


@dataclass(frozen=True)
class Child:
    """A child and every word of it that no stranger may read."""

    where: str
    village: str
    number: int

    @property
    def id(self) -> str:
        return str(child_id(SOURCE, f"child-{self.number}"))

    @property
    def sealed(self) -> str:
        return SEALED[self.id]

    @property
    def name(self) -> str:
        return f"苗禾穗{self.number:03d}"

    @property
    def phone(self) -> str:
        return f"19912340{self.number:03d}"

    @property
    def id_number(self) -> str:
        return make_id_number("529901", date(2015, 3, 7), self.number)

    @property
    def address(self) -> str:
        return f"竹林组{self.number:03d}号"

    @property
    def personal(self) -> tuple[str, ...]:
        return self.name, self.phone, self.id_number, self.address


CHILDREN = [Child(where, village, n) for n, (where, village) in enumerate(VILLAGES.items(), 1)]


def cloud_event(type_: str, id_: str, at: str, data: Any, **attributes: Any) -> bytes:
    made = {"specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "time": at,
            "data": data, **attributes}  # fmt: skip
    return json.dumps(made).encode()


def life_of(child: Child, at: str) -> list[bytes]:
    registered = {
        "name": child.name, "id_type": "resident_id", "id_number": child.id_number,
        "sex": "male" if child.number % 2 else "female", "birth_date": "2015-03-07",
        "hukou_type": "rural", "hukou_division": child.village[:6],
        "residence_division": child.village, "address": child.address, "phone": child.phone,
    }  # fmt: skip
    appointed = {"worker_id": f"D-{child.village}", "role": "director", "place": child.village,
                 "weekly_hours": 6}  # fmt: skip
    return [
        cloud_event("child.registered.v1", f"child-{child.number}", at, registered),
        cloud_event("child.category_added.v1", f"category-{child.number}", at,
                    {"category": "left_behind_child"}, subject=child.id),
        cloud_event("worker.appointed.v1", f"worker-{child.number}", at, appointed,
                    place=child.village),
    ]  # fmt: skip


@dataclass
class Asking:
    """One request, by someone or by nobody."""

    method: str
    path: str
    token: str = ""
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class County:
    """The pages and the home behind them."""

    home: Home
    app: Any
    routes: Any
    children: list[Child]

    def reader(self, role: Role, place: str | None = None) -> tuple[Reader, str]:
        """Someone of a role, for the own child's place on the role's level. → (who, cookie)"""
        digits = max(PLACE_DIGITS[role])
        own = VILLAGES["own"][:digits] if place is None else place
        now = self.home.clock()
        token = sign_in_token(self.home.keys, now, person=f"w-{role.value}", role=role, place=own)
        reader = reader_of(self.home.keys, token, now)
        assert reader is not None
        return reader, token

    def word(self, token: str) -> str:
        """What a form of this reader's carries."""
        return csrf_word(self.home.keys, token)

    def ask(self, asked: Sequence[Asking]) -> list[httpx.Response]:
        """The answers, in order; whatever the application throws is a failure here."""
        return asyncio.run(self._ask(asked))

    async def _ask(self, asked: Sequence[Asking]) -> list[httpx.Response]:
        transport = httpx.ASGITransport(self.app)
        answers = []
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            for each in asked:
                headers = dict(each.headers)
                if each.token:
                    headers |= {"cookie": f"shouhe={each.token}"}
                    headers.setdefault("x-csrf", self.word(each.token))
                answers.append(
                    await client.request(each.method, each.path, params=each.query or None,
                                         content=each.body, headers=headers)
                )  # fmt: skip
        return answers

    def read_since(self, position: int) -> set[str]:
        """Children whose data was recorded as read after a log position."""
        rows = self.home.log.rows(position, None, 10**6)
        states = [json.loads(row[4]) for row in rows]
        return {each["subject"] for each in states if each["type"] == "access.logged.v1"}


@pytest.fixture(scope="session")
def event() -> Any:
    return cloud_event


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
"""One grey pixel."""


def _attach(home: Home) -> None:
    """One attachment a child. Filled into SEALED."""
    for child in CHILDREN:
        by = Reader(person="w-1", role=Role.OFFICER, place=child.village, until=0)
        SEALED[child.id] = attach(home, by, UUID(child.id), PICTURE)
    home.catch_up()


SEALED: dict[str, str] = {}
"""Child id → the name of its attachment."""


@pytest.fixture(scope="session")
def asking() -> type[Asking]:
    return Asking


def make(folder: Path) -> dict[str, str]:
    """The six children half a year ago, this week's lists, attachments. → `SEALED`"""
    with Home(Settings(folder)) as home:
        at = (home.clock() - timedelta(days=200)).isoformat()
        outcomes = home.intake.submit([body for each in CHILDREN for body in life_of(each, at)])
        assert {each.status for each in outcomes} == {"accepted"}, outcomes
        home.catch_up()
        make_lists(home, week_of(home.clock().astimezone(SHANGHAI).date()))
        _attach(home)
    return SEALED


@pytest.fixture(scope="module")
def county(copied: Any) -> Iterator[County]:
    folder, sealed = copied("six", make)
    SEALED.update(sealed)
    settings = Settings(folder)
    with Home(settings) as home:
        parts = home, Follower(lambda: Home(settings)), Services(settings.services_path), ["*"]
        yield County(home, build(*parts), application(*parts), CHILDREN)


# --- every route -----------------------------------------------------------------------------

SAMPLES: dict[str, Any] = {
    "child_id": lambda child: child.id,
    "code": lambda child: child.village,
    "sealed": lambda child: child.sealed,
    "type_name": "visit.completed.v1",
    "name": "app.js",
    "situation": "other_serious_harm",
    "rule": "T8.6",
    "opened_id": str(UUID(int=1)),  # opens by break-glass, wherever it is: test_break_glass.py
}
"""Name of a path parameter → a value that a page knows; a function of a child where it is of a
place: then it is asked for in every place."""

NOBODY = {
    "sealed": lambda: "0" * 64,
    "child_id": lambda: str(uuid4()),
    "code": lambda: "520526999201",
}
"""Parameters of a place → a value of their form that names nothing."""

PLACES_ASKED = ("place", "village", "township", "code")
"""Query parameters that name a place, where a handler takes them: a way around, if unguarded."""


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    right: str
    names: tuple[str, ...]
    asks_place: tuple[str, ...]

    @property
    def placed(self) -> bool:
        return any(callable(SAMPLES[name]) for name in self.names)

    def at(self, child: Any) -> str:
        return self._filled({n: v(child) if callable(v := SAMPLES[n]) else v for n in self.names})

    def nowhere(self, child: Any) -> str:
        known = {n: v(child) if callable(v := SAMPLES[n]) else v for n in self.names}
        return self._filled(known | {n: NOBODY[n]() for n in self.names if n in NOBODY})

    def _filled(self, values: dict[str, str]) -> str:
        return re.sub(r"{(\w+)(:\w+)?}", lambda found: values[found[1]], self.path)


def routes_of(app: Any) -> Iterator[Route]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                names = tuple(re.findall(r"{(\w+)", route.path_format))
                for name in names:
                    assert name in SAMPLES, (
                        f"{method} {route.path_format}: no sample of the path parameter {name!r};"
                        f" add one to SAMPLES of {__file__}"
                    )
                taken = handler.parsed_fn_signature.parameters
                asks = tuple(n for n in PLACES_ASKED if n in taken and n not in names)
                yield Route(method, route.path_format, str(handler.opt.get("right")), names, asks)


@pytest.fixture(scope="module")
def routes(county: Any) -> list[Route]:
    found = list(routes_of(county.routes))
    assert len(found) > 15
    return found


@pytest.fixture(scope="session")
def picture() -> bytes:
    return PICTURE
