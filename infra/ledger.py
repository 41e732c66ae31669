"""The sink's ledger: which ranges were handed to ClickHouse. In the event store's own database.

A range is written as pending before its insert and marked done after. What is pending at a start
is exactly what a crash may have left half known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from infra.lease import Lease

KEEP = 10_000
"""Ranges done that are kept for the record: as many as ClickHouse remembers tokens."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS sink_ledger (
    topic TEXT NOT NULL, part BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
    size BIGINT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
    PRIMARY KEY (topic, part, first)
)
"""


class Range(NamedTuple):
    """Offsets first to last, both included, of one partition, and how many events they are."""

    topic: str
    partition: int
    first: int
    last: int
    size: int

    @property
    def token(self) -> str:
        """The insert's deduplication token: `table:version:topic:partition:first-last`."""
        return f"events:v1:{self.topic}:{self.partition}:{self.first}-{self.last}"


class Ledger:
    """Durable notes of ranges, over the connection that holds the sink's lease."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        lease.execute(SCHEMA)

    def pending(self, topic: str, partition: int) -> list[Range]:
        """Ranges whose insert may or may not have happened, in order."""
        rows = self._lease.execute(
            "SELECT topic, part, first, last, size FROM sink_ledger"
            " WHERE topic = ? AND part = ? AND state = 'pending' ORDER BY first",
            (topic, partition),
        )
        return [Range(*row) for row in rows]

    def last_done(self, topic: str, partition: int) -> Range | None:
        """The last range known to be in ClickHouse."""
        rows = self._lease.execute(
            "SELECT topic, part, first, last, size FROM sink_ledger"
            " WHERE topic = ? AND part = ? AND state = 'done' ORDER BY first DESC LIMIT 1",
            (topic, partition),
        )
        return Range(*rows[0]) if rows else None

    def done_upto(self, topic: str, partition: int) -> int | None:
        """The last offset known to be in ClickHouse; None at the start."""
        last = self.last_done(topic, partition)
        return None if last is None else last.last

    def begin(self, ranges: Sequence[Range]) -> None:
        """Note ranges before they are inserted."""
        with self._lease.transaction():
            for each in ranges:
                self._lease.execute(
                    "INSERT INTO sink_ledger VALUES (?, ?, ?, ?, ?, 'pending')", each
                )

    def finish(self, ranges: Sequence[Range]) -> None:
        """Note that they are in ClickHouse, and forget what no token can concern any more."""
        with self._lease.transaction():
            for each in ranges:
                self._lease.execute(
                    "UPDATE sink_ledger SET state = 'done'"
                    " WHERE topic = ? AND part = ? AND first = ?",
                    each[:3],
                )
                self._lease.execute(
                    "DELETE FROM sink_ledger WHERE topic = ? AND part = ? AND state = 'done'"
                    " AND first < (SELECT first FROM sink_ledger WHERE topic = ? AND part = ?"
                    " ORDER BY first DESC LIMIT 1 OFFSET ?)",
                    (*each[:2], *each[:2], KEEP),
                )

    def forget(self, topic: str, partition: int) -> None:
        """Start again from the beginning: the table in ClickHouse is gone."""
        self._lease.execute(
            "DELETE FROM sink_ledger WHERE topic = ? AND part = ?", (topic, partition)
        )
