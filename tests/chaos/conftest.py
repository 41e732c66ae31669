"""A road of processes, a steady load from two sides, and the audit of what became of it."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from kafka import KafkaProducer, TopicPartition

from domain.event import child_id
from infra.event_store import EventLog
from infra.home import Home
from infra.servers.road import Road
from infra.settings import Settings
from infra.streaming.broker import let_go, parse
from infra.topics import EVENTS, INTAKE, RESULTS
from infra.warehouse import connect
from projections.verify import verify
from simulation.county import simulate

BATCH = 20
PATIENCE = 240.0
"""Seconds for the road to come to its head once all of it runs again."""


def simulated(children: int, seed: int) -> list[dict[str, Any]]:
    """A county's events in the order in which they were recorded."""
    span = {"start": date(2025, 1, 1), "until": date(2025, 10, 1)}
    return [json.loads(line) for line in simulate(children=children, seed=seed, **span)]


class Story:
    """A county's events, told a part at a time: each is told once."""

    def __init__(self, children: int, seed: int) -> None:
        self._events = iter(simulated(children, seed))

    def next(self, count: int) -> list[dict[str, Any]]:
        """The next so many; the rest where fewer are left."""
        return list(islice(self._events, count))


OF_BOTH = {"volunteer.paired.v1"}
"""Refused until another side's event is there (the volunteer comes by HTTP): which of
the two is first is chance, and no matter of what a kill loses."""


def sides(events: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """Half of the children speak by HTTP, half by Kafka; each child's events stay in order.

    Of Kafka's side each event with its key. A child is named by its id or by its id number.
    """
    numbers: dict[str, str] = {}
    by_http: list[Any] = []
    by_kafka: list[Any] = []
    for each in events:
        child = each.get("subject", "")
        if each["type"] == "child.registered.v1":
            child = str(child_id(each["source"], each["id"]))
            numbers[each["data"].get("id_number", "")] = child
        elif child:
            child = numbers.get(child, child)
        if child and UUID(child).int % 2:
            if each["type"] in OF_BOTH:
                continue
            by_kafka.append((child, each))
        else:
            by_http.append(each)
    return by_http, by_kafka


def get(road: Road, name: str, path: str) -> str:
    """What a process answers. Raises OSError when it doesn't, or not with 200."""
    with urllib.request.urlopen(road.url(name) + path, timeout=5) as answer:  # noqa: S310 - our own
        return str(answer.read().decode())


class Sender(threading.Thread):
    """Sends batch after batch at a steady pace; each again and again until it is answered."""

    def __init__(self, road: Road, events: list[Any], pace: float) -> None:
        super().__init__(daemon=True)
        self.road, self.events, self.pace = road, events, pace
        self.answered: list[Any] = []
        self.tries, self.failure = 0, ""
        self.halt = threading.Event()

    def run(self) -> None:
        try:
            for first in range(0, len(self.events), BATCH):
                if self.halt.is_set():
                    return
                batch = self.events[first : first + BATCH]
                while not self.send(batch):
                    self.tries += 1
                    time.sleep(0.2)
                self.answered += [each[1] if isinstance(each, tuple) else each for each in batch]
                time.sleep(len(batch) / self.pace)
        except Exception as error:
            self.failure = repr(error)
            raise

    def send(self, batch: list[Any]) -> bool:
        raise NotImplementedError


class HttpSender(Sender):
    """POST /events."""

    def send(self, batch: list[Any]) -> bool:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.road.processes["serve"].port, timeout=30
        )
        try:
            connection.request(
                "POST", "/events", json.dumps(batch),
                {"content-type": "application/cloudevents-batch+json"},
            )  # fmt: skip
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        if answer.status == 503:
            return False
        assert answer.status == 200, body
        return True


class KafkaSender(Sender):
    """To `shouhe.intake`, keyed by child."""

    _producer: Any = None

    def send(self, batch: list[Any]) -> bool:
        try:
            if self._producer is None:
                broker = self.road.settings["SHOUHE_KAFKA"]
                self._producer = KafkaProducer(
                    bootstrap_servers=list(parse(broker).servers), acks="all",
                    enable_idempotence=True, delivery_timeout_ms=20_000, request_timeout_ms=5_000,
                    max_block_ms=10_000,
                )  # fmt: skip
            sent = [
                self._producer.send(
                    INTAKE,
                    json.dumps(each).encode(),
                    key=child.encode(),
                    headers=[("content-type", b"application/cloudevents+json")],
                )
                for child, each in batch
            ]
            for each in sent:
                each.get(timeout=30)
        except Exception:  # noqa: BLE001 - whatever it is: send it all again with a new producer
            if self._producer is not None:
                let_go(self._producer)
            self._producer = None
            return False
        return True


class Audit:
    """What is in each place of the road, against what was answered."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self.settings = Settings(
            road.home, road.settings["SHOUHE_EVENT_STORE"], road.settings["SHOUHE_KAFKA"],
            road.settings["SHOUHE_CLICKHOUSE"],
        )  # fmt: skip
        self.broker = parse(self.settings.kafka)

    def settle(self) -> None:
        """Wait until every process is ready and all of the log is in the read models."""
        ends = time.monotonic() + PATIENCE
        while True:
            said = self._standing()
            if not said:
                return
            assert time.monotonic() < ends, said
            time.sleep(0.5)

    def _standing(self) -> str:
        for name in self.road.processes:
            try:
                get(self.road, name, "/readyz")
            except OSError as error:
                return f"{name} is not ready: {error}"
        if waiting := self._unanswered():
            return f"{waiting} messages wait on the intake topic"
        log = EventLog(self.settings.store)
        head = log.head()
        log.close()
        client = connect(self.settings)
        count = client.query("SELECT count() FROM events").result_rows[0][0]
        from projections.engine import Engine

        behind = sum(Engine(client).behind().values())
        client.close()
        return "" if count >= head and not behind else f"{count} of {head} events, {behind} rows"

    def _unanswered(self) -> int:
        consumer: Any = self.broker.consumer(group_id="shouhe-intake-shouhe")
        where = [TopicPartition(INTAKE, each) for each in self.broker.partitions_of(INTAKE)]
        consumer.assign(where)
        ends = consumer.end_offsets(where)
        left = sum(ends[each] - (consumer.committed(each) or 0) for each in where)
        consumer.close(autocommit=False)
        return int(left)

    def log(self) -> list[dict[str, Any]]:
        """Every event of the store, in order."""
        log = EventLog(self.settings.store)
        rows = log.rows(0, None, 10_000_000)
        log.close()
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        return [json.loads(row[4]) for row in rows]

    def topic(self, name: str) -> list[Any]:
        """All that was committed to a topic."""
        consumer: Any = self.broker.consumer()
        where = [TopicPartition(name, each) for each in self.broker.partitions_of(name)]
        consumer.assign(where)
        consumer.seek_to_beginning(*where)
        ends, found = consumer.end_offsets(where), []
        while any(consumer.position(each) < ends[each] for each in where):
            for records in consumer.poll(timeout_ms=500).values():
                found += records
        consumer.close()
        return found

    def check(self, answered: list[Any], by_kafka: list[Any]) -> int:
        """Nothing lost, nothing twice, a child's events in order, all say the same. → events."""
        stored = self.log()
        names = [(each["source"], each["id"]) for each in stored]
        assert len(set(names)) == len(names), "an event is in the log twice"
        lost = {(each["source"], each["id"]) for each in answered} - set(names)
        assert not lost, f"{len(lost)} answered events are not in the log: {sorted(lost)[:3]}"
        records = self.topic(EVENTS)
        said = [json.loads(record.value) for record in records]
        assert sorted(int(each["sequence"]) for each in said) == list(range(1, len(stored) + 1))
        orders: dict[bytes, list[tuple[int, int, int]]] = defaultdict(list)
        for record, each in zip(records, said, strict=True):
            orders[record.key].append((record.partition, record.offset, int(each["sequence"])))
        for places in orders.values():
            assert len({partition for partition, *_ in places}) == 1
            assert [at for *_, at in sorted(places)] == sorted(at for *_, at in places)
        client = connect(self.settings)
        query = "SELECT count(), uniqExact(position), max(position), countIf(type = '') FROM events"
        assert client.query(query).result_rows == [(len(stored), len(stored), len(stored), 0)]
        client.close()
        results = defaultdict(set)
        for record in self.topic(RESULTS):
            result = json.loads(record.value)
            results[result["source"], result["id"]].add(result["status"])
        for each in by_kafka:
            assert results[each["source"], each["id"]] & {"accepted", "duplicate"}, each["id"]
        self.verify()
        return len(stored)

    def verify(self) -> None:
        """The log folded in Python against ClickHouse."""
        with Home(self.settings) as home:
            assert verify(home.log, home.warehouse, home.log.head()).first == []


class Kit:
    """What a test needs of this file."""

    Road, Audit, HttpSender, KafkaSender = Road, Audit, HttpSender, KafkaSender
    simulated, sides, get = staticmethod(simulated), staticmethod(sides), staticmethod(get)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture(scope="module")
def story() -> Story:
    """What happens in the county of `shared_road`."""
    return Story(120, seed=4)


@pytest.fixture(scope="module")
def shared_road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """All of it, running, for the tests of a module: what is there before is no matter to them."""
    with running(tmp_path_factory.mktemp("shared")) as made:
        yield made


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    """All of it, running, with nothing in it."""
    with running(tmp_path) as made:
        yield made


@contextmanager
def running(folder: Path) -> Iterator[Road]:
    """A road; all of it is killed in the end."""
    made = Road(folder)
    try:
        made.up()
        yield made
    finally:
        for name in reversed(made.names):
            made.kill(name)
