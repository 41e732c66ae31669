"""The sink: the log into ClickHouse's `events`, range by range, each with exactly-once effect.

    ledger: pending → one insert of one block, with the range's token → ledger: done

A crash in between leaves a pending range. At the next start the sink reads that range back: there
as a whole, it is done; not there, it is repeated with the same token; there in part (which one
block can't be, short of a damaged disk), it is cleared and sent again. No Python object per event:
messages become an Arrow column, ClickHouse parses the JSON.

Where the ranges come from is the feed's matter: `LogFeed` here, straight from the event store, or
`infra.streaming.feed`, from Kafka.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import pyarrow as pa
from clickhouse_connect.driver.exceptions import DatabaseError

from domain.errors import ShouheError
from infra.lease import open_lease
from infra.ledger import Ledger, Range
from infra.wire import Row, messages
from projections.events_table import LOG, create_events

PAGE = 65_536
"""Events a range, at most: one Arrow batch, one block, one part."""

PAGE_BYTES = 64 * 1024 * 1024
"""Bytes of messages a range, about: long notes make shorter ranges, memory stays flat."""

ONE_BLOCK = {
    "async_insert": 0,
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 10**9,
    "min_insert_block_size_bytes": 0,
    "max_insert_block_size": 10**9,
}
"""A range is one block, so it lands as one part: whole or not at all."""

UNREADABLE = frozenset({6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 190, 349, 376, 395, 407, 691})
"""ClickHouse errors that one event's content causes; anything else (disk, memory) is raised."""

_STREAM = re.compile(rb'"stream":"([0-9a-f]{32})","streamversion":[0-9]+}\Z')
NO_STREAM = "0" * 32


class SinkError(ShouheError):
    """The log and ClickHouse disagree in a way that repeating can't heal."""


class Batch(NamedTuple):
    """A range, and its messages in order with their offsets."""

    range: Range
    offsets: Sequence[int]
    states: Sequence[bytes]


class Feed(Protocol):
    """Where the sink's ranges come from: one or more partitions of one topic."""

    topic: str
    partitions: Sequence[int]

    def seek(self, partition: int, after: int | None) -> None:
        """Go on after an offset; None: from the beginning. Raises SinkError when it is gone."""
        ...

    def poll(self, upto: int | None = None) -> list[Batch]:
        """What is new, at most one range a partition; waits a moment at most for it."""
        ...

    def again(self, each: Range) -> Batch:
        """Exactly this range once more. Raises SinkError when it can't be had."""
        ...

    def behind(self) -> int:
        """What there is beyond the last poll, about."""
        ...


class Log(Protocol):
    """What the direct feed needs of the event store."""

    def head(self) -> int:
        """The last position; 0 when empty."""
        ...

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        """Stored rows in order, positions in (after, upto], at most `limit`."""
        ...


class LogFeed:
    """Straight from the log: its position plays the offset of partition 0."""

    topic = LOG
    partitions: Sequence[int] = (0,)

    def __init__(self, log: Log, page: int = PAGE) -> None:
        self._log, self._page, self._size, self._after = log, page, page, 0

    def seek(self, partition: int, after: int | None) -> None:  # noqa: ARG002 - it has but one
        """Go on after a position."""
        self._after = after or 0

    def poll(self, upto: int | None = None) -> list[Batch]:
        """The next page."""
        rows = self._log.rows(self._after, upto, self._size)
        if not rows:
            return []
        batch = _batch(rows)
        size = sum(map(len, batch.states))
        self._size = max(1, min(self._page, PAGE_BYTES * len(rows) // max(size, 1)))
        self._after = batch.range.last
        return [batch]

    def again(self, each: Range) -> Batch:
        """The same positions once more."""
        rows = self._log.rows(each.first - 1, each.last, each.size + 1)
        if len(rows) != each.size:
            raise SinkError(
                f"log: positions {each.first} to {each.last} held {each.size} events and now"
                f" hold {len(rows)}; the event store was replaced: restore it"
            )
        return _batch(rows)

    def behind(self) -> int:
        """Positions beyond the last page."""
        return max(0, self._log.head() - self._after)


def _batch(rows: list[Row]) -> Batch:
    whole = Range(LOG, 0, rows[0][0], rows[-1][0], len(rows))
    return Batch(whole, [row[0] for row in rows], messages(rows))


class Sink:
    """Hands the log's new events to ClickHouse. One sink runs at a time (its lease sees to it)."""

    def __init__(self, feed: Feed, client: Any, ledger: Ledger) -> None:
        self._feed, self._client, self._ledger = feed, client, ledger
        create_events(client)
        self._recovered = False
        self.reached: dict[int, int] = {}
        """Partition → the last offset that is in ClickHouse."""

    def advance(self, upto: int | None = None) -> int:
        """Insert what is new, until the feed has nothing more. → how many events.

        upto   a position of the log: for a feed straight from it

        Raises SinkError.
        """
        if self._recovered and not self._still_ours():
            self._recovered = False
        total = 0
        while (count := self.step(upto)) or (upto is None and self._feed.behind()):
            total += count
        return total

    def _still_ours(self) -> bool:
        """Whether the ledger stands where we left it: another process may have gone on since."""
        topic, known = self._feed.topic, self.reached
        return all(self._ledger.done_upto(topic, p) == known.get(p) for p in self._feed.partitions)

    def behind(self) -> int:
        """What the feed has beyond what was read: events; of Kafka, offsets with their markers."""
        return self._feed.behind()

    def step(self, upto: int | None = None) -> int:
        """One poll of the feed into ClickHouse. → how many events. Raises SinkError."""
        if not self._recovered:
            self._recover()
        batches = self._feed.poll(upto)
        if not batches:
            return 0
        self._recovered = False
        ranges = [batch.range for batch in batches]
        self._ledger.begin(ranges)
        for batch in batches:
            self._insert(batch, batch.range.token)
        self._ledger.finish(ranges)
        self._recovered = True
        self.reached.update((each.partition, each.last) for each in ranges)
        return sum(each.size for each in ranges)

    def _insert(self, batch: Batch, token: str) -> None:
        """One block. An event that ClickHouse can't take lands as unreadable: a row without type.

        Raises what ClickHouse raises for any other reason.
        """
        try:
            self._insert_block(batch, token)
        except DatabaseError as error:
            if error.code not in UNREADABLE:
                raise
            for number, half in enumerate(_halves(batch)):
                self._insert(half, f"{token}:{number}")

    def _insert_block(self, batch: Batch, token: str) -> None:
        count = len(batch.offsets)
        table = pa.table(
            {
                "topic": pa.repeat(batch.range.topic, count),
                "partition": pa.repeat(pa.scalar(batch.range.partition, pa.uint32()), count),
                "offset": pa.array(batch.offsets, pa.uint64()),
                "state": pa.array(batch.states, pa.binary()),
            }
        )
        settings = {**ONE_BLOCK, "insert_deduplication_token": token}
        self._client.insert_arrow("events", table, settings=settings)

    # --- after a crash ------------------------------------------------------------------------

    def _recover(self) -> None:
        """Settle every pending range, and notice a ClickHouse that was emptied or exchanged."""
        topic = self._feed.topic
        self._refuse_another(topic)
        for partition in self._feed.partitions:
            done = self._ledger.last_done(topic, partition)
            if done is not None and not self._count(done._replace(first=done.last)):
                self._refuse_loss(done)
                self._ledger.forget(topic, partition)
            for each in self._ledger.pending(topic, partition):
                self._settle(each)
                self._ledger.finish([each])
            after = self._ledger.done_upto(topic, partition)
            self._feed.seek(partition, after)
            if after is not None:
                self.reached[partition] = after
        self._recovered = True

    def _refuse_another(self, topic: str) -> None:
        rows = self._client.query(
            "SELECT DISTINCT topic FROM events WHERE topic != {topic:String} LIMIT 1",
            parameters={"topic": topic},
        ).result_rows
        if rows:
            raise SinkError(
                f"events: ClickHouse was filled from {rows[0][0]!r} and would now be filled from"
                f" {topic!r}: every event would be there twice; use an empty database (it is"
                " rebuilt from the log), or set SHOUHE_KAFKA as it was"
            )

    def _refuse_loss(self, done: Range) -> None:
        whole = Range(done.topic, done.partition, 0, done.last, 0)
        if self._count(whole):
            raise SinkError(
                f"events: offset {done.last} of {done.topic} {done.partition} was written to"
                " ClickHouse and is gone; remove the clickhouse directory and run"
                " `shouhe project`: it is rebuilt from the log"
            )

    def _settle(self, each: Range) -> None:
        batch = self._feed.again(each)
        if self._landed(batch):
            return
        if self._count(each):
            self._client.command(
                f"DELETE FROM events WHERE {_where(each)}"  # noqa: S608 - integers and our topic
            )
        else:
            self._insert(batch, each.token)
        if not self._landed(batch):
            # ClickHouse can remember a token whose rows never came to be: use one it doesn't know.
            self._insert(batch, f"{each.token}:{uuid4().hex}")
        if not self._landed(batch):
            raise SinkError(
                f"events: offsets {each.first} to {each.last} of {each.topic} {each.partition}"
                " don't read back as written; check the disk, then remove the clickhouse directory"
                " and run `shouhe project`"
            )

    def _count(self, each: Range) -> int:
        query = f"SELECT count() FROM events WHERE {_where(each)}"  # noqa: S608 - as above
        return int(self._client.query(query).result_rows[0][0])

    def _landed(self, batch: Batch) -> bool:
        """Whether the range reads back whole: every offset, with its stream or as unreadable."""
        rows = self._client.query(
            "SELECT offset, lower(hex(stream_id)) FROM events"  # noqa: S608 - as above
            f" WHERE {_where(batch.range)} ORDER BY offset"
        ).result_rows
        if [int(row[0]) for row in rows] != list(batch.offsets):
            return False
        pairs = zip(rows, batch.states, strict=True)
        return all(row[1] in (NO_STREAM, _stream(state)) for row, state in pairs)


def direct_sink(log: Log, client: Any, store: Path | str, page: int = PAGE) -> Sink:
    """The sink of one machine: straight from the log, its ledger in the same database."""
    return Sink(LogFeed(log, page), client, Ledger(open_lease(store, "sink")))


def _stream(state: bytes) -> str:
    found = _STREAM.search(state)
    return NO_STREAM if found is None else found[1].decode()


def _halves(batch: Batch) -> Iterable[Batch]:
    """Two halves; of a single event itself, emptied."""
    if len(batch.states) == 1:
        return [batch._replace(states=[b""])]
    middle = len(batch.states) // 2
    return [
        batch._replace(offsets=batch.offsets[some], states=batch.states[some])
        for some in (slice(middle), slice(middle, None))
    ]


def _where(each: Range) -> str:
    return (
        f"topic = '{each.topic}' AND partition = {each.partition}"
        f" AND offset BETWEEN {each.first} AND {each.last}"
    )
