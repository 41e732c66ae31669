-- One row per child and risk factor ever recorded (风险因素). Rules T8.7, T8.8.
-- from: risk.factor_recorded.v1

-- table
CREATE TABLE {table} (
    factor  LowCardinality(String) COMMENT 'single_parent, family_violence',
    present UInt8                  COMMENT '1 it holds, 0 no more',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, factor, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'factor') AS factor,
    if(JSONHas(data, 'present'), JSONExtractBool(data, 'present'), 1) AS present,
    {envelope}
FROM {events}

-- view risk_factors
SELECT
    child_id,
    factor,
    argMax(f.present, sequence) AS present,
    toDate(max(occurred_at), 'Asia/Shanghai') AS since -- Shanghai day of the latest word on it
FROM {facts} AS f
GROUP BY child_id, factor
