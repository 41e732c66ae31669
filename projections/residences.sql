-- One row per child and village in which it lives or lived (住所). Which children a place's facts are about.
-- from: child.registered.v1, child.moved.v1

-- table
CREATE TABLE {table} (
    village_code String COMMENT 'registered or moved to: 520526100201',
    {envelope}
) ENGINE = MergeTree ORDER BY (village_code, child_id)

-- select
SELECT
    JSONExtractString(data, 'residence_division') AS village_code,
    {envelope}
FROM {events}

-- view residences
SELECT
    child_id,
    village_code,
    toDate(min(occurred_at), 'Asia/Shanghai') AS since -- Shanghai day on which it first came to live there
FROM {facts}
GROUP BY child_id, village_code
