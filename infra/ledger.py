"""The sink's ledger: which ranges were handed to ClickHouse. In the event store's own database.

A range is written as pending before its insert and marked done after. What is pending at a start
is exactly what a crash may have left half known.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

KEEP = 10_000
"""Ranges done that are kept for the record: as many as ClickHouse remembers tokens."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS sink_ledger (
    topic TEXT NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    size INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
    PRIMARY KEY (topic, part, first)
)
"""


class Range(NamedTuple):
    """Positions first to last, both included, of one partition, and how many events they are."""

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
    """Durable notes of ranges. Its own connection: it never waits for an open read of the log."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(SCHEMA)

    def pending(self, topic: str, partition: int) -> list[Range]:
        """Ranges whose insert may or may not have happened, in order."""
        return self._ranges(topic, partition, "pending")

    def done_upto(self, topic: str, partition: int) -> int:
        """The last position known to be in ClickHouse; 0 at the start."""
        row = self._db.execute(
            "SELECT max(last) FROM sink_ledger WHERE topic = ? AND part = ? AND state = 'done'",
            (topic, partition),
        ).fetchone()
        return int(row[0] or 0)

    def begin(self, each: Range) -> None:
        """Note a range before it is inserted."""
        self._db.execute("INSERT INTO sink_ledger VALUES (?, ?, ?, ?, ?, 'pending')", each)

    def finish(self, each: Range) -> None:
        """Note that the range is in ClickHouse, and forget what no token can concern any more."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute(
                "UPDATE sink_ledger SET state = 'done' WHERE topic = ? AND part = ? AND first = ?",
                each[:3],
            )
            self._db.execute(
                "DELETE FROM sink_ledger WHERE topic = ? AND part = ? AND state = 'done'"
                " AND first < (SELECT first FROM sink_ledger WHERE topic = ? AND part = ?"
                " ORDER BY first DESC LIMIT 1 OFFSET ?)",
                (*each[:2], *each[:2], KEEP),
            )

    def forget(self, topic: str, partition: int) -> None:
        """Start again from position 1: the table in ClickHouse is gone."""
        self._db.execute("DELETE FROM sink_ledger WHERE topic = ? AND part = ?", (topic, partition))

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _ranges(self, topic: str, partition: int, state: str) -> list[Range]:
        rows = self._db.execute(
            "SELECT topic, part, first, last, size FROM sink_ledger"
            " WHERE topic = ? AND part = ? AND state = ? ORDER BY first",
            (topic, partition, state),
        ).fetchall()
        return [Range(*row) for row in rows]
