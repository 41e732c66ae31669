-- One row per child, parent and departure (父母外出). Rules T5.1, T8.7.
-- from: parent.departed.v1, parent.returned.v1

-- table
CREATE TABLE {table} (
    day             Date                   COMMENT 'Shanghai day it happened, 2026-02-24',
    parent          LowCardinality(String) COMMENT 'father or mother',
    reason          LowCardinality(String) COMMENT 'departed: work or other',
    place_division  LowCardinality(String) COMMENT 'departed: where to, 4403; empty = unknown',
    expected_return Nullable(Date)         COMMENT 'departed: 2027-01-30',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, parent, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    JSONExtractString(data, 'parent') AS parent,
    multiIf(type != 'parent.departed.v1', '',
        JSONHas(data, 'reason'), JSONExtractString(data, 'reason'), 'work') AS reason,
    JSONExtractString(data, 'place_division') AS place_division,
    toDateOrNull(JSONExtractString(data, 'expected_return')) AS expected_return,
    {envelope}
FROM {events}

-- view parent_absences
SELECT
    child_id,
    parent,
    day AS departed_on, -- Shanghai day of leaving, 2026-02-24
    if(next_type = '', NULL, next_day) AS returned_on, -- day of the return, or of leaving again; NULL = away
    reason,
    expected_return,
    place_division,
    occurred_at AS departed_at, -- when the parent left
    event_id,
    position
FROM (
    SELECT
        *,
        leadInFrame(day) OVER following AS next_day,
        leadInFrame(type::String) OVER following AS next_type
    FROM {facts}
    WINDOW following AS (
        PARTITION BY child_id, parent ORDER BY sequence
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    )
)
WHERE type = 'parent.departed.v1'
