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
    villages AS (SELECT DISTINCT village_code::String AS village FROM children_as_of(as_of = {as_of:Date})),
    -- the standards of a benefit around a village: of each the last is of the nearest place, its latest start, last said
    standards AS (
        SELECT village, of, arraySort(groupArray((standard, depth, from_month, said,
            if(standard = 'rural_subsistence', intDiv(fen * 30 + 50, 100), fen)))) AS known
        FROM (
            SELECT v.village AS village, s.standard::String AS standard, length(s.place) AS depth,
                s.from_month::String AS from_month, s.said AS said, s.amount_fen AS fen,
                transform(standard, ['rural_subsistence', 'orphan_dispersed', 'orphan_institutional',
                    'de_facto_unsupported'], ['special_hardship_allowance', 'orphan_allowance', 'orphan_allowance',
                    'de_facto_unsupported_allowance'], '') AS of
            FROM villages AS v CROSS JOIN standards_as_of(as_of = {as_of:Date}) AS s
            WHERE startsWith(v.village, s.place::String) AND of != ''
        ) GROUP BY village, of
    ),
    -- the right amounts of a month, where a standard is set
    ((known, period) -> arrayFilter(s -> s.3 <= period, known)) AS until,
    ((known, period) -> arrayMap(name -> arrayLast(s -> s.1 = name, until(known, period)).5,
        arrayDistinct(until(known, period).1))) AS rights,
    -- a benefit's payments, what is granted now, and the months for which it should have been paid by now
    told AS (
        SELECT b.child_id AS child_id, c.village_code::String AS place, b.benefit_id AS benefit_id, b.benefit AS benefit,
            b.amounts AS amounts, b.paid AS paid, p.n['pay_days'] AS pay_days, s.known AS known,
            benefit != 'temporary_relief' AS monthly,
            arrayJoin(arrayConcat(
                arrayMap(x -> ('paid', x.1, x.2, x.3), arrayFilter(x -> x.1 != '', paid)),
                if(b.first_month <= this_month AND (b.last_month = '' OR this_month <= b.last_month),
                    [('granted', this_month, amount_in(amounts, this_month), b.granted_on)], []),
                arrayMap(start -> ('owed', formatDateTime(start, '%Y-%m'), toInt64(0),
                        toDate(toLastDayOfMonth(start) + pay_days)),
                    arrayFilter(start -> toLastDayOfMonth(start) + pay_days < today
                            AND (b.last_month = '' OR formatDateTime(start, '%Y-%m') <= b.last_month),
                        arrayMap(i -> addMonths(month_start(b.first_month), i), range(if(monthly,
                            toUInt32(greatest(dateDiff('month', month_start(b.first_month), today) + 1, 0)), 0)))))
            )::Array(Tuple(said String, period String, fen Int64, day Date))) AS e
        FROM benefits_as_of(as_of = {as_of:Date}) AS b
        INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = b.child_id
        INNER JOIN entitlement_numbers_as_of(as_of = {as_of:Date}) AS p ON p.village_code = c.village_code
        LEFT JOIN standards AS s ON s.village = c.village_code::String AND s.of = b.benefit
        WHERE b.first_month != ''
    ),
    own AS (
        SELECT child_id, place, benefit_id, benefit, e.period AS period,
            if(e.said = 'owed', []::Array(Int64), rights(known, period)) AS right,
            arrayJoin(arrayFilter(f -> f.1 != '', [
                (if(notEmpty(right) AND NOT has(right, e.fen), concat('wrong_', e.said), ''), right[1], e.fen),
                (if(e.said = 'paid' AND monthly AND e.day > toLastDayOfMonth(month_start(period)) + pay_days,
                    'late_paid', ''), e.fen, e.fen),
                (if(e.said = 'owed' AND NOT has(paid.1, period), 'unpaid', ''), amount_in(amounts, period), 0)
            ]::Array(Tuple(String, Int64, Int64)))) AS f, e.day AS day
        FROM told
    ),
    -- a child's payments for a month, where there are several
    months AS (
        SELECT b.child_id AS child_id, c.village_code::String AS place, x.1 AS period,
            arraySort(groupArray((b.benefit, x.3, b.benefit_id, x.2))) AS rows
        FROM benefits_as_of(as_of = {as_of:Date}) AS b
        INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = b.child_id
        ARRAY JOIN b.paid AS x
        WHERE b.first_month != '' AND x.1 != ''
        GROUP BY child_id, place, period HAVING count() > 1
    ),
    found AS (
        SELECT f.1 AS kind, child_id, place, benefit, [benefit_id] AS ids, period, f.2 AS expected_fen, f.3 AS found_fen,
            day
        FROM own
        UNION ALL
        SELECT 'double_paid', child_id, place, name, arraySort(arrayDistinct(same.3)), period, same[1].4,
            arraySum(same.4), same[2].2
        FROM (
            SELECT child_id, place, period, name, arrayFilter(w -> w.1 = name, rows) AS same
            FROM months ARRAY JOIN arrayDistinct(rows.1) AS name
            WHERE name != 'temporary_relief'
        ) WHERE length(same) > 1
        UNION ALL
        SELECT 'excluded', child_id, place, pair.2, arraySort(arrayDistinct(both.3)), period, 0,
            arraySum(w -> if(w.1 = pair.2, w.4, 0), both), greatest(
                arrayMin(arrayFilter(w -> w.1 = pair.1, both).2), arrayMin(arrayFilter(w -> w.1 = pair.2, both).2))
        FROM (
            SELECT child_id, place, period, pair, arrayFilter(w -> w.1 IN (pair.1, pair.2), rows) AS both
            FROM months ARRAY JOIN [('orphan_allowance', 'de_facto_unsupported_allowance'),
                ('destitute_support', 'subsistence_allowance')] AS pair
        ) WHERE length(arrayDistinct(both.1)) > 1
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
