"""The relay: event store → `shouhe.events`, in the log's order, each event exactly once.

One Kafka transaction a page holds the page's messages and the position reached, which goes to the
compacted topic `shouhe.relay`. At its start a relay fences off any older one, then reads back the
last committed position. After any error it isn't asked what became of the page: the relay is
closed and made anew, and the position says.

A message that is larger than the topic allows is parked: the rest goes on, its position and reason
stand beside the position reached, and at every start it is tried again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec
from kafka import KafkaProducer, TopicPartition
from kafka.partitioner.default import murmur2

from domain.errors import ShouheError
from infra.streaming.broker import Broker, commit, let_go
from infra.topics import EVENTS, RELAY
from infra.wire import Row, message

TRANSACTIONAL_ID = "shouhe-relay"
CONTENT_TYPE = [("content-type", b"application/cloudevents+json")]
KEY = b"position"

PAGE = 5_000
"""Events a transaction, at most."""

PAUSE = 0.05
"""Seconds between two looks at a log that has nothing new."""

OVERHEAD = 256
"""Bytes that a message has beyond its value: key, header, what the broker adds."""

LOOK_BACK = 64
"""Offsets of `shouhe.relay` that are read at a time, from the end on, for the last position."""

_ABOUT = b'"subject":"'
NOBODY = b"00000000-0000-0000-0000-000000000000"


class RelayError(ShouheError):
    """The log and Kafka disagree in a way that repeating can't heal."""


class Log(Protocol):
    """What the relay needs of the event store."""

    def head(self) -> int:
        """The last position; 0 when empty."""
        ...

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        """Stored rows in order, positions in (after, upto], at most `limit`."""
        ...


class Progress(msgspec.Struct, omit_defaults=True):
    """What the relay notes in the transaction of each page."""

    position: int = 0
    parked: dict[str, str] = {}
    """Position → why its event is not on the topic."""


class Relay:
    """One relay runs at a time (its lease sees to it); Kafka fences off an older one."""

    def __init__(self, log: Log, broker: Broker, page: int = PAGE) -> None:
        """Raises BrokerError, RelayError."""
        self._log, self._broker, self._page = log, broker, page
        broker.ensure_topics()
        self._limit = broker.message_limit(EVENTS) - OVERHEAD
        self._events, self._relay = broker.topic(EVENTS), broker.topic(RELAY)
        self._partitions = len(broker.partitions_of(EVENTS))
        self._producer: KafkaProducer = broker.producer(f"{TRANSACTIONAL_ID}-{broker.prefix}")
        try:
            self._progress = self._read_back()
            self._try_parked_again()
        except BaseException:
            self.close()
            raise

    @property
    def position(self) -> int:
        """The last position of the log that was committed to Kafka."""
        return self._progress.position

    @property
    def parked(self) -> dict[int, str]:
        """Position → why that event is not on the topic."""
        return {int(position): why for position, why in self._progress.parked.items()}

    def head(self) -> int:
        """The last position of the log."""
        return self._log.head()

    def step(self) -> int:
        """Relay the next page; waits a moment when there is none. → how many events.

        Raises RelayError, BrokerError.
        """
        rows = self._log.rows(self.position, None, self._page)
        if not rows:
            time.sleep(PAUSE)
            return 0
        if rows[0][0] != self.position + 1 or rows[-1][0] != self.position + len(rows):
            raise RelayError(
                f"log: after position {self.position} come {rows[0][0]} to {rows[-1][0]}, which are"
                f" {len(rows)} events: some are missing; restore the event store"
            )
        self._publish(rows, Progress(rows[-1][0], dict(self._progress.parked)))
        return len(rows)

    def advance(self) -> int:
        """Relay all there is now. → how many events."""
        first = self.position
        while self.position < self._log.head():
            self.step()
        return self.position - first

    def close(self) -> None:
        """Let go of the producer without waiting: what wasn't committed is aborted."""
        let_go(self._producer)

    # --- one transaction ----------------------------------------------------------------------

    def _publish(self, rows: Sequence[Row], progress: Progress) -> None:
        with self._broker.reached():
            send = self._producer.send
            self._producer.begin_transaction()
            for row in rows:
                value = message(row)
                if len(value) > self._limit:
                    why = f"{len(value)} bytes; the topic takes {self._limit}"
                    progress.parked[str(row[0])] = why
                    continue
                key = key_of(row)
                where = hashed(key) % self._partitions
                send(self._events, value=value, key=key, headers=CONTENT_TYPE, partition=where)
            send(self._relay, value=msgspec.json.encode(progress), key=KEY, partition=0)
            commit(self._producer)
        self._progress = progress

    def _try_parked_again(self) -> None:
        for position in sorted(self.parked):
            rows = self._log.rows(position - 1, position, 1)
            if rows and len(message(rows[0])) <= self._limit:
                left = {at: why for at, why in self._progress.parked.items() if at != str(position)}
                self._publish(rows, Progress(self.position, left))

    # --- at the start -------------------------------------------------------------------------

    def _read_back(self) -> Progress:
        """The last committed position. The older relay is fenced off: nothing follows it."""
        progress = last_progress(self._broker)
        if progress is None:
            self._refuse_unknown()
            return Progress()
        head = self._log.head()
        if head < progress.position:
            raise RelayError(
                f"log: it ends at position {head}, and Kafka has events up to"
                f" {progress.position}: the event store was replaced or restored from an older"
                " backup; restore the newest, or relay into topics of another prefix"
            )
        return progress

    def _refuse_unknown(self) -> None:
        """No position, and yet events: relaying from the beginning would double them."""
        consumer = self._broker.consumer()
        try:
            with self._broker.reached():
                there = _partitions(self._broker, self._events)
                ends = consumer.end_offsets(there)
                begins = consumer.beginning_offsets(there)
        finally:
            consumer.close()
        if any(ends[each] > begins[each] for each in there):
            raise RelayError(
                f"{self._relay}: it holds no position, and {self._events} holds events;"
                " restore that topic, or relay into topics of another prefix (SHOUHE_KAFKA=…/name)"
            )


def _partitions(broker: Broker, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, each) for each in broker.partitions_of(EVENTS)]


@lru_cache(maxsize=65_536)
def hashed(key: bytes) -> int:
    """What every Kafka client's default partitioner makes of a key, remembered.

    In pure Python it takes longer than all the rest of a send, and a child comes again and again.
    """
    return int(murmur2(key)) & 0x7FFFFFFF


def key_of(row: Row) -> bytes:
    """What decides the partition: the child, or where there is none the stream."""
    envelope = row[4].partition(b'"data":')[0]
    found = envelope.find(_ABOUT)
    child = envelope[found + len(_ABOUT) : found + len(_ABOUT) + 36] if found >= 0 else NOBODY
    return row[1].encode() if child == NOBODY else child


def last_progress(broker: Broker) -> Progress | None:
    """The newest committed note of a relay; None where there is none. Raises BrokerError."""
    partition = TopicPartition(broker.topic(RELAY), 0)
    consumer: Any = broker.consumer(max_poll_records=LOOK_BACK * 2)
    try:
        with broker.reached():
            consumer.assign([partition])
            begin = consumer.beginning_offsets([partition])[partition]
            end = consumer.end_offsets([partition])[partition]
            upto = end
            while upto > begin:
                first = max(begin, upto - LOOK_BACK)
                consumer.seek(partition, first)
                notes = _read_until(consumer, partition, end)
                if notes:
                    return msgspec.json.decode(notes[-1], type=Progress)
                upto = first
            return None
    finally:
        consumer.close()


def _read_until(consumer: Any, partition: TopicPartition, end: int) -> list[bytes]:
    notes: list[bytes] = []
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=1000).values():
            notes += [each.value for each in records]
    return notes
