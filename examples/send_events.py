"""Send events to Shouhe over Kafka, and tell what became of each.

    python send_events.py --bootstrap 127.0.0.1:9092 events.jsonl

The file holds one CloudEvent a line; `-` is standard input. Exit code 0: all are recorded, now or
before; 1: no answer in time; 3: some were rejected. Not sure whether it went through? Send the file
again: an event is known by its (`source`, `id`), and recorded once.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka_options import add_options, client_options

STRUCTURED = [("content-type", b"application/cloudevents+json")]
RECORDED, NO_ANSWER, REJECTED = 0, 1, 3

Name = tuple[str, str]
"""(source, id) of an event."""


class Message(NamedTuple):
    """One event as a Kafka message in structured mode."""

    name: Name
    key: bytes
    value: bytes


def read_messages(lines: Iterable[str]) -> Iterator[Message]:
    """One message a line. Raises SystemExit for a line that is no event."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            name = (event["source"], event["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise SystemExit(f"line {number}: no CloudEvent ({error!r})") from None
        yield Message(name, key_of(event).encode(), line.strip().encode())


def key_of(event: dict[str, Any]) -> str:
    """One key, one partition: a child's registration and what follows arrive in this order."""
    number = event.get("data", {}).get("id_number")
    return str(event.get("subject") or number or event["source"])


class Results:
    """What becomes of events that are sent after this was made."""

    def __init__(self, topic: str, options: dict[str, Any]) -> None:
        self._consumer: Any = KafkaConsumer(
            **options,
            isolation_level="read_committed",
            enable_auto_commit=False,
        )
        partitions = self._consumer.partitions_for_topic(topic)
        if not partitions:
            self.close()
            raise SystemExit(f"{topic}: there is no such topic; is Shouhe's Kafka intake set up?")
        where = [TopicPartition(topic, each) for each in partitions]
        self._consumer.assign(where)
        self._consumer.seek_to_end(*where)
        for each in where:
            self._consumer.position(each)  # seeking is lazy: find the ends now, before sending

    def of(self, names: Iterable[Name], seconds: float) -> Iterator[dict[str, Any]]:
        """The results of these events, as they come. It ends early when `seconds` have passed."""
        awaited, ends = Counter(names), time.monotonic() + seconds
        while awaited.total() and time.monotonic() < ends:
            for records in self._consumer.poll(timeout_ms=500).values():
                for record in records:
                    result = json.loads(record.value)
                    name = (result["source"], result["id"])
                    if awaited[name]:
                        awaited[name] -= 1
                        yield result

    def close(self) -> None:
        """Let go of the consumer."""
        self._consumer.close()


def send(messages: Iterable[Message], topic: str, options: dict[str, Any]) -> None:
    """Send them all and wait until the brokers have them. Raises KafkaError."""
    producer = KafkaProducer(**options, acks="all", enable_idempotence=True)
    try:
        sent = [
            producer.send(topic, key=each.key, value=each.value, headers=STRUCTURED)
            for each in messages
        ]
        producer.flush()
        for each in sent:
            each.get(timeout=30)
    finally:
        producer.close()


def line_of(result: dict[str, Any]) -> str:
    """A result for people."""
    said = f"{result['status']:9} {result['source']} {result['id']}"
    if result["status"] != "rejected":
        return said
    return f"{said}: {result['code']}, {result['field']}: {result['message']}"


def main(arguments: list[str] | None = None) -> int:
    """Send a file, print a line for each event."""
    parser = argparse.ArgumentParser(description="Send events to Shouhe over Kafka.")
    parser.add_argument("file", help="one CloudEvent a line; - is standard input")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds to wait for results")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    text = sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text(encoding="utf-8")
    messages = list(read_messages(text.splitlines()))
    options = client_options(chosen)

    results = Results(f"{chosen.prefix}.intake.results", options)
    send(messages, f"{chosen.prefix}.intake", options)
    told = []
    for result in results.of([each.name for each in messages], chosen.timeout):
        told.append(result["status"])
        print(line_of(result), flush=True)
    results.close()

    if len(told) < len(messages):
        print(
            f"{len(messages) - len(told)} without an answer; send the file again", file=sys.stderr
        )
        return NO_ANSWER
    return REJECTED if "rejected" in told else RECORDED


if __name__ == "__main__":
    sys.exit(main())
