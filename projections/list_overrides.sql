-- One row per child that a director added to, or dropped from, a week's list (调整走访清单). Rule T8.6.
-- from: visit_list.overridden.v1

-- table
CREATE TABLE {table} (
    week   LowCardinality(String) COMMENT 'ISO week, 2026-W12',
    action LowCardinality(String) COMMENT 'added or dropped',
    reason LowCardinality(String) COMMENT 'child_away, seen_otherwise, known_trouble, …',
    {envelope}
) ENGINE = MergeTree ORDER BY (week, child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'week') AS week,
    JSONExtractString(data, 'action') AS action,
    JSONExtractString(data, 'reason') AS reason,
    {envelope}
FROM {events}

-- view list_overrides
SELECT
    week,
    child_id,
    argMax(f.action, sequence) AS action,
    argMax(f.reason, sequence) AS reason,
    argMax(f.actor, sequence) AS worker_id, -- who decided, D-520526100201
    toDate(max(f.occurred_at), 'Asia/Shanghai') AS day -- Shanghai day it was decided
FROM {facts} AS f
GROUP BY week, child_id
