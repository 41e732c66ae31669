-- One row per application for a benefit (资格申请). Rule T9.1; domain.md §4: service levels, in working days.
-- from: eligibility.applied.v1, eligibility.accepted.v1, eligibility.checked.v1, eligibility.confirmed.v1,
--  eligibility.rejected.v1, eligibility.notified.v1

-- table
CREATE TABLE {table} (
    application_id String                 COMMENT 'the service''s own number, AP-2026-5',
    benefit        LowCardinality(String) COMMENT 'applied: what for, orphan_allowance',
    reason         LowCardinality(String) COMMENT 'rejected: papers_missing',
    {envelope}
) ENGINE = MergeTree ORDER BY (application_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'application_id') AS application_id,
    JSONExtractString(data, 'benefit') AS benefit,
    JSONExtractString(data, 'reason') AS reason,
    {envelope}
FROM {events}

-- view applications
WITH (t -> nullIf(minIf(toDate(f.occurred_at, 'Asia/Shanghai'), f.type = t), toDate(0))) AS first_day
SELECT
    application_id,
    argMinIf(f.child_id, sequence, f.type = 'eligibility.applied.v1') AS child_id,
    argMinIf(f.benefit, sequence, f.type = 'eligibility.applied.v1') AS benefit, -- what for
    first_day('eligibility.applied.v1') AS applied_on, -- Shanghai day, as all of these
    first_day('eligibility.accepted.v1') AS accepted_on, -- taken in by the township
    first_day('eligibility.checked.v1') AS checked_on, -- checked by the township
    nullIf(minIf(toDate(f.occurred_at, 'Asia/Shanghai'),
        f.type IN ('eligibility.confirmed.v1', 'eligibility.rejected.v1')), toDate(0)) AS decided_on, -- by the county
    first_day('eligibility.notified.v1') AS notified_on, -- the family was told
    toUInt8(countIf(f.type = 'eligibility.confirmed.v1') > 0) AS confirmed, -- 1 granted
    argMaxIf(f.reason, sequence, f.type = 'eligibility.rejected.v1') AS reason -- why not
FROM {facts} AS f
GROUP BY application_id
HAVING countIf(f.type = 'eligibility.applied.v1') > 0
