-- One row per week, worker and child on the latest visit list of a village (走访清单). Rule T8.6.
-- from: visit_list.child_listed.v1

-- table
CREATE TABLE {table} (
    week         LowCardinality(String)   COMMENT 'ISO week, 2026-W12',
    village_code LowCardinality(String)   COMMENT 'whose list, 520526100201',
    worker_id    LowCardinality(String)   COMMENT 'who is to go, D-520526100201',
    rank         UInt32                   COMMENT 'place on the list, 1 = first',
    duty         LowCardinality(String)   COMMENT 'overdue_visit, due_visit, none',
    score        Nullable(Float64)        COMMENT 'the model''s score, if any, 0.031',
    reasons      Array(String)            COMMENT 'why, in Chinese',
    listed_for   LowCardinality(String)   COMMENT 'what gave the place: duty, risk, random, …',
    propensity   Nullable(Float64)        COMMENT 'chance of being visited by this list, 0.35',
    model_id     LowCardinality(String)   COMMENT 'whose score, empty = none',
    tied         UInt8                    COMMENT '1 a draw among equals decided the place',
    task         LowCardinality(String)   COMMENT 'visit or contact; empty on lists before November 2026',
    raised_for   LowCardinality(String)   COMMENT 'what made a visit of a contact: risk, random, …',
    {envelope}
) ENGINE = MergeTree ORDER BY (week, village_code, rank)

-- select
SELECT
    JSONExtractString(data, 'week') AS week,
    JSONExtractString(data, 'village_code') AS village_code,
    JSONExtractString(data, 'worker_id') AS worker_id,
    JSONExtract(data, 'rank', 'UInt32') AS rank,
    JSONExtractString(data, 'duty') AS duty,
    JSONExtract(data, 'score', 'Nullable(Float64)') AS score,
    JSONExtract(data, 'reasons', 'Array(String)') AS reasons,
    JSONExtractString(data, 'listed_for') AS listed_for,
    JSONExtract(data, 'propensity', 'Nullable(Float64)') AS propensity,
    JSONExtractString(data, 'model_id') AS model_id,
    JSONExtractBool(data, 'tied') AS tied,
    JSONExtractString(data, 'task') AS task,
    JSONExtractString(data, 'raised_for') AS raised_for,
    {envelope}
FROM {events}

-- view visit_list
SELECT
    week,
    village_code,
    worker_id,
    child_id,
    rank,
    duty,
    score,
    reasons,
    listed_for,
    propensity,
    model_id,
    tied,
    task,
    raised_for,
    occurred_at AS listed_at -- when the list was made: the same for all its lines
FROM (
    SELECT *, max(occurred_at) OVER (PARTITION BY week, village_code, worker_id) AS latest
    FROM {facts}
)
WHERE occurred_at = latest
