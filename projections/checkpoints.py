"""How far each storage has come: one row per slice planned and per slice done.

The plan is written before the insert and the checkpoint after, each as one insert of all slices of
its stretch: after a crash it is known which events of which partitions were on their way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from projections.stretch import Places, Span, Stretch

TABLES = (
    """
CREATE TABLE IF NOT EXISTS checkpoints (
    storage   String             COMMENT 'table of a read model, visits__1a2b3c4d_1',
    partition UInt32             COMMENT 'partition of events, 0',
    first     UInt64             COMMENT 'first offset of the slice, 1',
    last      UInt64             COMMENT 'last offset of the slice, 1000000',
    state     Enum8('planned' = 1, 'done' = 2) COMMENT 'planned before the insert, done after',
    at        DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when this was noted'
) ENGINE = ReplacingMergeTree ORDER BY (storage, state, partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'One row per storage, partition and state: the latest slice planned, the latest done.'
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

WITH_PARTITION = """
ALTER TABLE checkpoints
    ADD COLUMN partition UInt32 COMMENT 'partition of events, 0' AFTER storage,
    MODIFY ORDER BY (storage, state, partition)
"""
"""For a table from before: all that it says is of partition 0."""


class Checkpoints:
    """Plans, checkpoints and parked events, in ClickHouse beside the read models."""

    def __init__(self, client: Any) -> None:
        self._client = client
        for each in TABLES:
            client.command(each)
        columns = {row[0] for row in client.query("DESCRIBE TABLE checkpoints").result_rows}
        if "partition" not in columns:
            client.command(WITH_PARTITION)

    def done(self) -> dict[str, Places]:
        """Storage → the places up to which it is complete."""
        rows = self._client.query(
            "SELECT storage, partition, max(last) FROM checkpoints WHERE state = 'done'"
            " GROUP BY storage, partition"
        ).result_rows
        found: dict[str, Places] = {}
        for storage, partition, last in rows:
            found.setdefault(storage, {})[int(partition)] = int(last)
        return found

    def unfinished(self) -> dict[str, Stretch]:
        """Storage → the stretch that was planned and not noted as done."""
        rows = self._client.query(
            "SELECT storage, partition, argMax(first, last), max(last) FROM checkpoints"
            " WHERE state = 'planned' GROUP BY storage, partition ORDER BY storage, partition"
        ).result_rows
        done = self.done()
        found: dict[str, Stretch] = {}
        for storage, *slice_ in rows:
            span = Span(*map(int, slice_))
            if span.last > done.get(storage, {}).get(span.partition, -1):
                found[storage] = (*found.get(storage, ()), span)
        return found

    def note(self, state: str, storages: Iterable[str], stretch: Stretch) -> None:
        """Write the plan, or the checkpoint, of several storages at once: all slices or none."""
        values = ", ".join(
            f"('{each}', {span.partition}, {span.first}, {span.last}, '{state}')"
            for each in storages
            for span in stretch
        )
        if not values:
            return
        self._client.command(
            f"INSERT INTO checkpoints (storage, partition, first, last, state) VALUES {values}"  # noqa: S608
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
