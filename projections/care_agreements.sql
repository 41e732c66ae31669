-- One row per care agreement (委托照护协议). Rules T5.1 to T5.4.
-- from: care_agreement.signed.v1, care_agreement.delegate_assessed.v1, care_agreement.filed.v1,
--  care_agreement.notice_sent.v1, care_agreement.renewed.v1, care_agreement.ended.v1, care.deficiency_found.v1,
--  care.parent_notified.v1, care.delegate_supported.v1, care.delegate_replaced.v1

-- table
CREATE TABLE {table} (
    agreement_id     String                        COMMENT 'the service''s own number, A-2026-17',
    relation         LowCardinality(String)        COMMENT 'signed: the delegate to the child, relative',
    start_date       Nullable(Date)                COMMENT 'signed: first day, 2026-02-20',
    end_date         Nullable(Date)                COMMENT 'signed, renewed: last day, NULL = open',
    child_view_heard UInt8                         COMMENT 'signed: 1 the child was heard',
    disqualifiers    Array(LowCardinality(String)) COMMENT 'delegate assessed: [] = fit',
    notice_to        LowCardinality(String)        COMMENT 'notice sent: school',
    reason           LowCardinality(String)        COMMENT 'ended: parent_returned',
    deficiency       LowCardinality(String)        COMMENT 'deficiency found: incapable or negligent',
    {envelope}
) ENGINE = MergeTree ORDER BY (agreement_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'agreement_id') AS agreement_id,
    JSONExtractString(data, 'relation') AS relation,
    toDateOrNull(JSONExtractString(data, 'start')) AS start_date,
    toDateOrNull(JSONExtractString(data, 'end')) AS end_date,
    JSONExtractBool(data, 'child_view_heard') AS child_view_heard,
    JSONExtract(data, 'disqualifiers', 'Array(String)') AS disqualifiers,
    JSONExtractString(data, 'to') AS notice_to,
    if(type = 'care.delegate_replaced.v1', 'replaced', JSONExtractString(data, 'reason')) AS reason,
    JSONExtractString(data, 'kind') AS deficiency,
    {envelope}
FROM {events}

-- view care_agreements
WITH
    type = 'care_agreement.signed.v1' AS signs,
    type IN ('care_agreement.signed.v1', 'care_agreement.renewed.v1') AS agrees,
    type = 'care_agreement.filed.v1' AS files,
    type IN ('care_agreement.ended.v1', 'care.delegate_replaced.v1') AS ends
SELECT
    agreement_id,
    argMaxIf(f.child_id, sequence, signs) AS child_id,
    argMaxIf(f.relation, sequence, signs) AS relation,
    argMaxIf(tuple(f.start_date), sequence, signs).1 AS start_date,
    argMaxIf(tuple(f.end_date), sequence, agrees).1 AS end_date, -- as last renewed
    minIf(occurred_at, signs) AS signed_at, -- when it was signed
    if(countIf(files) = 0, NULL, minIf(occurred_at, files)) AS filed_at, -- when the village filed it
    toUInt8(notEmpty(argMaxIf(f.disqualifiers, sequence,
        type = 'care_agreement.delegate_assessed.v1'))) AS disqualified, -- 1 delegate found unfit
    argMaxIf(f.deficiency, sequence, f.deficiency != '') AS deficiency,
    if(countIf(ends) = 0, NULL, minIf(occurred_at, ends)) AS ended_at, -- when it ended
    argMinIf(f.reason, sequence, ends) AS ended_reason, -- why: parent_returned
    toUInt8(ended_at IS NULL AND ifNull(end_date >= {day}, 1)) AS active -- 1 in force
FROM {facts} AS f
GROUP BY agreement_id
HAVING countIf(signs) > 0
