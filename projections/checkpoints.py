"""How far each storage has come: one row per range planned and per range done.

The plan is written before the insert and the checkpoint after, so a range interrupted by a crash is
repeated with the very same boundaries and the very same deduplication token.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

TABLES = (
    """
CREATE TABLE IF NOT EXISTS checkpoints (
    storage String               COMMENT 'table of a read model, visits__1a2b3c4d_1',
    first   UInt64               COMMENT 'first log position of the range, 1',
    last    UInt64               COMMENT 'last log position of the range, 1000000',
    state   Enum8('planned' = 1, 'done' = 2) COMMENT 'planned before the insert, done after',
    at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when this was noted'
) ENGINE = ReplacingMergeTree ORDER BY (storage, state)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'One row per storage and state: the latest range planned, the latest done.'
""",
    """
CREATE TABLE IF NOT EXISTS parked (
    storage  String              COMMENT 'table that could not take the event',
    position UInt64              COMMENT 'place of the event in the log, 48210',
    reason   String              COMMENT 'what ClickHouse said',
    at       DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when it was set aside'
) ENGINE = ReplacingMergeTree ORDER BY (storage, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'One row per storage and event that its read model could not take.'
""",
)


class Span(NamedTuple):
    """Log positions first to last, both included."""

    first: int
    last: int


class Checkpoints:
    """Plans, checkpoints and parked events, in ClickHouse beside the read models."""

    def __init__(self, client: Any) -> None:
        self._client = client
        for each in TABLES:
            client.command(each)

    def done(self) -> dict[str, int]:
        """Storage → the position up to which it is complete."""
        rows = self._client.query(
            "SELECT storage, max(last) FROM checkpoints WHERE state = 'done' GROUP BY storage"
        ).result_rows
        return {storage: int(last) for storage, last in rows}

    def unfinished(self) -> dict[str, Span]:
        """Storage → the range that was planned and not noted as done."""
        rows = self._client.query(
            "SELECT storage, argMax(first, last), max(last) FROM checkpoints"
            " WHERE state = 'planned' GROUP BY storage"
        ).result_rows
        done = self.done()
        return {
            storage: Span(int(first), int(last))
            for storage, first, last in rows
            if int(last) > done.get(storage, 0)
        }

    def note(self, state: str, storages: Iterable[str], span: Span) -> None:
        """Write the plan, or the checkpoint, of several storages at once."""
        values = ", ".join(f"('{each}', {span.first}, {span.last}, '{state}')" for each in storages)
        if not values:
            return
        self._client.command(
            f"INSERT INTO checkpoints (storage, first, last, state) VALUES {values}"  # noqa: S608
        )

    def park(self, storage: str, position: int, reason: str) -> None:
        """Set an event aside, with the reason."""
        self._client.insert(
            "parked", [[storage, position, reason]], column_names=["storage", "position", "reason"]
        )

    def storages(self) -> set[str]:
        """Every storage that ever had a checkpoint: their names are not used again."""
        rows = self._client.query("SELECT DISTINCT storage FROM checkpoints").result_rows
        return {row[0] for row in rows}

    def parked(self) -> dict[str, list[tuple[int, str]]]:
        """Storage → (position, reason) of each event set aside."""
        rows = self._client.query(
            "SELECT storage, position, any(reason) FROM parked GROUP BY storage, position"
            " ORDER BY storage, position"
        ).result_rows
        found: dict[str, list[tuple[int, str]]] = {}
        for storage, position, reason in rows:
            found.setdefault(storage, []).append((int(position), reason))
        return found
