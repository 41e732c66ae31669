-- One row per visit that was tried and failed (走访未成). Rule T8.6: it explains, it doesn't fulfil.
-- from: visit.attempt_failed.v1

-- table
CREATE TABLE {table} (
    day          Date                   COMMENT 'Shanghai day of the attempt, 2026-03-14',
    worker_id    LowCardinality(String) COMMENT 'who tried, D-520526100201',
    by           LowCardinality(String) COMMENT 'director or supervisor',
    reason       LowCardinality(String) COMMENT 'nobody_home, moved, refused, unsafe, weather',
    village_code LowCardinality(String) COMMENT 'where, 520526100201',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    actor AS worker_id,
    JSONExtractString(data, 'by') AS by,
    JSONExtractString(data, 'reason') AS reason,
    place AS village_code,
    {envelope}
FROM {events}

-- view visit_attempts
SELECT * EXCEPT (corrects, sequence) FROM {facts}
