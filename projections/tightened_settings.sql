-- One row per number of a rule that a place tightened (收紧标准). It holds from a day on, and never back.
-- from: setting.tightened.v1

-- table
CREATE TABLE {table} (
    rule       LowCardinality(String) COMMENT 'rule of the plan, T8.6',
    key        LowCardinality(String) COMMENT 'which number of it, visit_months',
    value      UInt16                 COMMENT 'the longest interval allowed, 2',
    area       String                 COMMENT 'where it holds: a code prefix, 520526',
    valid_from Date                   COMMENT 'from which day on, 2026-03-01',
    {envelope}
) ENGINE = MergeTree ORDER BY (key, area, valid_from)

-- select
SELECT
    JSONExtractString(data, 'rule') AS rule,
    JSONExtractString(data, 'key') AS key,
    JSONExtract(data, 'longest', 'UInt16') AS value,
    JSONExtractString(data, 'place') AS area,
    toDateOrZero(JSONExtractString(data, 'valid_from')) AS valid_from,
    {envelope}
FROM {events}

-- view tightened_settings
SELECT * EXCEPT (child_id, place, corrects, sequence) FROM {facts}
