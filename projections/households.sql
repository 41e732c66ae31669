-- One row per child: the household it belongs to (家庭). Rule T8.1.
-- from: household.registered.v1

-- table
CREATE TABLE {table} (
    household_id String COMMENT 'the service''s own number, shared by siblings, H-31',
    members      UInt8  COMMENT 'people of the household, 5',
    relocated    UInt8  COMMENT '1 resettled (易地搬迁)',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'household_id') AS household_id,
    JSONExtract(data, 'members', 'UInt8') AS members,
    JSONExtractBool(data, 'relocated') AS relocated,
    {envelope}
FROM {events}

-- view households
SELECT
    child_id,
    argMax(f.household_id, sequence) AS household_id,
    argMax(f.members, sequence) AS members,
    argMax(f.relocated, sequence) AS relocated
FROM {facts} AS f
GROUP BY child_id
