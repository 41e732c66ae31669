-- One row per child and parent whose status was recorded (父母状态). Rule T9.1.
-- from: parent.status_changed.v1

-- table
CREATE TABLE {table} (
    parent LowCardinality(String) COMMENT 'father or mother',
    status LowCardinality(String) COMMENT 'normal, dead, lost_contact, imprisoned',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, parent, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'parent') AS parent,
    JSONExtractString(data, 'status') AS status,
    {envelope}
FROM {events}

-- view parent_statuses
SELECT
    child_id,
    parent,
    argMax(f.status, sequence) AS status,
    toDate(max(occurred_at), 'Asia/Shanghai') AS since -- Shanghai day of the latest change
FROM {facts} AS f
GROUP BY child_id, parent
