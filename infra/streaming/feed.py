"""`shouhe.events` → the sink's ranges. Where to go on stands in the ledger, not with Kafka."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from infra.ledger import Range
from infra.sink import PAGE, Batch, SinkError
from infra.streaming.broker import Broker
from infra.topics import EVENTS

GROUP = "shouhe-sink"
"""Its offsets are for those who watch lag with Kafka's tools; the ledger decides."""

FILL = 0.15
"""Seconds to wait for more once something has come: fewer, larger inserts."""

ENOUGH = 20_000
"""Events after which it doesn't wait for more."""

NOTE_EVERY = 5.0
"""Seconds between two notes of the offsets with Kafka."""


class KafkaFeed:
    """All partitions of the topic, read by one consumer. Only what was committed."""

    def __init__(self, broker: Broker, page: int = PAGE) -> None:
        """Raises BrokerError."""
        self.topic = broker.topic(EVENTS)
        self.partitions: Sequence[int] = broker.partitions_of(EVENTS)
        self._broker = broker
        self._consumer: Any = broker.consumer(
            group_id=f"{GROUP}-{broker.prefix}",
            max_poll_records=page,
            check_crcs=False,  # TCP has its own, and what is stored was checked by the broker
            fetch_max_bytes=32 * 1024 * 1024,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            fetch_max_wait_ms=100,
        )
        self._where = {each: TopicPartition(self.topic, each) for each in self.partitions}
        self._consumer.assign(list(self._where.values()))
        self._reached: dict[int, int] = {}
        self._noted = time.monotonic()

    def seek(self, partition: int, after: int | None) -> None:
        """Go on after an offset; None: from the beginning."""
        where = self._where[partition]
        with self._broker.reached():
            begin = self._consumer.beginning_offsets([where])[where]
            end = self._consumer.end_offsets([where])[where]
            first = begin if after is None else after + 1
            if first < begin or first > end:
                raise SinkError(
                    f"{self.topic} {partition}: the ledger says that offset {after} is in"
                    f" ClickHouse, and the topic holds {begin} to {end - 1}: it was made anew or"
                    " cut off; fill an empty database from a topic of another prefix"
                )
            self._consumer.seek(where, first)

    def poll(self, upto: int | None = None) -> list[Batch]:  # noqa: ARG002 - a topic has no position
        """What is new, one range a partition."""
        with self._broker.reached():
            batches = self._gather()
            self._note()
        return batches

    def again(self, each: Range) -> Batch:
        """A range once more, from the topic."""
        where = self._where[each.partition]
        offsets: list[int] = []
        states: list[bytes] = []
        others = [other for other in self._where.values() if other != where]
        with self._broker.reached():
            self._consumer.pause(*others)
            self._consumer.seek(where, each.first)
            while self._consumer.position(where) <= each.last:
                for records in self._consumer.poll(timeout_ms=1000).values():
                    within = [record for record in records if record.offset <= each.last]
                    offsets += [record.offset for record in within]
                    states += [record.value or b"" for record in within]
            self._consumer.resume(*others)
        if len(offsets) != each.size or not offsets or offsets[0] != each.first:
            raise SinkError(
                f"{each.topic} {each.partition}: offsets {each.first} to {each.last} held"
                f" {each.size} events and now hold {len(offsets)}; the topic was replaced: fill an"
                " empty database from a topic of another prefix"
            )
        return Batch(each, offsets, states)

    def behind(self) -> int:
        """Offsets between what was read and the end: events, and the markers between them."""
        with self._broker.reached():
            ends = self._consumer.end_offsets(list(self._where.values()))
            return sum(max(0, ends[each] - self._consumer.position(each)) for each in ends)

    def close(self) -> None:
        """Let go of the consumer."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)

    def _gather(self) -> list[Batch]:
        found: dict[int, tuple[list[int], list[bytes]]] = {}
        count, ends = 0, time.monotonic() + FILL
        while count < ENOUGH:
            left = ends - time.monotonic()
            if count and left <= 0:
                break
            polled = self._consumer.poll(timeout_ms=max(1, int(left * 1000)))
            for where, records in polled.items():
                offsets, states = found.setdefault(where.partition, ([], []))
                offsets += [each.offset for each in records]
                states += [each.value or b"" for each in records]
                count += len(records)
            if not count and time.monotonic() >= ends:
                break
        return [self._batch(each, *found[each]) for each in sorted(found)]

    def _batch(self, partition: int, offsets: list[int], states: list[bytes]) -> Batch:
        self._reached[partition] = offsets[-1]
        whole = Range(self.topic, partition, offsets[0], offsets[-1], len(offsets))
        return Batch(whole, offsets, states)

    def _note(self) -> None:
        if self._reached and time.monotonic() - self._noted > NOTE_EVERY:
            self._noted = time.monotonic()
            self._consumer.commit_async(
                {self._where[each]: OffsetAndMetadata(at + 1, "", -1)
                 for each, at in self._reached.items()}
            )  # fmt: skip
