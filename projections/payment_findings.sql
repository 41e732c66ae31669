-- One row per finding about a child's money (发放问题), in fen. Rules T9.1, T9.2.
-- The same definitions as `findings` of domain/entitlement.py.

-- view payment_findings_as_of
WITH
    {as_of:Date} AS today,
    formatDateTime({as_of:Date}, '%Y-%m') AS this_month,
    (period -> toDateOrZero(concat(period, '-01'))) AS month_start,
    -- fen of a month: of the latest start not after it, the last said
    ((amounts, month) -> arrayFilter(x -> x.1 <= month, amounts)) AS valid,
    ((amounts, month) -> arrayLast(x -> x.1 = arrayReduce('max', valid(amounts, month).1), valid(amounts, month)).2)
        AS amount_in,
    held AS (
        SELECT b.child_id AS child_id, c.village_code::String AS place, b.benefit_id AS benefit_id, b.benefit AS benefit,
            b.granted_on AS granted_on, b.first_month AS first_month, b.last_month AS last_month, b.amounts AS amounts,
            b.paid AS paid, p.n['pay_days'] AS pay_days
        FROM benefits_as_of(as_of = {as_of:Date}) AS b
        INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = b.child_id
        INNER JOIN entitlement_numbers_as_of(as_of = {as_of:Date}) AS p ON p.village_code = c.village_code
        WHERE b.first_month != ''
    ),
    pays AS (
        SELECT child_id, place, benefit_id, benefit, pay_days, x.1 AS period, x.2 AS fen, x.3 AS day
        FROM held ARRAY JOIN paid AS x WHERE x.1 != ''
    ),
    money AS (
        SELECT 'wrong_paid' AS kind, child_id, place, benefit_id, benefit, period, fen, day FROM pays
        UNION ALL
        SELECT 'wrong_granted', child_id, place, benefit_id, benefit, this_month, amount_in(amounts, this_month), granted_on
        FROM held
        WHERE first_month <= this_month AND (last_month = '' OR this_month <= last_month)
    ),
    -- the right amounts where a standard is set: the nearest place, its latest start, the last said
    rights AS (
        SELECT place, benefit, period, arrayMap(x -> x.2, arraySort(groupArray((standard, if(
            standard = 'rural_subsistence', intDiv(fen * 30 + 50, 100), fen))))) AS right
        FROM (
            SELECT a.place AS place, a.benefit AS benefit, a.period AS period, s.standard::String AS standard,
                argMax(s.amount_fen, (length(s.place), s.from_month::String, s.said)) AS fen
            FROM (SELECT DISTINCT place, benefit, period FROM money) AS a
            INNER JOIN (
                SELECT *, transform(standard::String, ['rural_subsistence', 'orphan_dispersed', 'orphan_institutional',
                    'de_facto_unsupported'], ['special_hardship_allowance', 'orphan_allowance', 'orphan_allowance',
                    'de_facto_unsupported_allowance'], '') AS of
                FROM standards_as_of(as_of = {as_of:Date})
            ) AS s ON s.of = a.benefit
            WHERE startsWith(a.place, s.place::String) AND s.from_month <= a.period
            GROUP BY place, benefit, period, standard
        ) GROUP BY place, benefit, period
    ),
    found AS (
        SELECT 'double_paid' AS kind, child_id, place, benefit, arraySort(arrayDistinct(rows.2)) AS ids, period,
            rows[1].3 AS expected_fen, arraySum(rows.3) AS found_fen, rows[2].1 AS day
        FROM (
            SELECT child_id, any(place) AS place, benefit, period, arraySort(groupArray((day, benefit_id, fen))) AS rows
            FROM pays WHERE benefit != 'temporary_relief' GROUP BY child_id, benefit, period
        ) WHERE length(rows) > 1
        UNION ALL
        SELECT 'excluded', child_id, any(place), pair.2, arraySort(groupUniqArray(benefit_id)), period, 0,
            sumIf(fen, benefit = pair.2), greatest(minIf(day, benefit = pair.1), minIf(day, benefit = pair.2))
        FROM pays
        ARRAY JOIN [('orphan_allowance', 'de_facto_unsupported_allowance'),
            ('destitute_support', 'subsistence_allowance')] AS pair
        WHERE benefit IN (pair.1, pair.2) GROUP BY child_id, pair, period HAVING uniqExact(benefit) > 1
        UNION ALL
        SELECT m.kind, m.child_id, m.place, m.benefit, [m.benefit_id], m.period, r.right[1], m.fen, m.day
        FROM money AS m
        INNER JOIN rights AS r ON r.place = m.place AND r.benefit = m.benefit AND r.period = m.period
        WHERE NOT has(r.right, m.fen)
        UNION ALL
        SELECT 'late_paid', child_id, place, benefit, [benefit_id], period, fen, fen, day
        FROM pays
        WHERE benefit != 'temporary_relief' AND day > toLastDayOfMonth(month_start(period)) + pay_days
        UNION ALL
        SELECT 'unpaid', child_id, place, benefit, [benefit_id], formatDateTime(start, '%Y-%m'),
            amount_in(amounts, formatDateTime(start, '%Y-%m')), 0, toLastDayOfMonth(start) + pay_days
        FROM held
        ARRAY JOIN arrayMap(i -> addMonths(month_start(first_month), i),
            range(toUInt32(greatest(dateDiff('month', month_start(first_month), today) + 1, 0)))) AS start
        WHERE benefit != 'temporary_relief' AND toLastDayOfMonth(start) + pay_days < today
            AND (last_month = '' OR formatDateTime(start, '%Y-%m') <= last_month)
            AND NOT has(paid.1, formatDateTime(start, '%Y-%m'))
    )
SELECT
    kind,
    if(benefit = 'special_hardship_allowance', 'T9.2', 'T9.1') AS rule,
    child_id,
    place,
    benefit,
    ids AS benefit_ids,
    period,
    toInt64(expected_fen) AS expected_fen,
    toInt64(found_fen) AS found_fen,
    day
FROM found

-- view payment_findings
SELECT
    kind, -- double_paid, excluded, wrong_paid, wrong_granted, late_paid or unpaid
    rule, -- T9.1 or T9.2
    child_id,
    place, -- the child's village, 520526100201
    benefit, -- special_hardship_allowance
    benefit_ids, -- the benefits it concerns, ['B-2026-5', 'B-2026-9']
    period, -- month paid or due, 2026-03
    expected_fen, -- what would be right; 0 = nothing
    found_fen, -- what was paid, or granted
    day -- when it came about: of a double payment the second, of an unpaid month the last day in time
FROM payment_findings_as_of(as_of = toDate(now('Asia/Shanghai')))
