-- One row per check of a rule and place, at every level (指标). All rules of domain.md §1.
-- What is overdue is said once, by `duties` and `obligations`; here it is counted.

-- view judged_as_of
WITH {as_of:Date} AS today, toUUID('00000000-0000-0000-0000-000000000000') AS nobody
SELECT check::String AS check, rule::String AS rule, subject::String AS subject, subject_id, '' AS part, child_id, place,
    state
FROM obligations_as_of(as_of = {as_of:Date})
UNION ALL
SELECT rule, rule, 'child', toString(child_id), duty::String, child_id, village_code::String,
    multiIf(overdue_days > 0, 'overdue', last_done IS NULL, 'open', 'met')
FROM duties_as_of(as_of = {as_of:Date})
UNION ALL
SELECT concat(rule, '/covered'), rule, 'child', toString(child_id), benefit::String, child_id, village_code::String, state
FROM entitlements_as_of(as_of = {as_of:Date}) WHERE answer = 'yes'
UNION ALL
SELECT check, rule, 'case', application_id::String, '', child_id, place, state
FROM application_steps_as_of(as_of = {as_of:Date})
UNION ALL
-- money: every benefit ever granted, and of those what was found
SELECT concat(rule, '/paid'), rule, 'case', benefit_id, '', child_id, place, if(wrong, 'overdue', 'met')
FROM (
    SELECT if(b.benefit = 'special_hardship_allowance', 'T9.2', 'T9.1') AS rule, b.benefit_id::String AS benefit_id,
        b.child_id AS child_id, c.village_code::String AS place, b.benefit_id IN (SELECT arrayJoin(benefit_ids)
            FROM payment_findings_as_of(as_of = {as_of:Date})) AS wrong
    FROM benefits_as_of(as_of = {as_of:Date}) AS b
    INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = b.child_id
)
UNION ALL
-- discretionary: how often since January
SELECT c.check, c.rule, 'case', toString(e.event_id), '', e.child_id, e.place::String, 'met'
FROM evidence_as_of(as_of = {as_of:Date}) AS e
INNER JOIN rule_matches AS m ON m.type = e.type
INNER JOIN rule_checks AS c ON c.check = m.check
WHERE c.form = 'counted' AND e.day >= toStartOfYear(today) AND hasAll(e.marks, m.marks) AND NOT hasAny(e.marks, m.without)
    AND e.type IN (SELECT type FROM rule_matches WHERE check IN (SELECT check FROM rule_checks WHERE form = 'counted'))

-- view indicators_as_of
-- counted by village first, then by the places around each
SELECT
    rule,
    check,
    left(counted.at, digits) AS place,
    sum(counted.n) AS subjects,
    sum(counted.n_met) AS met,
    sum(counted.n_late) AS late,
    sum(counted.n_open) AS open,
    sum(counted.n_overdue) AS overdue
FROM (
    SELECT rule, check, judged.place AS at, toUInt64(count()) AS n, toUInt64(countIf(state = 'met')) AS n_met,
        toUInt64(countIf(state = 'late')) AS n_late, toUInt64(countIf(state = 'open')) AS n_open,
        toUInt64(countIf(state = 'overdue')) AS n_overdue
    FROM judged_as_of(as_of = {as_of:Date}) AS judged
    GROUP BY rule, check, at
) AS counted
ARRAY JOIN [2, 4, 6, 9, 12] AS digits
WHERE length(counted.at) >= digits
GROUP BY rule, check, place

-- view indicators
SELECT
    rule, -- T8.6
    check, -- T2.7/visit; the rule itself where it has one check
    place, -- 52, 5205, 520526, 520526100, 520526100201
    subjects, -- denominator: all that the check is about
    met, -- numerator: done in time
    late, -- done, after its day
    open, -- not done, still in time
    overdue -- not done, and the day is past: a breach of an H or C rule, lacking evidence of an E rule
FROM indicators_as_of(as_of = toDate(now('Asia/Shanghai')))
