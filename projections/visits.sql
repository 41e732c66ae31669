-- One row per completed home visit (入户走访). Rules T8.6, T8.7.
-- from: visit.completed.v1

-- table
CREATE TABLE {table} (
    day           Date                          COMMENT 'Shanghai day of the visit, 2026-03-14',
    worker_id     LowCardinality(String)        COMMENT 'who visited, D-520526100201',
    by            LowCardinality(String)        COMMENT 'director or supervisor',
    village_code  LowCardinality(String)        COMMENT 'where, 520526100201',
    child_seen    UInt8                         COMMENT '1 the child was seen',
    spoken_alone  UInt8                         COMMENT '1 spoken with alone',
    carer_present UInt8                         COMMENT '1 a carer was there',
    living        LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    guardianship  LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    schooling     LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    health        LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    psychology    LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    safety        LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    internet      LowCardinality(String)        COMMENT 'fine, concern, unsafe or not_seen',
    concerns      Array(LowCardinality(String)) COMMENT 'what worried the visitor, [''health'']',
    selection     LowCardinality(String)        COMMENT 'why this visit: duty, risk, random',
    minutes       Nullable(UInt16)              COMMENT 'how long, 35',
    next_due      Nullable(Date)                COMMENT 'the visitor''s own next date, 2026-04-14',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
WITH
    JSONExtract(data, 'checklist', 'Map(String, String)') AS checklist,
    (name -> if(checklist[name] = '', 'not_seen', checklist[name])) AS finding
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    actor AS worker_id,
    JSONExtractString(data, 'by') AS by,
    place AS village_code,
    JSONExtractBool(data, 'child_seen') AS child_seen,
    JSONExtractBool(data, 'child_spoken_alone') AS spoken_alone,
    if(JSONHas(data, 'carer_present'), JSONExtractBool(data, 'carer_present'), 1) AS carer_present,
    finding('living') AS living,
    finding('guardianship') AS guardianship,
    finding('schooling') AS schooling,
    finding('health') AS health,
    finding('psychology') AS psychology,
    finding('safety') AS safety,
    finding('internet') AS internet,
    JSONExtract(data, 'concerns', 'Array(String)') AS concerns,
    if(JSONHas(data, 'selection'), JSONExtractString(data, 'selection'), 'duty') AS selection,
    JSONExtract(data, 'minutes', 'Nullable(UInt16)') AS minutes,
    toDateOrNull(JSONExtractString(data, 'next_due')) AS next_due,
    {envelope}
FROM {events}

-- view visits
SELECT * EXCEPT (corrects, sequence) FROM {facts}
