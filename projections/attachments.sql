-- One row per attachment of a child's file (附件). Rule G6.
-- from: attachment.added.v1

-- table
CREATE TABLE {table} (
    sealed  String                 COMMENT 'hash and name of the encrypted file, 64 hex digits',
    media   LowCardinality(String) COMMENT 'image/jpeg, image/png, image/webp, application/pdf',
    size    UInt32                 COMMENT 'bytes of the content, 183002',
    about   String                 COMMENT 'id of the event it belongs to, empty = the file',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'sealed') AS sealed,
    JSONExtractString(data, 'media') AS media,
    JSONExtract(data, 'size', 'UInt32') AS size,
    JSONExtractString(data, 'about') AS about,
    {envelope}
FROM {events}

-- view attachments
SELECT * EXCEPT (corrects, sequence) FROM {facts}
