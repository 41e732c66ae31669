"""The sink: every event once in ClickHouse, whatever happened in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from infra.lease import open_lease
from infra.ledger import KEEP, Ledger, Range
from infra.sink import LogFeed, SinkError, direct_sink
from infra.warehouse import WarehouseBusyError, embedded
from infra.wire import Row

COUNT = 950


def stored(position: int) -> Row:
    own = UUID(int=position)
    nil = UUID(int=0)
    state = (
        f'{{"specversion":"1.0","eventid":"{own}","source":"urn:test","id":"{position}","type":"contact.logged.v1",'
        f'"subject":"{UUID(int=7)}","time":"2026-03-01T04:00:00.000001Z",'
        f'"recordedtime":"2026-03-02T04:00:00Z","actor":"D-1","role":"director","place":"52",'
        f'"rule":"T8.5","corrects":"{nil}","data":{{"by":"director","minutes":{position}}}}}'
    )
    return (position, own.hex, 1, "contact.logged.v1", state.encode())


class Log:
    def __init__(self, count: int) -> None:
        self.stored = [stored(position) for position in range(1, count + 1)]

    def head(self) -> int:
        return len(self.stored)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        return self.stored[after : min(after + limit, len(self.stored) if upto is None else upto)]


class Crash(Exception):  # noqa: N818 - it is no error: it stands for kill -9
    """Stands for the end of the process."""


class Flaky:
    """A client that dies before or after its n-th insert."""

    def __init__(self, client: Any, dies: str, at: int) -> None:
        self._client, self._dies, self._left = client, dies, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def insert_arrow(self, *args: Any, **options: Any) -> None:
        self._left -= 1
        if not self._left and self._dies == "before":
            raise Crash
        self._client.insert_arrow(*args, **options)
        if not self._left and self._dies == "after":
            raise Crash


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    client = embedded(tmp_path_factory.mktemp("clickhouse"))
    yield client
    client.close()


@pytest.fixture
def client(engine: Any) -> Iterator[Any]:
    yield engine
    engine.command("DROP TABLE IF EXISTS events SYNC")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "events.sqlite"


def exact(client: Any, count: int = COUNT) -> bool:
    row = client.query("SELECT count(), uniqExact(offset), max(offset) FROM events").result_rows[0]
    return tuple(row) == (count, count, count)


def test_the_envelope_is_read_by_clickhouse(client: Any, ledger: Path) -> None:
    assert direct_sink(Log(1), client, ledger).advance() == 1
    row = next(iter(client.query("SELECT * FROM events").named_results()))
    assert (row["type"], row["offset"], row["stream_id"]) == ("contact.logged.v1", 1, UUID(int=1))
    assert row["child_id"] == UUID(int=7)
    assert str(row["occurred_at"]) == "2026-03-01 04:00:00.000001"
    assert row["data"] == '{"by":"director","minutes":1}'
    assert row["rule"] == "T8.5"
    assert "state" not in row


def test_it_goes_on_where_it_stopped(client: Any, ledger: Path) -> None:
    log = Log(100)
    sink = direct_sink(log, client, ledger, page=30)
    assert sink.advance(upto=70) == 70
    assert sink.advance() == 30
    log.stored.extend(stored(position) for position in range(101, 121))
    assert direct_sink(log, client, ledger, page=30).advance() == 20
    assert exact(client, 120)


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("at", [1, 4, 10])
def test_a_crash_around_an_insert_loses_and_doubles_nothing(
    client: Any, ledger: Path, dies: str, at: int
) -> None:
    log = Log(COUNT)
    with pytest.raises(Crash):
        direct_sink(log, Flaky(client, dies, at), ledger, page=100).advance()
    assert direct_sink(log, client, ledger, page=333).advance() == max(0, COUNT - 100 * at)
    assert exact(client)


def test_a_failed_insert_is_settled_by_the_same_sink(client: Any, ledger: Path) -> None:
    sink = direct_sink(Log(COUNT), Flaky(client, "after", 3), ledger, page=100)
    with pytest.raises(Crash):
        sink.advance()
    assert sink.advance() == COUNT - 300
    assert exact(client)


def test_the_same_range_with_the_same_token_changes_nothing(client: Any, ledger: Path) -> None:
    log = Log(50)
    sink = direct_sink(log, client, ledger)
    sink.advance()
    whole = Range("log", 0, 1, 50, 50)
    sink._insert(LogFeed(log).again(whole), whole.token)
    assert exact(client, 50)


def test_a_token_remembered_without_its_rows_is_no_trap(client: Any, ledger: Path) -> None:
    log = Log(50)
    with pytest.raises(Crash):
        direct_sink(log, Flaky(client, "after", 1), ledger).advance()
    client.command("DELETE FROM events WHERE 1")
    direct_sink(log, client, ledger).advance()
    assert exact(client, 50)


def test_a_range_half_there_is_made_whole(client: Any, ledger: Path) -> None:
    log = Log(50)
    with pytest.raises(Crash):
        direct_sink(log, Flaky(client, "after", 1), ledger).advance()
    client.command("DELETE FROM events WHERE offset % 2")
    direct_sink(log, client, ledger).advance()
    assert exact(client, 50)


def test_a_removed_clickhouse_directory_is_filled_again(client: Any, ledger: Path) -> None:
    log = Log(COUNT)
    direct_sink(log, client, ledger, page=100).advance()
    client.command("DROP TABLE events SYNC")
    assert direct_sink(log, client, ledger, page=100).advance() == COUNT
    assert exact(client)


def test_events_that_vanished_are_not_glossed_over(client: Any, ledger: Path) -> None:
    direct_sink(Log(50), client, ledger).advance()
    client.command("DELETE FROM events WHERE offset = 50")
    with pytest.raises(SinkError, match="offset 50 of log 0 was written to ClickHouse and is gone"):
        direct_sink(Log(60), client, ledger).advance()


def test_a_log_that_shrank_is_refused(client: Any, ledger: Path) -> None:
    with pytest.raises(Crash):
        direct_sink(Log(50), Flaky(client, "after", 1), ledger).advance()
    with pytest.raises(SinkError, match="held 50 events and now hold 40"):
        direct_sink(Log(40), client, ledger).advance()


def test_long_states_make_shorter_ranges(
    client: Any, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.sink.PAGE_BYTES", 20_000)
    sink = direct_sink(Log(COUNT), client, ledger, page=500)
    sink.advance()
    sizes = (
        sqlite3.connect(ledger).execute("SELECT size FROM sink_ledger ORDER BY first").fetchall()
    )
    assert sizes[0] == (500,)
    assert all(size < 100 for (size,) in sizes[1:])
    assert exact(client)


def test_the_ledger_keeps_what_tokens_can_concern(ledger: Path) -> None:
    lease = open_lease(ledger, "sink")
    book = Ledger(lease)
    lease._db.executemany(
        "INSERT INTO sink_ledger VALUES ('t', 0, ?, ?, 1, 'done')",
        [(each, each) for each in range(1, KEEP + 500)],
    )
    last = Range("t", 0, KEEP + 500, KEEP + 500, 1)
    book.begin([last])
    assert book.pending("t", 0) == [last]
    book.finish([last])
    assert book.pending("t", 0) == []
    assert book.done_upto("t", 0) == KEEP + 500
    (count,) = lease._db.execute("SELECT count(*) FROM sink_ledger").fetchone()
    assert count == KEEP + 1


def test_a_directory_in_use_is_one_clear_line(client: Any, tmp_path: Path) -> None:
    with pytest.raises(WarehouseBusyError, match="another process holds it"):
        embedded(tmp_path / "elsewhere")
