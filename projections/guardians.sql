-- One row per child and guardian or carer (监护人). Rules T4.1, T8.8, T8.10.
-- from: guardian.linked.v1, guardian.assessed.v1

-- table
CREATE TABLE {table} (
    guardian_id String                 COMMENT 'the service''s own number, G-2',
    relation    LowCardinality(String) COMMENT 'linked: paternal_grandparent',
    capacity    LowCardinality(String) COMMENT 'full, limited or none',
    is_legal    UInt8                  COMMENT 'linked: 1 the legal guardian',
    grade       LowCardinality(String) COMMENT 'assessed: good, fair or poor',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, guardian_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'guardian_id') AS guardian_id,
    JSONExtractString(data, 'relation') AS relation,
    if(JSONHas(data, 'capacity'), JSONExtractString(data, 'capacity'), 'full') AS capacity,
    JSONExtractBool(data, 'is_legal') AS is_legal,
    JSONExtractString(data, 'grade') AS grade,
    {envelope}
FROM {events}

-- view guardians
SELECT
    child_id,
    guardian_id,
    argMaxIf(f.relation, sequence, f.relation != '') AS relation,
    argMax(f.capacity, sequence) AS capacity,
    argMaxIf(f.is_legal, sequence, f.relation != '') AS is_legal,
    argMaxIf(f.grade, sequence, f.grade != '') AS grade
FROM {facts} AS f
GROUP BY child_id, guardian_id
