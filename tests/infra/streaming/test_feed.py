"""Kafka → ClickHouse: each event once, whatever dies in between, and nothing that was aborted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.lease import open_lease
from infra.ledger import Ledger, Range
from infra.sink import Sink, SinkError
from infra.streaming.feed import KafkaFeed
from infra.streaming.relay import Relay
from infra.topics import EVENTS


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


@pytest.fixture
def relayed(broker: Any, log_of: Any) -> Any:
    """Puts a log of so many events on the topic."""

    def put(size: int) -> None:
        relay = Relay(log_of(size), broker, page=100)
        relay.advance()
        relay.close()

    return put


@pytest.fixture
def sink_of(broker: Any, client: Any, tmp_path: Path) -> Any:
    """A new sink, as after a restart. `page`: records a poll."""
    opened = []

    def make(over: Any = client, page: int = 100) -> Sink:
        feed, lease = KafkaFeed(broker, page), open_lease(tmp_path / "l.sqlite", "sink")
        opened.extend([feed, lease])
        return Sink(feed, over, Ledger(lease))

    yield make
    for each in opened:
        each.close()


def exact(client: Any, count: int) -> bool:
    query = "SELECT count(), uniqExact(position), max(position) FROM events"
    return tuple(client.query(query).result_rows[0]) == (count, count, count)


def test_every_event_lands_once_with_its_place_in_log_and_topic(relayed, sink_of, client, broker):
    relayed(500)
    assert sink_of().advance() == 500
    assert exact(client, 500)
    rows = client.query(
        "SELECT any(topic), uniqExact(partition), uniqExact(partition, offset), countIf(type = '')"
        " FROM events"
    ).result_rows[0]
    assert tuple(rows) == (broker.topic(EVENTS), 4, 500, 0)


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 4])  # each partition comes in a batch of its own
def test_a_crash_around_an_insert_loses_and_doubles_nothing(relayed, sink_of, client, dies, at):
    relayed(700)
    with pytest.raises(Crash):
        sink_of(Flaky(client, dies, at)).advance()
    sink_of(page=333).advance()
    assert exact(client, 700)


def test_it_goes_on_where_it_stopped(relayed, sink_of, client):
    relayed(300)
    sink_of().advance()
    relayed(450)
    assert sink_of().advance() == 150
    assert exact(client, 450)


def test_a_token_that_clickhouse_forgot_doubles_nothing(relayed, sink_of, client):
    """An outage so long that the range's token fell out of the window: it is read back first."""
    relayed(200)
    with pytest.raises(Crash):
        sink_of(Flaky(client, "after", 1)).advance()
    client.command("ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 1")
    client.command("INSERT INTO events (topic, partition, offset, state) VALUES ('x', 9, 1, '')")
    client.command("DELETE FROM events WHERE topic = 'x'")
    sink_of().advance()
    assert exact(client, 200)


def test_what_a_relay_did_not_commit_is_not_read(relayed, sink_of, client, broker, log_of):
    relayed(100)
    relay = Relay(log_of(200), broker)
    relay._producer.begin_transaction()
    relay._producer.send(broker.topic(EVENTS), value=b"{}", key=b"x")
    relay._producer.flush(5)
    assert sink_of().advance() == 100
    relay._producer.abort_transaction()
    relay.advance()
    relay.close()
    sink_of().advance()
    assert exact(client, 200)


def test_a_poison_message_lands_unreadable_and_the_rest_goes_on(
    relayed, sink_of, client, broker, log_of
):
    relayed(50)
    stranger = broker.producer("stranger")
    stranger.begin_transaction()
    for value in (b"not json", b"\xff\xfe", b"", b"[1]", b'{"stream":5}', b"{" * 100_000):
        stranger.send(broker.topic(EVENTS), value=value, key=b"p")
    stranger.commit_transaction()
    stranger.close()
    relayed(120)
    sink_of().advance()
    assert client.query("SELECT countIf(type = ''), count() FROM events").result_rows == [(6, 126)]


def test_a_topic_made_anew_under_the_ledger_is_refused(relayed, sink_of, broker):
    relayed(200)
    sink_of().advance()
    with broker.admin() as admin:
        admin.delete_topics([broker.topic(EVENTS)])
    broker.ensure_topics()
    with pytest.raises(SinkError, match="made anew"):
        sink_of().advance()


def test_a_clickhouse_filled_from_elsewhere_is_refused(relayed, sink_of, client):
    relayed(10)
    sink = sink_of()
    client.command("INSERT INTO events (offset, state) VALUES (1, '')")
    with pytest.raises(SinkError, match="was filled from 'log'"):
        sink.advance()


def test_a_range_read_again_is_the_same_range(relayed, broker):
    relayed(300)
    feed = KafkaFeed(broker)
    for partition in feed.partitions:
        feed.seek(partition, None)
    first = {batch.range: batch for batch in feed.poll()}
    for each, batch in first.items():
        assert feed.again(each) == batch
    missing = Range(feed.topic, 0, 0, max(next(iter(first)).last, 1), 10**6)
    with pytest.raises(SinkError, match="the topic was replaced"):
        feed.again(missing)
    feed.close()
