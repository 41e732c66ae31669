-- One row per request for a visit (请求走访). Rule T8.9.
-- from: visit.requested.v1

-- table
CREATE TABLE {table} (
    day      Date                   COMMENT 'Shanghai day of the request, 2026-03-14',
    asked_by LowCardinality(String) COMMENT 'child, carer, parent, school, hotline or neighbour',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    JSONExtractString(data, 'asked_by') AS asked_by,
    {envelope}
FROM {events}

-- view visit_requests
SELECT * EXCEPT (corrects, sequence) FROM {facts}
