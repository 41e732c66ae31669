"""A log to write facts into, and read models to read them from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.event import NO_CHILD, SHANGHAI, Event, Recorded, child_id, event_id
from infra.sink import Row, Sink
from infra.warehouse import embedded
from projections.engine import Engine

VILLAGE = "520526100201"
START = datetime(2026, 1, 1, 4, tzinfo=UTC)


def at(day: str | date, hour: int = 12) -> datetime:
    """Noon (or another hour) of a Shanghai day."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


class MemoryLog:
    """A log in memory: what the sink and verify need of the event store, and a pen."""

    def __init__(self) -> None:
        self.stored: list[Row] = []

    def head(self) -> int:
        return len(self.stored)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        return self.stored[after : min(after + limit, len(self.stored) if upto is None else upto)]

    def write(
        self,
        event: Event,
        child: UUID = NO_CHILD,
        occurred: datetime = START,
        recorded: datetime | None = None,
        corrects: UUID = NO_CHILD,
        actor: str = "D-1",
        place: str = VILLAGE,
    ) -> UUID:
        """Append an event as it is stored; returns its id."""
        number = str(len(self.stored) + 1)
        own = event_id("urn:test", number)
        state = Recorded(
            event_id=own,
            source="urn:test",
            id=number,
            type=event.TYPE,
            child_id=child,
            occurred_at=occurred,
            recorded_at=recorded or occurred,
            actor=actor,
            role="director",
            place=place,
            corrects=corrects,
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        row = (len(self.stored) + 1, own.hex, 1, event.TYPE, msgspec.json.encode(state))
        self.stored.append(row)
        return own


class House:
    """A log, its sink and its read models, with short ways to ask."""

    def __init__(self, client: Any, ledger: Path, **options: Any) -> None:
        self.client, self.log = client, MemoryLog()
        self.sink = Sink(self.log, client, ledger)
        self.engine = Engine(client, **options)

    def catch_up(self) -> dict[str, int]:
        self.sink.advance()
        return self.engine.advance()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(query).result_rows]

    def one(self, query: str) -> dict[str, Any]:
        rows = list(self.client.query(query).named_results())
        assert len(rows) == 1, rows
        return rows[0]


def kid(number: int = 1) -> UUID:
    return child_id("urn:test", f"kid-{number}")


def days(first: str, count: int, step: int = 1) -> list[datetime]:
    return [at(first) + timedelta(days=step * each) for each in range(count)]


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One engine for the tests of a module (chDB opens one directory at a time)."""
    client = embedded(tmp_path_factory.mktemp("clickhouse"))
    yield client
    client.close()


_numbers = itertools.count(1)


@pytest.fixture
def house(clickhouse: Any, tmp_path: Path) -> Iterator[House]:
    """A fresh house in a database of its own."""
    name = f"house_{next(_numbers)}"
    clickhouse.command(f"CREATE DATABASE {name}")
    clickhouse.database = name
    made = House(clickhouse, tmp_path / "ledger.sqlite")
    yield made
    made.sink.close()
    clickhouse.database = "shouhe"
    clickhouse.command(f"DROP DATABASE {name} SYNC")


@pytest.fixture(scope="session")
def helpers() -> Any:
    """This module: `kid`, `at`, `House`, `MemoryLog`."""
    import sys

    return sys.modules[__name__]
