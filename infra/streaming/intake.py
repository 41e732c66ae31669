"""`shouhe.intake` → the intake → what became of each event, on `shouhe.intake.results`.

Taken in first, durably; then one Kafka transaction holds the results and the offsets they stand
for. A crash between the two takes the same messages in again, and the store knows them: their
result is then `duplicate`. Rejected ones are also on `shouhe.intake.rejected`, with the reason and
without the body: that holds names, and is kept encrypted in the store (`shouhe rejected`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from infra.cloudevents import STRUCTURED, BindingError, unpack
from infra.intake import Intake, Outcome
from infra.streaming.broker import Broker, commit, let_go
from infra.topics import INTAKE, REJECTED, RESULTS

GROUP = "shouhe-intake"
PAGE = 2_000
WAIT_MS = 200


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one event, and where it stood on the intake topic."""

    status: str
    source: str
    id: str
    type: str
    topic: str
    partition: int
    offset: int
    event_id: str = ""
    code: str = ""
    field: str = ""
    value: str = ""
    message: str = ""


class Sent(NamedTuple):
    """One event of a message."""

    topic: str
    partition: int
    offset: int
    body: bytes


class KafkaIntake:
    """Takes in what services send by Kafka. One at a time (its lease sees to it)."""

    def __init__(self, intake: Intake, broker: Broker, page: int = PAGE) -> None:
        """Raises BrokerError."""
        self._intake, self._broker = intake, broker
        broker.ensure_topics()
        self._group = f"{GROUP}-{broker.prefix}"
        self._producer: KafkaProducer = broker.producer(self._group)
        self._results, self._rejected = broker.topic(RESULTS), broker.topic(REJECTED)
        topic = broker.topic(INTAKE)
        try:
            self._where = [TopicPartition(topic, each) for each in broker.partitions_of(INTAKE)]
            self._consumer: Any = broker.consumer(
                group_id=self._group, max_poll_records=page, fetch_max_wait_ms=100
            )
        except BaseException:
            let_go(self._producer)
            raise
        self._consumer.assign(self._where)

    def take(self) -> list[Outcome]:
        """Take in what has come; waits a moment when nothing has. → what became of each event.

        Raises StoreError, KeyRingError, BrokerError; then nothing is lost: it comes again.
        """
        with self._broker.reached():
            polled = self._consumer.poll(timeout_ms=WAIT_MS)
        records = [each for some in polled.values() for each in some]
        if not records:
            return []
        sent = [each for record in records for each in events_of(record)]
        outcomes = self._intake.submit([each.body for each in sent])
        self._answer(sent, outcomes, records)
        return list(outcomes)

    def reached(self) -> int:
        """Offsets read of all partitions together."""
        with self._broker.reached():
            return sum(int(self._consumer.position(each)) for each in self._where)

    def behind(self) -> int:
        """Messages (and transaction markers) not read yet."""
        with self._broker.reached():
            ends = self._consumer.end_offsets(self._where)
            return sum(max(0, ends[each] - self._consumer.position(each)) for each in self._where)

    def close(self) -> None:
        """Let go of both clients without waiting."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)
        let_go(self._producer)

    def _answer(
        self, sent: Sequence[Sent], outcomes: Sequence[Outcome], records: Sequence[Any]
    ) -> None:
        with self._broker.reached():
            self._producer.begin_transaction()
            for each, outcome in zip(sent, outcomes, strict=True):
                value = msgspec.json.encode(_result(each, outcome))
                key = f"{outcome.source} {outcome.id}".encode()
                self._producer.send(self._results, value=value, key=key)
                if outcome.status == "rejected":
                    self._producer.send(self._rejected, value=value, key=key)
            commit(self._producer, _next(records), self._group)


def events_of(record: Any) -> list[Sent]:
    """The events of one message: CloudEvents' Kafka binding, structured, batched or binary.

    A message that is none is one event that the intake refuses, so that it is kept and told.
    """
    value = record.value or b""
    try:
        bodies = unpack(_as_http(record.headers or ()), value).bodies
    except BindingError:
        bodies = [value]
    return [Sent(record.topic, record.partition, record.offset, body) for body in bodies]


def _as_http(headers: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, str]]:
    """The header names and quoting of the HTTP binding, which is read already."""
    found = {"content-type": STRUCTURED}
    for name, value in headers:
        text = (value or b"").decode("utf-8", "replace")
        if name.lower().startswith("ce_"):
            found["ce-" + name[3:].lower()] = quote(text, safe="")
            found["content-type"] = found["content-type"].replace(STRUCTURED, "")
        elif name.lower() == "content-type":
            found["content-type"] = text
    return list(found.items())


def _result(sent: Sent, outcome: Outcome) -> Result:
    return Result(
        outcome.status, outcome.source, outcome.id, outcome.type,
        sent.topic, sent.partition, sent.offset,
        "" if outcome.event_id is None else str(outcome.event_id),
        outcome.code, outcome.field, outcome.value, outcome.message,
    )  # fmt: skip


def _next(records: Sequence[Any]) -> dict[TopicPartition, OffsetAndMetadata]:
    """Partition → the offset to go on from."""
    last = {TopicPartition(each.topic, each.partition): each.offset for each in records}
    return {where: OffsetAndMetadata(offset + 1, "", -1) for where, offset in last.items()}
