-- One row per event about a child, in the order in which its life went (时间线).
-- from: every event about a child but risk.scored.v1

-- table
CREATE TABLE {table} (
    role    LowCardinality(String) COMMENT 'as what the actor emitted it, director; empty of a report',
    source  LowCardinality(String) COMMENT 'sending service, urn:shouhe:county; empty of a report',
    data    String                 COMMENT 'JSON; personal fields ciphertext',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at, position)

-- select
SELECT
    role,
    -- who sent a report may be who reported (ADV 14); `events` has no actor and role of it either
    if(startsWith(type, 'report.'), '', source) AS source,
    data,
    {envelope}
FROM {events}

-- view timeline
SELECT
    child_id, occurred_at, recorded_at, type, event_id, position, actor, role, source, place, data,
    corrects, -- the event it replaces or takes back, nil = none
    replaced_at -- when a correction or retraction of it was recorded; 2299-12-31 = never
FROM {rows}
