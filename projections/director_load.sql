-- One row per village: its children and child directors, and whether one more is advised (增配儿童主任). Rule T16.2.
-- Discretionary (可…增配, L67): shown, never a breach. domain/workforce.py, `addition_recommended`, says the same.

-- view director_load_as_of
SELECT
    village_code,
    toUInt64(sum(child)) AS children,
    toUInt64(sum(director)) AS directors,
    toUInt8(children > 30 * greatest(directors, 1)) AS recommended,
    max(recommended_day) AS recommended_on
FROM (
    SELECT village_code::String AS village_code, 1 AS child, 0 AS director, NULL::Nullable(Date) AS recommended_day
    FROM children_as_of(as_of = {as_of:Date})
    WHERE on_ledger AND arrayExists(c -> c != 'migrant_child', categories)
    UNION ALL
    SELECT place::String, 0, 1, NULL::Nullable(Date)
    FROM workers_as_of(as_of = {as_of:Date})
    WHERE role = 'director' AND active
    UNION ALL
    SELECT place::String, 0, 0, day::Nullable(Date)
    FROM evidence_as_of(as_of = {as_of:Date})
    WHERE type = 'worker.addition_recommended.v1'
)
GROUP BY village_code

-- view director_load
SELECT
    village_code, -- 520526100201
    children, -- on the ledger, left behind or in difficulty; each once, and not those who are migrant children alone
    directors, -- child directors in office there
    recommended, -- 1 more than 30 children a director: one more is advised, none is owed
    recommended_on -- Shanghai day on which it was last recommended (worker.addition_recommended); NULL never
FROM director_load_as_of(as_of = toDate(now('Asia/Shanghai')))
