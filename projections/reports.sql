-- One row per mandatory report (强制报告), without its reporter. Rules T6.2, T6.4.
-- from: report.submitted.v1, report.received.v1, report.transferred.v1, report.accepted.v1,
--  report.investigated.v1, report.measure_taken.v1, report.disposed.v1, report.feedback_given.v1

-- table
CREATE TABLE {table} (
    report_id String                 COMMENT 'the service''s own number, R-2026-9',
    situation LowCardinality(String) COMMENT 'submitted: multiple_injuries',
    severity  LowCardinality(String) COMMENT 'submitted: minor, serious or urgent',
    desk      LowCardinality(String) COMMENT 'submitted or transferred to, received or accepted by: police',
    finding   LowCardinality(String) COMMENT 'investigated: substantiated',
    measure   LowCardinality(String) COMMENT 'measure taken: protection_order',
    outcome   LowCardinality(String) COMMENT 'disposed: criminal_case',
    {envelope}
) ENGINE = MergeTree ORDER BY (report_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'report_id') AS report_id,
    JSONExtractString(data, 'situation') AS situation,
    multiIf(type != 'report.submitted.v1', '',
        JSONHas(data, 'severity'), JSONExtractString(data, 'severity'), 'serious') AS severity,
    if(JSONHas(data, 'to'), JSONExtractString(data, 'to'), JSONExtractString(data, 'desk')) AS desk,
    JSONExtractString(data, 'finding') AS finding,
    JSONExtractString(data, 'measure') AS measure,
    JSONExtractString(data, 'outcome') AS outcome,
    {envelope}
FROM {events}

-- view reports
WITH
    type = 'report.submitted.v1' AS submits,
    type = 'report.accepted.v1' AS accepts,
    type = 'report.disposed.v1' AS disposes,
    type = 'report.feedback_given.v1' AS feeds_back
SELECT
    report_id,
    argMaxIf(f.child_id, sequence, submits) AS child_id,
    argMaxIf(f.situation, sequence, submits) AS situation,
    argMaxIf(f.severity, sequence, submits) AS severity,
    argMaxIf(f.desk, sequence, f.desk != '') AS desk,
    transform(argMax(type, sequence),
        ['report.submitted.v1', 'report.received.v1', 'report.transferred.v1',
         'report.accepted.v1', 'report.investigated.v1', 'report.measure_taken.v1',
         'report.disposed.v1', 'report.feedback_given.v1'],
        ['submitted', 'received', 'transferred', 'accepted', 'investigated', 'measured',
         'disposed', 'fed_back'], '')::String AS state, -- the latest step: submitted, received, … fed_back
    minIf(f.occurred_at, submits) AS submitted_at, -- when it was reported
    if(countIf(accepts) = 0, NULL, minIf(f.occurred_at, accepts)) AS accepted_at, -- NULL = not yet
    argMaxIf(f.finding, sequence, f.finding != '') AS finding,
    arraySort(groupUniqArrayIf(f.measure, f.measure != ''))::Array(String) AS measures, -- ['protection_order']
    if(countIf(disposes) = 0, NULL, maxIf(f.occurred_at, disposes)) AS disposed_at, -- NULL = not yet
    if(countIf(feeds_back) = 0, NULL, maxIf(f.occurred_at, feeds_back)) AS feedback_at, -- NULL = not yet
    argMaxIf(f.outcome, sequence, disposes) AS outcome,
    argMaxIf(f.recorded_at, sequence, submits) AS submitted_recorded_at -- when we learned of it
FROM {facts} AS f
GROUP BY report_id
HAVING countIf(submits) > 0
