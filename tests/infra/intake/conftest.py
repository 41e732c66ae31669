"""A small county for intake tests: bodies of events, and a home to take them in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.event import child_id
from domain.identity import make_id_number
from infra.home import Home
from infra.intake import Outcome
from infra.settings import Settings

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SOURCE = "/test"


class County:
    """Makes bodies. Every child has a name, an ID number and a phone to look for on the disk."""

    source = SOURCE
    now = NOW

    def __init__(self) -> None:
        self._count = 0

    def body(self, type_: str, data: Any, subject: str = "", **attributes: Any) -> bytes:
        self._count += 1
        event = {
            "specversion": "1.0",
            "id": f"e{self._count}",
            "source": SOURCE,
            "type": type_,
            "time": "2026-02-01T08:00:00+08:00",
            "data": data,
            **({"subject": subject} if subject else {}),
            **attributes,
        }
        return json.dumps({k: v for k, v in event.items() if v is not None}).encode()

    def id_number(self, number: int) -> str:
        return make_id_number("529901", date(2015, 3, 7), number)

    def child(self, number: int) -> str:
        return str(child_id(SOURCE, f"child-{number}"))

    def name(self, number: int) -> str:
        return f"苗禾穗{number:03d}"

    def phone(self, number: int) -> str:
        return f"19912340{number:03d}"

    def registration(
        self, number: int, data: dict[str, Any] | None = None, **attributes: Any
    ) -> bytes:
        return self.body(
            "child.registered.v1",
            {
                "name": self.name(number),
                "id_type": "resident_id",
                "id_number": self.id_number(number),
                "sex": "male" if number % 2 else "female",
                "birth_date": "2015-03-07",
                "hukou_type": "rural",
                "hukou_division": "520526",
                "residence_division": "520526001201",
                "phone": self.phone(number),
                **(data or {}),
            },
            **{"id": f"child-{number}", **attributes},
        )

    def visit(self, number: int, note: str | None = None, **attributes: Any) -> bytes:
        data: dict[str, Any] = {"by": "director", "child_seen": True}
        if note is not None:
            data["note"] = note
        attributes = {"data": data, "subject": self.child(number), **attributes}
        return self.body("visit.completed.v1", **attributes)


@pytest.fixture
def county() -> County:
    return County()


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A home with an empty event store, on both databases."""
    if request.param == "sqlite":
        return Settings(tmp_path / "home")
    return Settings(tmp_path / "home", event_store=request.getfixturevalue("postgres_database"))


@pytest.fixture
def home(settings: Settings) -> Iterator[Home]:
    with Home(settings, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def submit(home: Home) -> Any:
    def take_in(*bodies: bytes) -> list[Outcome]:
        return home.intake.submit(list(bodies))

    return take_in


@pytest.fixture
def statuses(submit: Any) -> Any:
    """What became of each body: `accepted`, `duplicate`, or the rejection's code."""

    def of(*bodies: bytes) -> list[str]:
        return [each.code or each.status for each in submit(*bodies)]

    return of


@pytest.fixture
def stored(home: Home) -> Any:
    """The log's rows as dictionaries, in order."""

    def rows() -> list[dict[str, Any]]:
        return [
            {"stream": stream, "version": version, "position": position, **json.loads(state)}
            for position, stream, version, _, state in home.log.rows(0, None, 10**6)
        ]

    return rows
