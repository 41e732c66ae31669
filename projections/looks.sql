-- One row per reading of a child's personal data (查看记录). Rule G6 (网保条例 36).
-- from: access.logged.v1

-- table
CREATE TABLE {table} (
    day     Date                   COMMENT 'Shanghai day of the reading, 2026-03-14',
    hour    UInt8                  COMMENT 'Shanghai hour of it, 0 to 23',
    reader  LowCardinality(String) COMMENT 'who read, D-520526100201',
    role    LowCardinality(String) COMMENT 'as what, director',
    purpose LowCardinality(String) COMMENT 'what for: visit_list, child_file, break_glass, …',
    page    LowCardinality(String) COMMENT 'where, villages/520526100201',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    toHour(occurred_at, 'Asia/Shanghai') AS hour,
    actor AS reader,
    role,
    JSONExtractString(data, 'purpose') AS purpose,
    JSONExtractString(data, 'page') AS page,
    {envelope}
FROM {events}

-- view looks
SELECT * EXCEPT (corrects, sequence, actor) FROM {facts}
