-- One row per benefit (救助保障), money in fen (1 yuan = 100 fen). Rules T9.1, T9.2, T11.5.
-- from: eligibility.assessed.v1, benefit.granted.v1, benefit.adjusted.v1, benefit.paid.v1,
--  benefit.stopped.v1

-- table
CREATE TABLE {table} (
    benefit_id   String                 COMMENT 'the service''s own number, B-2026-5',
    benefit_type LowCardinality(String) COMMENT 'assessed or granted: orphan_allowance',
    eligibility  LowCardinality(String) COMMENT 'assessed: eligible or ineligible',
    amount_fen   Int64                  COMMENT 'granted or adjusted: a month; paid: this payment, 75000',
    month        LowCardinality(String) COMMENT 'granted or adjusted from, paid for, stopped after: 2026-03',
    reason       LowCardinality(String) COMMENT 'stopped: aged_out',
    {envelope}
) ENGINE = MergeTree ORDER BY (benefit_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'benefit_id') AS benefit_id,
    JSONExtractString(data, 'type') AS benefit_type,
    JSONExtractString(data, 'result') AS eligibility,
    JSONExtractInt(data, 'amount_fen') AS amount_fen,
    multiIf(type = 'benefit.paid.v1', JSONExtractString(data, 'period'),
        type = 'benefit.stopped.v1', JSONExtractString(data, 'last_month'),
        JSONExtractString(data, 'from_month')) AS month,
    JSONExtractString(data, 'reason') AS reason,
    {envelope}
FROM {events}

-- view subsidies
WITH
    f.type IN ('benefit.granted.v1', 'benefit.adjusted.v1') AS grants,
    f.type = 'benefit.paid.v1' AS pays,
    f.type = 'benefit.stopped.v1' AS stops
SELECT
    benefit_id,
    argMax(f.child_id, sequence) AS child_id,
    argMaxIf(f.benefit_type, sequence, f.benefit_type != '') AS type, -- orphan_allowance
    argMaxIf(f.eligibility, sequence, f.eligibility != '') AS eligibility,
    argMaxIf(f.amount_fen, sequence, grants) AS amount_fen,
    argMaxIf(f.month, sequence, grants) AS from_month, -- from when the amount holds, 2026-03
    toInt64(sumIf(f.amount_fen, pays)) AS paid_fen, -- fen paid in all
    toUInt32(countIf(pays)) AS payments, -- how many payments
    maxIf(f.month, pays) AS last_period, -- latest month paid, 2026-03
    toUInt8(countIf(stops) > 0) AS stopped, -- 1 no longer paid
    argMaxIf(f.reason, sequence, stops) AS stop_reason -- aged_out
FROM {facts} AS f
GROUP BY benefit_id

-- view benefits
WITH
    f.type = 'benefit.granted.v1' AS grants,
    f.type IN ('benefit.granted.v1', 'benefit.adjusted.v1') AS amounts_set,
    f.type = 'benefit.paid.v1' AS pays,
    f.type = 'benefit.stopped.v1' AS stops
SELECT
    benefit_id,
    argMinIf(f.child_id, sequence, grants) AS child_id,
    argMinIf(f.benefit_type, sequence, grants)::String AS benefit, -- as granted: orphan_allowance
    toDate(argMinIf(f.occurred_at, sequence, grants), 'Asia/Shanghai') AS granted_on, -- Shanghai day
    argMinIf(f.month, sequence, grants)::String AS first_month, -- granted from, 2026-03
    argMaxIf(f.month, sequence, stops)::String AS last_month, -- stopped after; empty = it runs on
    arrayMap(x -> (x.2, x.3), arraySort(groupArrayIf((sequence, f.month::String, f.amount_fen), amounts_set)))
        AS amounts, -- (from month, fen) as they were said
    arrayMap(x -> (x.2, x.3, x.4), arraySort(groupArrayIf(
        (sequence, f.month::String, f.amount_fen, toDate(f.occurred_at, 'Asia/Shanghai')), pays)))
        AS paid -- (period, fen, Shanghai day)
FROM {facts} AS f
GROUP BY benefit_id
HAVING countIf(grants) > 0
