"""The relay: every event once on the topic, in order per child, whatever dies in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from kafka.errors import KafkaError
from kafka.partitioner.default import DefaultPartitioner

from infra.servers.kafka import Kafka, console
from infra.streaming import broker as module
from infra.streaming.broker import BrokerError
from infra.streaming.relay import PAGE, Relay, RelayError, last_progress
from infra.topics import EVENTS, RELAY


class Killed(BaseException):
    """Stands for the end of the process: nothing is closed or aborted."""


@contextmanager
def silent(server: Kafka) -> Iterator[None]:
    """The broker takes connections, and answers nothing."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def sequences(records: list[Any]) -> list[int]:
    return [int(json.loads(each.value)["sequence"]) for each in records]


def in_order_per_child(records: list[Any]) -> bool:
    by_child: dict[bytes, list[int]] = defaultdict(list)
    for each in records:
        by_child[each.key].append(int(json.loads(each.value)["sequence"]))
    return all(found == sorted(found) for found in by_child.values())


def test_every_event_is_on_the_topic_once_and_in_order_per_child(broker, topic, log_of):
    log = log_of(1000)
    relay = Relay(log, broker, page=300)
    assert relay.advance() == 1000
    relay.close()
    records = topic.records()
    assert sorted(sequences(records)) == list(range(1, 1001))
    assert in_order_per_child(records)
    assert len({each.partition for each in records}) > 1
    by_child = defaultdict(set)
    for each in records:
        by_child[each.key].add(each.partition)
    assert all(len(partitions) == 1 for partitions in by_child.values())
    usual = DefaultPartitioner()
    cluster = SimpleNamespace(
        topics=lambda: {"t"}, partitions_for_topic=lambda _: set(range(4)),
        available_partitions_for_topic=lambda _: set(range(4)),
    )  # fmt: skip
    for key, partitions in by_child.items():
        assert partitions == {usual.partition("t", key, key, b"", b"", cluster)}


def test_a_message_is_a_cloudevent_with_its_place_in_the_log(broker, topic, log_of):
    relay = Relay(log_of(1), broker)
    relay.advance()
    relay.close()
    (record,) = topic.records()
    assert record.key == str(UUID(int=1001)).encode()
    assert record.headers == [("content-type", b"application/cloudevents+json")]
    event = json.loads(record.value)
    assert event["specversion"] == "1.0"
    assert (event["sequence"], event["stream"], event["streamversion"]) == (
        "1", UUID(int=1).hex, 1,
    )  # fmt: skip
    assert event["data"] == {"by": "director", "note": ""}


@pytest.mark.usefixtures("kcat_installed")
@pytest.mark.parametrize("program", ["Kafka's console consumer", "kcat"])
def test_a_strangers_program_reads_every_event_and_only_what_was_committed(broker, log_of, program):
    relay = Relay(log_of(60), broker)
    relay.advance()
    relay._producer.begin_transaction()
    relay._producer.send(relay._events, value=b"never committed", key=b"x")
    relay._producer.flush(5)
    relay._producer.abort_transaction()
    relay.close()
    server, name = broker.servers[0], broker.topic(EVENTS)
    command = (
        ["kcat", "-b", server, "-C", "-t", name, "-o", "beginning", "-e", "-q",
         "-X", "isolation.level=read_committed"]
        if program == "kcat"
        else [*console("org.apache.kafka.tools.consumer.ConsoleConsumer"), "--bootstrap-server",
              server, "--topic", name, "--from-beginning", "--isolation-level", "read_committed",
              "--timeout-ms", "4000"]
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    read = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(int(each["sequence"]) for each in read) == list(range(1, 61))


def test_it_goes_on_where_the_last_one_stopped(broker, topic, log_of):
    log = log_of(500)
    for upto in (120, 121, 500):
        part = log_of(upto)
        relay = Relay(part, broker, page=50)
        relay.advance()
        assert relay.position == upto
        relay.close()
    assert sorted(sequences(topic.records())) == list(range(1, len(log.stored) + 1))


@pytest.mark.parametrize("point", ["after some sends", "before commit", "after commit"])
def test_killed_at_any_point_of_a_transaction_it_loses_and_doubles_nothing(
    broker, topic, log_of, point
):
    log = log_of(400)
    relay = Relay(log, broker, page=100)
    relay.step()
    relay.step()
    producer, sends = relay._producer, 0
    real_send, real_commit = producer.send, producer.commit_transaction

    def send(*args: Any, **options: Any) -> Any:
        nonlocal sends
        sends += 1
        if point == "after some sends" and sends == 50:
            producer.flush(5)
            raise Killed
        return real_send(*args, **options)

    def commit() -> None:
        if point == "before commit":
            producer.flush(5)
            raise Killed
        real_commit()
        if point == "after commit":
            raise Killed

    producer.send, producer.commit_transaction = send, commit
    with pytest.raises(Killed):
        relay.step()
    again = Relay(log, broker, page=100)
    assert again.position == (300 if point == "after commit" else 200)
    again.advance()
    again.close()
    producer.close(timeout=0)
    records = topic.records()
    assert sorted(sequences(records)) == list(range(1, 401))
    assert in_order_per_child(records)


def test_a_broker_that_falls_silent_in_a_commit_hangs_nobody(
    broker, topic, log_of, kafka_server, monkeypatch
):
    log = log_of(300)
    relay = Relay(log, broker, page=100)
    relay.step()
    threads = threading.active_count()
    monkeypatch.setattr(module, "ANSWER", 1.0)
    with silent(kafka_server), pytest.raises(BrokerError, match="unanswered after 1 seconds"):
        relay.step()
    relay.close()
    assert not relay._producer._sender.is_alive()
    assert threading.active_count() <= threads  # its sender is gone; the waiting thread may stay
    again = Relay(log, broker, page=100)
    again.advance()
    again.close()
    assert sorted(sequences(topic.records())) == list(range(1, 301))


def test_an_older_relay_that_wakes_up_again_is_fenced_off(broker, topic, log_of):
    log = log_of(300)
    old = Relay(log, broker, page=100)
    old.step()
    new = Relay(log, broker, page=100)
    new.step()
    with pytest.raises((BrokerError, KafkaError)):
        old.step()
    new.advance()
    new.close()
    old.close()
    assert sorted(sequences(topic.records())) == list(range(1, 301))


def test_a_store_that_ends_before_what_kafka_has_is_refused(broker, log_of):
    relay = Relay(log_of(50), broker)
    relay.advance()
    relay.close()
    with pytest.raises(RelayError, match="ends at position 20, and Kafka has events up to 50"):
        Relay(log_of(20), broker)


def test_a_log_with_a_hole_is_refused(broker, log_of):
    log = log_of(50)
    del log.stored[20]
    relay = Relay(log, broker)
    with pytest.raises(RelayError, match="some are missing"):
        relay.step()
    relay.close()


def test_events_without_a_position_are_not_relayed_a_second_time(broker, log_of, topic):
    relay = Relay(log_of(50), broker)
    relay.advance()
    relay.close()
    with broker.admin() as admin:
        admin.delete_topics([broker.topic(RELAY)])
    with pytest.raises(RelayError, match="holds no position"):
        Relay(log_of(50), broker)


def test_a_message_the_topic_does_not_take_is_parked_told_and_tried_again(broker, topic, log_of):
    from kafka.admin import ConfigResource, ConfigResourceType

    def limit(size: int) -> None:
        with broker.admin() as admin:
            admin.alter_configs([
                ConfigResource(ConfigResourceType.TOPIC, broker.topic(EVENTS),
                               {"max.message.bytes": str(size)}),
            ])  # fmt: skip

    log = log_of(5)
    log.stored[2] = log_of(3, note="长" * 20_000).stored[2]
    broker.ensure_topics()
    limit(20_000)
    relay = Relay(log, broker)
    relay.advance()
    assert list(relay.parked) == [3]
    assert "the topic takes" in relay.parked[3]
    relay.close()
    assert sorted(sequences(topic.records())) == [1, 2, 4, 5]
    assert last_progress(broker).parked.keys() == {"3"}

    limit(1_000_000)
    relay = Relay(log, broker)
    assert relay.parked == {}
    relay.close()
    assert sorted(sequences(topic.records())) == [1, 2, 3, 4, 5]
    assert last_progress(broker).position == 5


def test_the_position_is_found_however_many_notes_there_are(broker, log_of):
    log = log_of(0)
    relay = Relay(log, broker)
    assert last_progress(broker) is None
    for size in range(1, 90):
        log.stored = log_of(size).stored
        assert relay.step() == 1
    relay.close()
    assert last_progress(broker).position == 89
    assert PAGE > 1
