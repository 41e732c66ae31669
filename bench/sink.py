"""The sink against its floor: bare `select_notifications` and an Arrow insert of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.measure import peak_mib, seconds
from infra.event_store import EventLog
from infra.sink import PAGE, direct_sink

BARE = """
CREATE TABLE bare (offset UInt64, stream_id UUID, version UInt32, type LowCardinality(String),
    state String) ENGINE = MergeTree ORDER BY offset
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
    fsync_part_directory = 1
"""


def bare(log: EventLog, client: Any) -> int:
    """What no sink can do without: read every notification, insert its columns."""
    client.command("DROP TABLE IF EXISTS bare SYNC")
    client.command(BARE)
    after = 0
    while page := log.recorder.select_notifications(start=after + 1, limit=PAGE):
        columns = {
            "offset": pa.array([each.id for each in page], pa.uint64()),
            "stream_id": pa.array([each.originator_id.hex for each in page], pa.string()),
            "version": pa.array([each.originator_version for each in page], pa.uint32()),
            "type": pa.array([each.topic for each in page], pa.string()),
            "state": pa.array([each.state for each in page], pa.binary()),
        }
        client.insert_arrow("bare", pa.table(columns))
        after = page[-1].id
    return after


def measure(log: EventLog, client: Any, folder: Path) -> dict[str, float]:
    """Events a second: the sink, and the bare road. `client`: an empty database.

    → `events`, `sink`, `bare`, `ratio` (promised: at least 0.5), `peak_mib`
    """
    sink = direct_sink(log, client, folder / "bench_ledger.sqlite")
    events = log.head()
    ours = seconds(sink.advance)
    peak = peak_mib()
    other = seconds(lambda: bare(log, client))
    return {
        "events": events,
        "sink": events / ours,
        "bare": events / other,
        "ratio": other / ours,
        "peak_mib": peak,
    }
