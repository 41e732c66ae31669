-- One row per case (办理事项): where it stands, what is next, by whom and by when. domain/workflows.py.
-- The same definitions as `case_of` there; the workflows are the tables workflow_moves and workflow_stages.

-- view cases_as_of
WITH
    {as_of:Date} AS today,
    moved AS (
        SELECT m.kind::String AS kind, e.child_id AS child_id, if(m.by_child, toString(e.child_id), e.reference) AS reference,
            arraySort(groupArray((e.occurred_at, e.position, m.froms, m.to::String, e.day, e.type::String, e.until)))
                AS steps,
            arrayFold((at, s) -> if(has(s.3, at.1), (s.4, s.5), at), steps, ('', toDate(0))) AS stands
        FROM case_steps_as_of(as_of = {as_of:Date}) AS e
        INNER JOIN workflow_moves AS m ON m.type = e.type
        WHERE m.mark = '' OR m.mark = e.mark
        GROUP BY kind, child_id, reference
    ),
    -- the child's village, not where a step was recorded: that may say who reported
    placed AS (
        SELECT m.kind AS kind, m.reference AS reference, m.child_id AS child_id, c.village_code::String AS place,
            m.stands.1 AS state, m.stands.2 AS state_since, m.steps AS steps
        FROM moved AS m
        LEFT JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = m.child_id
        WHERE m.stands.1 != ''
    ),
    limits AS (
        SELECT place, mapFromArrays(groupArray(key), groupArray(value)) AS n FROM (
            SELECT place, key, min(value) AS value FROM (
                SELECT v.place AS place, s.key::String AS key, s.place AS around,
                    toInt32(argMax(s.value, s.valid_from)) AS value
                FROM (SELECT DISTINCT place FROM placed) AS v CROSS JOIN settings_as_of(as_of = {as_of:Date}) AS s
                WHERE startsWith(v.place, s.place) AND s.valid_from <= {as_of:Date}
                    AND s.key IN (SELECT check FROM workflow_stages)
                GROUP BY place, key, around
            ) GROUP BY place, key
        ) GROUP BY place
    ),
    timed AS (
        SELECT p.kind AS kind, p.reference AS reference, p.child_id AS child_id, p.place AS place, p.state AS state,
            p.state_since AS state_since, g.next_step AS next_step, g.actor AS actor, g.check AS check, g.workdays AS workdays,
            g.until AS until, g.is_law AS is_law, l.n[g.check] AS n,
            arrayFilter(s -> s.6 = g.counted, p.steps).5 AS counted,
            if(empty(counted), p.state_since, arrayMax(counted)) AS start,
            arrayLast(s -> s.6 IN ('care_agreement.signed.v1', 'care_agreement.renewed.v1'), p.steps).7
                AS last_day
        FROM placed AS p
        INNER JOIN workflow_stages AS g ON g.kind = p.kind AND g.state = p.state
        LEFT JOIN limits AS l ON l.place = p.place
    )
SELECT
    t.kind AS kind,
    t.reference AS reference,
    t.child_id AS child_id,
    t.place AS place,
    t.state AS state,
    t.state_since AS state_since,
    t.next_step::String AS next_step,
    t.actor::String AS actor,
    multiIf(t.until, t.last_day, t.check = '', NULL, t.workdays, d.day, toNullable(t.start + t.n)) AS due_on,
    t.is_law AS is_law,
    if(due_on IS NULL, 0, toInt32(dateDiff('day', assumeNotNull(due_on), today))) AS overdue_days
FROM timed AS t
LEFT JOIN working_days AS w ON w.day = t.start
LEFT JOIN (SELECT day, number FROM working_days WHERE works) AS d ON d.number = w.number + t.n

-- view cases
SELECT
    kind, -- report, agreement, guardianship, dropout, mental or subsidy
    reference, -- its number, DO-2026-17; of guardianship and mental the child's id
    child_id,
    place, -- the child's village, 520526100201; empty where the child is not registered
    state, -- submitted, received, … of domain/workflows.py
    state_since, -- Shanghai day
    next_step, -- 受理或移送; empty = closed
    actor, -- whose step it is, 接报部门
    due_on, -- the last day in time; NULL = none is set
    is_law, -- 1 the limit is law, 0 a service level
    overdue_days -- today less due_on: above 0 = overdue
FROM cases_as_of(as_of = toDate(now('Asia/Shanghai')))
