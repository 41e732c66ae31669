"""A small county's pages on a port of their own, and the home behind them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx
import pytest
import uvicorn

from infra.access import Role, sign_in_token
from infra.home import Home
from infra.settings import Settings
from infra.visit_lists import Row, make_lists, week_of
from infra.web import build
from infra.web.follower import Follower
from infra.web.services import Services
from simulation.county import simulate

TODAY = date.today()  # noqa: DTZ011 - only how far back the county's story begins
PERSONAL = ("name", "id_number", "phone", "address")


@dataclass
class Pages:
    """The pages as people and services meet them."""

    home: Home
    follower: Follower
    url: str
    rows: list[Row]
    week: str
    persons: dict[str, dict[str, str]]
    """child id → its plaintext name, ID number, phone and address, as the services sent them."""

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=120)

    def reader(self, role: Role = Role.OFFICER, place: str = "", hours: float = 1) -> httpx.Client:
        """Someone signed in."""
        client = self.visitor()
        token = sign_in_token(
            self.home.keys, self.home.clock(), person="w-1", role=role, place=place, hours=hours
        )
        client.cookies.set("shouhe", token)
        return client

    def looks(self, child: UUID | str) -> int:
        """Readings of a child's data, in the log."""
        with self.home.log.store.reading() as cursor:
            rows = cursor.execute(
                "SELECT state FROM stored_events WHERE topic = 'access.logged.v1'"
            ).fetchall()
        return sum(json.loads(state)["subject"] == str(child) for (state,) in rows)

    def follow(self) -> None:
        """Until the read models stand at the head of the log."""
        head, ends = self.home.log.head(), time.monotonic() + 20
        self.follower.poke()
        while self.follower.position < head:
            assert time.monotonic() < ends, self.follower.failure
            time.sleep(0.02)

    def text_of(self, child: UUID | str, field: str) -> str:
        return self.persons[str(child)].get(field, "")


class Server:
    """An ASGI application on a free port, in a thread."""

    def __init__(self, app: Any) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        self._listening = socket.socket(proto=socket.IPPROTO_TCP)
        self._listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(
            target=lambda: self._server.run([self._listening]), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listening.close()


@pytest.fixture(scope="session")
def serving() -> type[Server]:
    return Server


def make(folder: Path) -> tuple[list[Row], dict[str, dict[str, str]]]:
    """Ten months of 80 children, to yesterday, with this week's lists. → their rows, the persons"""
    lines = list(simulate(children=80, start=TODAY - timedelta(days=300), until=TODAY, seed=4))
    with Home(Settings(folder)) as home:
        outcomes = home.intake.submit(lines)
        home.catch_up()
        rows = make_lists(home, week_of(TODAY)).rows
        persons = {}
        for line, outcome in zip(lines, outcomes, strict=True):
            event = json.loads(line)
            if event["type"] == "child.registered.v1":
                with home.log.store.reading() as cursor:
                    (state,) = cursor.execute(
                        "SELECT state FROM stored_events WHERE instr(state, ?)",
                        (str(outcome.event_id).encode(),),
                    ).fetchone()
                persons[json.loads(state)["subject"]] = event["data"]
    return rows, persons


@pytest.fixture(scope="module")
def pages(copied: Any) -> Iterator[Pages]:
    folder, (rows, persons) = copied("pages", make)
    settings = Settings(folder)
    with Home(settings) as home, Follower(lambda: Home(settings)) as follower:
        app = build(home, follower, Services(settings.services_path), ["*"])
        with Server(app) as server:
            yield Pages(home, follower, server.url, rows, week_of(TODAY), persons)
