-- One row per child director or supervisor (儿童主任, 儿童督导员). Rules T16.1, T16.4.
-- from: worker.appointed.v1, worker.ended.v1

-- table
CREATE TABLE {table} (
    worker_id      LowCardinality(String) COMMENT 'D-520526100201',
    role           LowCardinality(String) COMMENT 'appointed: director or supervisor',
    assigned_place LowCardinality(String) COMMENT 'appointed: village or township, 520526100201',
    weekly_hours   Float32                COMMENT 'appointed: hours a week for the work, 6',
    {envelope}
) ENGINE = MergeTree ORDER BY (worker_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'worker_id') AS worker_id,
    JSONExtractString(data, 'role') AS role,
    JSONExtractString(data, 'place') AS assigned_place,
    JSONExtractFloat(data, 'weekly_hours') AS weekly_hours,
    {envelope}
FROM {events}

-- view workers
WITH type = 'worker.appointed.v1' AS appoints
SELECT
    worker_id,
    argMaxIf(f.role, sequence, appoints) AS role,
    argMaxIf(f.assigned_place, sequence, appoints) AS place, -- village of a director, township of a supervisor
    argMaxIf(f.weekly_hours, sequence, appoints) AS weekly_hours,
    toDate(maxIf(f.occurred_at, appoints), 'Asia/Shanghai') AS appointed_on, -- Shanghai day, the last time
    toUInt8(argMax(type, sequence) = 'worker.appointed.v1') AS active -- 1 in office
FROM {facts} AS f
GROUP BY worker_id
HAVING countIf(appoints) > 0
