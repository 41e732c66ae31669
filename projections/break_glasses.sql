-- One row per break-glass (紧急查阅): who opened which child's file, why, until when. Rule G6.
-- from: access.break_glass_opened.v1, access.break_glass_closed.v1

-- table
CREATE TABLE {table} (
    glass_id  String                 COMMENT 'one a person and child',
    reader    LowCardinality(String) COMMENT 'who, w-17',
    role      LowCardinality(String) COMMENT 'as what, prefecture_officer',
    emergency LowCardinality(String) COMMENT 'opened: danger, missing, …',
    minutes   UInt16                 COMMENT 'opened: for how long, 60',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'glass_id') AS glass_id,
    actor AS reader,
    role,
    JSONExtractString(data, 'emergency') AS emergency,
    JSONExtract(data, 'minutes', 'UInt16') AS minutes,
    {envelope}
FROM {events}

-- view break_glasses
SELECT
    child_id, event_id, reader, role, emergency, minutes, place,
    occurred_at AS opened_at, -- when it was opened
    least(occurred_at + toIntervalMinute(minutes), if(next_type = 'access.break_glass_closed.v1',
        next_at, toDateTime64('2299-12-31 00:00:00', 6, 'UTC'))) AS until -- when it ended or ends
FROM (
    SELECT
        *,
        leadInFrame(type) OVER w AS next_type,
        leadInFrame(occurred_at) OVER w AS next_at
    FROM {facts}
    WINDOW w AS (PARTITION BY glass_id ORDER BY sequence
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
WHERE type = 'access.break_glass_opened.v1'
