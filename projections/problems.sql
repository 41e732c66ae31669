-- One row per problem found (发现的问题). Rule T8.9.
-- from: problem.found.v1, problem.resolved.v1

-- table
CREATE TABLE {table} (
    problem_id String                 COMMENT 'the service''s own number, P-2026-3',
    kind       LowCardinality(String) COMMENT 'found: unattended',
    severity   LowCardinality(String) COMMENT 'found: minor, serious or urgent',
    found_by   LowCardinality(String) COMMENT 'found: visit, contact, report or school',
    outcome    LowCardinality(String) COMMENT 'resolved: solved, referred or unfounded',
    {envelope}
) ENGINE = MergeTree ORDER BY (problem_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'problem_id') AS problem_id,
    JSONExtractString(data, 'kind') AS kind,
    JSONExtractString(data, 'severity') AS severity,
    JSONExtractString(data, 'found_by') AS found_by,
    JSONExtractString(data, 'outcome') AS outcome,
    {envelope}
FROM {events}

-- view problems
WITH
    type = 'problem.found.v1' AS finds,
    type = 'problem.resolved.v1' AS resolves
SELECT
    problem_id,
    argMaxIf(f.child_id, sequence, finds) AS child_id,
    argMaxIf(f.kind, sequence, finds) AS kind,
    argMaxIf(f.severity, sequence, finds) AS severity,
    argMaxIf(f.found_by, sequence, finds) AS found_by,
    toDate(argMaxIf(f.occurred_at, sequence, finds), 'Asia/Shanghai') AS found_on, -- Shanghai day
    argMaxIf(f.recorded_at, sequence, finds) AS found_recorded_at, -- when we learned it
    if(countIf(resolves) = 0, NULL, toDate(maxIf(f.occurred_at, resolves), 'Asia/Shanghai'))
        AS resolved_on, -- Shanghai day it was settled; NULL = open
    argMaxIf(f.outcome, sequence, resolves) AS outcome
FROM {facts} AS f
GROUP BY problem_id
HAVING countIf(finds) > 0
