"""`events`: the raw log in ClickHouse, queryable. One row per event and position.

The sink inserts stored rows as they are; ClickHouse reads the envelope out of the `state` column,
which is never kept (EPHEMERAL). Reading is lenient: a state that isn't JSON gets an empty `type`,
is counted by `Engine.parked`, and stalls nothing.

Ordered by (type, partition, offset): a read model reads only its own types. `position`, the place
in the log, is another order as soon as the topic has several partitions: an index finds its ranges.
"""

from __future__ import annotations

from typing import Any

LOG = "log"
"""The topic of rows straight from the log: the position plays the offset of partition 0."""

SAFE_TABLE = (
    "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1"
)
"""A repeated token changes nothing, and a finished insert survives a power cut."""

ENVELOPE = (
    "JSONExtract(state, 'Tuple(eventid UUID, source String, id String, type String,"
    " subject UUID, time String, recordedtime String, actor String, actorrole String,"
    " place String, rule String, corrects UUID, data String, sequence String, stream UUID,"
    " streamversion UInt32)')"
)
"""One parse a row: ClickHouse evaluates the same expression once, however often it stands here."""


def _field(name: str) -> str:
    return f"tupleElement({ENVELOPE}, '{name}')"


def _sender(name: str) -> str:
    """Empty for a report: who sent it may be who reported (ADV 14). The log knows."""
    return f"if({_field('type')} = 'report.submitted.v1', '', {_field(name)})"


def _moment(name: str) -> str:
    return f"parseDateTime64BestEffortOrZero({_field(name)}, 6, 'UTC')"


POSITION = f"if(topic = '{LOG}', offset, toUInt64OrZero({_field('sequence')}))"
"""What came straight from the log has its position as offset; the rest says it, or it is 0."""

EVENTS = f"""
CREATE TABLE IF NOT EXISTS events (
    state       String EPHEMERAL                    COMMENT 'stored JSON, read and not kept',
    topic       LowCardinality(String) DEFAULT '{LOG}'
                                                    COMMENT '{LOG}, or the Kafka topic it came by',
    partition   UInt32 DEFAULT 0                    COMMENT 'partition of the topic, 0',
    offset      UInt64                              COMMENT 'place in the partition, 48210',
    position    UInt64 DEFAULT {POSITION}
                                                    COMMENT 'place in the log, 48210; 0 = unread',
    type        LowCardinality(String) DEFAULT {_field("type")}
                                                    COMMENT 'stable name, visit.completed.v1',
    event_id    UUID DEFAULT {_field("eventid")}   COMMENT 'made of (source, id)',
    stream_id   UUID DEFAULT {_field("stream")}     COMMENT 'aggregate it belongs to',
    version     UInt32 DEFAULT {_field("streamversion")}
                                                    COMMENT 'place in its aggregate, 3',
    child_id    UUID DEFAULT {_field("subject")}   COMMENT 'pseudonym; nil = about no child',
    occurred_at DateTime64(6, 'UTC') DEFAULT {_moment("time")}
                                                    COMMENT 'when it happened',
    recorded_at DateTime64(6, 'UTC') DEFAULT {_moment("recordedtime")}
                                                    COMMENT 'when we learned it',
    source      LowCardinality(String) DEFAULT {_field("source")}
                                                    COMMENT 'sending service, urn:shouhe:county',
    id          String DEFAULT {_field("id")}       COMMENT 'id within the source, v-2026-0001',
    actor       LowCardinality(String) DEFAULT {_sender("actor")}
                                                    COMMENT 'who emitted it, D-520526100201',
    role        LowCardinality(String) DEFAULT {_sender("actorrole")} COMMENT 'as what, director',
    place       LowCardinality(String) DEFAULT {_field("place")} COMMENT 'where, 520526100201',
    rule        LowCardinality(String) DEFAULT {_field("rule")} COMMENT 'rule served, T8.6',
    corrects    UUID DEFAULT {_field("corrects")}   COMMENT 'event it replaces; nil = none',
    data        String DEFAULT {_field("data")}     COMMENT 'JSON; personal fields ciphertext',
    INDEX positions position TYPE minmax
)
ENGINE = MergeTree ORDER BY (type, partition, offset)
SETTINGS {SAFE_TABLE}
COMMENT 'One row per event: the log as it is. The truth stays in the event store.'
"""


def create_events(client: Any) -> None:
    """Make the table unless it is there."""
    client.command(EVENTS)
