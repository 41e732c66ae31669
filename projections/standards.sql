-- One row per local standard as it was set (救助标准), fen a month. Rules T9.1, T9.2.
-- from: subsidy.standard_set.v1

-- table
CREATE TABLE {table} (
    standard   LowCardinality(String) COMMENT 'rural_subsistence, orphan_dispersed, …',
    amount_fen Int64                  COMMENT 'fen a month, 62500',
    from_month LowCardinality(String) COMMENT 'from which month on, 2026-01',
    {envelope}
) ENGINE = MergeTree ORDER BY (standard, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'standard') AS standard,
    JSONExtractInt(data, 'amount_fen') AS amount_fen,
    JSONExtractString(data, 'from_month') AS from_month,
    {envelope}
FROM {events}

-- view standards
SELECT
    standard,
    place, -- where it holds: 52, 5205 or 520526; the nearest counts
    from_month,
    amount_fen,
    sequence AS said, -- order in which they were said
    event_id
FROM {facts}
