-- One row per benefit to pay this month (本月待发), in fen. Rules T9.1, T9.2.
-- The same definition as `to_pay` of domain/entitlement.py.

-- view to_pay_as_of
WITH
    formatDateTime({as_of:Date}, '%Y-%m') AS month,
    ((amounts, month) -> arrayFilter(x -> x.1 <= month, amounts)) AS valid
SELECT
    b.child_id AS child_id,
    c.village_code::String AS place,
    b.benefit_id AS benefit_id,
    b.benefit AS benefit,
    month AS period,
    toInt64(arrayLast(x -> x.1 = arrayReduce('max', valid(b.amounts, month).1), valid(b.amounts, month)).2) AS fen
FROM benefits_as_of(as_of = {as_of:Date}) AS b
INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = b.child_id
WHERE b.benefit != 'temporary_relief' AND b.first_month <= month AND (b.last_month = '' OR month <= b.last_month)
    AND NOT has(b.paid.1, month)

-- view to_pay
SELECT
    child_id,
    place, -- the child's village, 520526100201
    benefit_id, -- B-2026-5
    benefit, -- orphan_allowance
    period, -- this month, 2026-03
    fen -- what is due for it
FROM to_pay_as_of(as_of = toDate(now('Asia/Shanghai')))
