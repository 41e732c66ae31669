-- One row per contact of a parent with the child or the delegate (亲情联系). Rules T5.5, T11.4.
-- from: parent_contact.logged.v1

-- table
CREATE TABLE {table} (
    day     Date                   COMMENT 'Shanghai day of the contact, 2026-03-14',
    leg     LowCardinality(String) COMMENT 'child or delegate',
    parent  LowCardinality(String) COMMENT 'father or mother',
    channel LowCardinality(String) COMMENT 'phone, video, audio or in_person',
    minutes Nullable(UInt16)       COMMENT 'how long, 12',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    JSONExtractString(data, 'leg') AS leg,
    JSONExtractString(data, 'parent') AS parent,
    JSONExtractString(data, 'channel') AS channel,
    JSONExtract(data, 'minutes', 'Nullable(UInt16)') AS minutes,
    {envelope}
FROM {events}

-- view parent_contacts
SELECT * EXCEPT (corrects, sequence) FROM {facts}
