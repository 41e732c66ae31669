"""Roads over a real Kafka: each test has topics of its own prefix."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from infra.servers.kafka import Kafka
from infra.streaming.broker import Broker, parse
from infra.topics import EVENTS
from infra.warehouse import embedded
from infra.wire import Row

_prefixes = count(1)
PARTITIONS = 4


def stored(position: int, children: int = 50, note: str = "") -> Row:
    """A row of the log: the contact of one of a few children."""
    own, child = UUID(int=position), UUID(int=1000 + position % children)
    state = (
        f'{{"specversion":"1.0","eventid":"{own}","source":"urn:test","id":"{position}",'
        f'"type":"contact.logged.v1","subject":"{child}","time":"2026-03-01T04:00:00.000001Z",'
        f'"recordedtime":"2026-03-02T04:00:00Z","actor":"D-1","actorrole":"director",'
        f'"data":{{"by":"director","note":"{note}"}}}}'
    )
    return (position, own.hex, 1, "contact.logged.v1", state.encode())


class MemoryLog:
    """The log as a list."""

    def __init__(self, size: int, **options: Any) -> None:
        self.stored = [stored(position, **options) for position in range(1, size + 1)]

    def head(self) -> int:
        return len(self.stored)

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        return self.stored[after : min(after + limit, len(self.stored) if upto is None else upto)]


class Topic:
    """What a stranger reads of a topic: what was committed, in order per partition."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    def records(self, name: str = EVENTS) -> list[Any]:
        from kafka import TopicPartition

        consumer = self.broker.consumer()
        where = [TopicPartition(self.broker.topic(name), each)
                 for each in self.broker.partitions_of(name)]  # fmt: skip
        consumer.assign(where)
        consumer.seek_to_beginning(*where)
        ends = consumer.end_offsets(where)
        found: list[Any] = []
        while any(consumer.position(each) < ends[each] for each in where):
            for records in consumer.poll(timeout_ms=500).values():
                found += records
        consumer.close()
        return found


@pytest.fixture
def broker(kafka_server: Kafka) -> Broker:
    return parse(f"{kafka_server.url}/t{next(_prefixes)}?partitions={PARTITIONS}")


@pytest.fixture
def topic(broker: Broker) -> Topic:
    return Topic(broker)


@pytest.fixture
def log_of() -> Any:
    return MemoryLog


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    client = embedded(tmp_path_factory.mktemp("clickhouse"))
    yield client
    client.close()


@pytest.fixture
def client(engine: Any) -> Iterator[Any]:
    yield engine
    engine.command("DROP TABLE IF EXISTS events SYNC")
