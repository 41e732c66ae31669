-- One row per contact by a worker (联系). Rules T8.4, T8.5.
-- from: contact.logged.v1

-- table
CREATE TABLE {table} (
    day       Date                   COMMENT 'Shanghai day of the contact, 2026-03-14',
    worker_id LowCardinality(String) COMMENT 'who made it, D-520526100201',
    by        LowCardinality(String) COMMENT 'director or supervisor',
    channel   LowCardinality(String) COMMENT 'phone, video, audio or in_person',
    with_whom LowCardinality(String) COMMENT 'child, carer, parent or school',
    minutes   Nullable(UInt16)       COMMENT 'how long, 12',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    actor AS worker_id,
    JSONExtractString(data, 'by') AS by,
    JSONExtractString(data, 'channel') AS channel,
    if(JSONHas(data, 'with_whom'), JSONExtractString(data, 'with_whom'), 'child') AS with_whom,
    JSONExtract(data, 'minutes', 'Nullable(UInt16)') AS minutes,
    {envelope}
FROM {events}

-- view contacts
SELECT * EXCEPT (corrects, sequence) FROM {facts}
