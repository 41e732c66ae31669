"""The sink: the log into ClickHouse's `events`, range by range, each with exactly-once effect.

    ledger: pending → one insert of one block, with the range's token → ledger: done

A crash in between leaves a pending range. At the next start the sink reads that range back: there
as a whole, it is done; not there, it is repeated with the same token; there in part (which one
block can't be, short of a damaged disk), it is cleared and sent again. No Python object per event:
rows become columns (`zip`), columns become Arrow, ClickHouse parses the JSON.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pyarrow as pa

from domain.errors import ShouheError
from infra.ledger import Ledger, Range
from infra.wire import Row, messages
from projections.events_table import LOG, create_events

PAGE = 65_536
"""Events a range, at most: one Arrow batch, one block, one part."""

PAGE_BYTES = 64 * 1024 * 1024
"""Bytes of state a range, about: long notes make shorter ranges, memory stays flat."""

ONE_BLOCK = {
    "async_insert": 0,
    "max_insert_threads": 1,
    "min_insert_block_size_rows": 10**9,
    "min_insert_block_size_bytes": 0,
    "max_insert_block_size": 10**9,
}
"""A range is one block, so it lands as one part: whole or not at all."""


class SinkError(ShouheError):
    """The log and ClickHouse disagree in a way that repeating can't heal."""


class Log(Protocol):
    """What the sink needs of the event store."""

    def head(self) -> int:
        """The last position; 0 when empty."""
        ...

    def rows(self, after: int, upto: int | None, limit: int) -> list[Row]:
        """Stored rows in order, positions in (after, upto], at most `limit`."""
        ...


class Sink:
    """Hands the log's new events to ClickHouse. One sink runs at a time (Home.lease sees to it)."""

    def __init__(self, log: Log, client: Any, ledger_path: Path, page: int = PAGE) -> None:
        self._log, self._client, self._page = log, client, page
        self._ledger = Ledger(ledger_path)
        self._size = page
        create_events(client)
        self._recovered = False

    def advance(self, limit: int | None = None) -> int:
        """Insert what is new, at most `limit` events. Returns the position reached.

        Raises SinkError.
        """
        if not self._recovered:
            self._recover()
        position = self._ledger.done_upto(LOG, 0)
        head = self._log.head()
        goal = head if limit is None else min(head, position + limit)
        while position < goal:
            rows = self._log.rows(position, goal, self._size)
            if not rows:
                break
            each = Range(LOG, 0, rows[0][0], rows[-1][0], len(rows))
            self._ledger.begin(each)
            self._recovered = False
            self._insert(each, rows, each.token)
            self._ledger.finish(each)
            self._recovered = True
            position = each.last
        return position

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def _insert(self, each: Range, rows: Sequence[Row], token: str) -> None:
        states = messages(rows)
        size = sum(map(len, states))
        self._size = max(1, min(self._page, PAGE_BYTES * len(rows) // max(size, 1)))
        table = pa.table(
            {
                "topic": pa.repeat(each.topic, len(rows)),
                "partition": pa.repeat(pa.scalar(each.partition, pa.uint32()), len(rows)),
                "offset": pa.array([row[0] for row in rows], pa.uint64()),
                "state": pa.array(states, pa.binary()),
            }
        )
        settings = {**ONE_BLOCK, "insert_deduplication_token": token}
        self._client.insert_arrow("events", table, settings=settings)

    # --- after a crash ------------------------------------------------------------------------

    def _recover(self) -> None:
        """Settle every pending range, and notice a ClickHouse directory that was removed."""
        done = self._ledger.done_upto(LOG, 0)
        if done and not self._count(Range(LOG, 0, done, done, 1)):
            if self._count(Range(LOG, 0, 1, done, done)):
                raise SinkError(
                    f"events: position {done} was written to ClickHouse and is gone; remove the"
                    " clickhouse directory and run `shouhe project`: it is rebuilt from the log"
                )
            self._ledger.forget(LOG, 0)
        for each in self._ledger.pending(LOG, 0):
            self._settle(each)
            self._ledger.finish(each)
        self._recovered = True

    def _settle(self, each: Range) -> None:
        rows = self._log.rows(each.first - 1, each.last, each.size + 1)
        if len(rows) != each.size:
            raise SinkError(
                f"log: positions {each.first} to {each.last} held {each.size} events and now"
                f" hold {len(rows)}; the event store was replaced: restore it"
            )
        if self._landed(each, rows):
            return
        if self._count(each):
            self._client.command(
                f"DELETE FROM events WHERE {_where(each)}"  # noqa: S608 - integers and a constant
            )
        else:
            self._insert(each, rows, each.token)
        if not self._landed(each, rows):
            # ClickHouse can remember a token whose rows never came to be: use one it doesn't know.
            self._insert(each, rows, f"{each.token}:{uuid4().hex}")
        if not self._landed(each, rows):
            raise SinkError(
                f"events: positions {each.first} to {each.last} don't read back as written;"
                " check the disk, then remove the clickhouse directory and run `shouhe project`"
            )

    def _count(self, each: Range) -> int:
        query = f"SELECT count() FROM events WHERE {_where(each)}"  # noqa: S608 - as above
        return int(self._client.query(query).result_rows[0][0])

    def _landed(self, each: Range, rows: Sequence[Row]) -> bool:
        """Whether the range reads back whole: the count, and a checksum of its stream ids."""
        query = (
            "SELECT count(), CRC32(lower(arrayStringConcat(arrayMap(x -> hex(x.2),"  # noqa: S608
            f" arraySort(groupArray((offset, stream_id))))))) FROM events WHERE {_where(each)}"
        )
        found = self._client.query(query).result_rows[0]
        wanted = zlib.crc32("".join(row[1] for row in rows).encode())
        return tuple(map(int, found)) == (len(rows), wanted)


def _where(each: Range) -> str:
    return (
        f"topic = '{each.topic}' AND partition = {each.partition}"
        f" AND offset BETWEEN {each.first} AND {each.last}"
    )
