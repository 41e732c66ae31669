-- One row per child, model and day scored; of several scores of one day, the latest. Rule T18.2.
-- from: risk.scored.v1

-- table
CREATE TABLE {table} (
    model_id     LowCardinality(String) COMMENT 'which model, 2026-03-logistic',
    as_of        Date                   COMMENT 'the day it speaks of, 2026-03-31',
    score        Float64                COMMENT 'probability 0 to 1, 0.031',
    log_position UInt64                 COMMENT 'the last event it could know, 48210',
    reasons      Array(Tuple(code LowCardinality(String), text String, weight Float64, lower String))
                                        COMMENT 'why, heaviest first: code, text, weight, what would lower it',
    evidence     Array(Array(UUID))     COMMENT 'the events behind each reason, latest first',
    shadow       UInt8                  COMMENT '1 of a challenger on trial: it orders no list',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, model_id, as_of)

-- select
SELECT
    JSONExtractString(data, 'model_id') AS model_id,
    toDateOrZero(JSONExtractString(data, 'as_of')) AS as_of,
    JSONExtractFloat(data, 'score') AS score,
    JSONExtractUInt(data, 'log_position') AS log_position,
    JSONExtract(data, 'reasons', 'Array(Tuple(code String, text String, weight Float64, lower String))') AS reasons,
    arrayMap(r -> arrayMap(e -> toUUIDOrZero(e), r.1),
        JSONExtract(data, 'reasons', 'Array(Tuple(event_ids Array(String)))')) AS evidence,
    toUInt8(JSONExtractBool(data, 'shadow')) AS shadow,
    {envelope}
FROM {events}

-- view scores
SELECT
    child_id,
    model_id,
    as_of,
    argMax(f.score, sequence) AS score,
    argMax(f.log_position, sequence) AS log_position,
    argMax(f.reasons, sequence) AS reasons,
    argMax(f.evidence, sequence) AS evidence,
    argMax(f.shadow, sequence) AS shadow,
    max(occurred_at) AS scored_at -- when it was computed
FROM {facts} AS f
GROUP BY child_id, model_id, as_of
