"""Follow Shouhe's events into a table of your own, each event exactly once.

    python follow_events.py --bootstrap 127.0.0.1:9092 followed.sqlite

The events and the place reached stand in one database and are written in one transaction: after a
crash it goes on where the table ends, and nothing is lost or doubled. Ctrl-C stops it.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka_options import add_options, client_options

TABLES = """
CREATE TABLE IF NOT EXISTS events (
    event_id TEXT PRIMARY KEY,
    type     TEXT NOT NULL,
    child_id TEXT NOT NULL,  -- the nil UUID: about no child
    time     TEXT NOT NULL,  -- when it happened, UTC
    recorded TEXT NOT NULL,  -- when it was learned, UTC
    corrects TEXT NOT NULL,  -- the event that this one replaces; empty: none
    data     TEXT NOT NULL   -- JSON; personal fields are ciphertext
);
CREATE TABLE IF NOT EXISTS reached (place INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL);
CREATE VIEW IF NOT EXISTS facts AS  -- what counts: neither replaced nor taken back
    SELECT * FROM events
    WHERE type != 'record.retracted.v1'
      AND event_id NOT IN (SELECT corrects FROM events);
"""


class Table:
    """The followed events, and how far they go."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path)
        self._db.executescript(TABLES)

    def next_offset(self, partition: int) -> int:
        """Where to go on; 0 at first."""
        row = self._db.execute(
            "SELECT next_offset FROM reached WHERE place = ?", (partition,)
        ).fetchone()
        return int(row[0]) if row else 0

    def add(self, partition: int, records: Sequence[Any]) -> None:
        """Events of one partition and the place after them, in one transaction."""
        with self._db:
            self._db.executemany(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                [row_of(json.loads(each.value)) for each in records],
            )
            self._db.execute(
                "REPLACE INTO reached VALUES (?, ?)", (partition, records[-1].offset + 1)
            )

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()


def row_of(event: dict[str, Any]) -> tuple[str, ...]:
    """One event as a row. Attributes and data fields that are not known are passed over."""
    named = (event[name] for name in ("eventid", "type", "subject", "time", "recordedtime"))
    return (*named, event.get("corrects", ""), json.dumps(event["data"], ensure_ascii=False))


def follow(table: Table, topic: str, options: dict[str, Any], idle: float | None = None) -> int:
    """Follow the topic. `idle`: stop after so many seconds without anything new. → events added."""
    consumer: Any = KafkaConsumer(
        **options,
        isolation_level="read_committed",  # or what the relay aborted would be read too
        enable_auto_commit=False,  # our own table says where to go on
        auto_offset_reset="earliest",
    )
    added, last = 0, time.monotonic()
    try:
        for each in partitions_of(consumer, topic):
            consumer.seek(each, table.next_offset(each.partition))
        while idle is None or time.monotonic() - last < idle:
            for where, records in consumer.poll(timeout_ms=500).items():
                table.add(where.partition, records)
                added, last = added + len(records), time.monotonic()
    finally:
        consumer.close()
    return added


def partitions_of(consumer: Any, topic: str) -> list[TopicPartition]:
    """All partitions of the topic, assigned to the consumer. Raises SystemExit: no such topic."""
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise SystemExit(f"{topic}: there is no such topic; is Shouhe's relay set up?")
    where = [TopicPartition(topic, each) for each in sorted(numbers)]
    consumer.assign(where)
    return where


def main(arguments: list[str] | None = None) -> int:
    """Follow the events until Ctrl-C, or until nothing more comes."""
    parser = argparse.ArgumentParser(description="Follow Shouhe's events into a table.")
    parser.add_argument("table", help="an SQLite file; made when it is not there")
    parser.add_argument("--idle", type=float, help="stop after so many seconds without news")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    table = Table(chosen.table)
    try:
        added = follow(table, f"{chosen.prefix}.events", client_options(chosen), chosen.idle)
        print(f"{added} events added to {chosen.table}")
    except KeyboardInterrupt:
        print("stopped; start again to go on where it ended", file=sys.stderr)
    finally:
        table.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
