-- One row per check of a rule and subject, or per event that obliges (应办事项). All rules but the duties.
-- The same definitions as domain/rules/judging.py, over the register in rule_checks and rule_matches.

-- view subjects_as_of
WITH
    young AS (
        SELECT child_id, village_code::String AS village, toDate(registered_at, 'Asia/Shanghai') AS registered,
            on_ledger, in_school, notEmpty(risk_factors) AS key_attention
        FROM children_as_of(as_of = {as_of:Date})
    ),
    things AS (
        SELECT multiIf(type = 'school.registered.v1', 'school', type = 'water_site.registered.v1', 'water_site',
                type = 'children_home.registered.v1', 'children_home', 'institution') AS subject,
            subjects[subject] AS subject_id, argMax(f.place, (f.occurred_at, f.position)) AS place, min(f.day) AS since
        FROM evidence_as_of(as_of = {as_of:Date}) AS f
        WHERE type IN ('school.registered.v1', 'water_site.registered.v1', 'children_home.registered.v1',
            'institution.registered.v1')
        GROUP BY subject, subject_id
    )
-- children, and the places that they live in, in one reading
SELECT l.1 AS subject, if(l.2 = 0, toString(child_id), left(village, l.2)) AS subject_id,
    if(l.2 = 0, child_id, toUUID('00000000-0000-0000-0000-000000000000')) AS child_id,
    if(l.2 = 0, village, left(village, l.2)) AS place, min(registered) AS since,
    if(l.2 = 0, arrayFilter(s -> s != '', ['all', if(any(in_school), 'in_school', ''),
        if(any(key_attention), 'key_attention', '')]), ['all']) AS scopes
FROM young
ARRAY JOIN [('child', 0), ('province', 2), ('prefecture', 4), ('county', 6), ('township', 9), ('village', 12)] AS l
WHERE on_ledger OR l.2 > 0
GROUP BY l, subject_id, child_id, place
UNION ALL
SELECT subject, subject_id, toUUID('00000000-0000-0000-0000-000000000000'), place, since, ['all'] FROM things
UNION ALL
SELECT 'director', worker_id, toUUID('00000000-0000-0000-0000-000000000000'), place, appointed_on, ['all']
FROM workers_as_of(as_of = {as_of:Date}) WHERE active AND role = 'director'

-- view obligations_as_of
WITH
    {as_of:Date} AS today,
    toUUID('00000000-0000-0000-0000-000000000000') AS nobody,
    -- the last day of the month with an index year * 12 + month - 1
    (i -> toDate32(addMonths(toDate32('1970-01-01'), toInt32(i) - 1970 * 12 + 1) - 1)) AS month_end,
    -- the last day of the period after the one that holds a day (domain: period_end)
    ((start, n, anchor) -> month_end((intDiv(toYear(start) * 12 + toMonth(start) - anchor, n) + 2) * n - 2 + anchor))
        AS period_end,
    ((start, n, anchor) -> month_end(intDiv(toYear(start) * 12 + toMonth(start) - anchor, n) * n - 2 + anchor) + 1)
        AS period_start,
    ['cadence', 'standing', 'deadline'] AS owed_forms,
    checks AS (SELECT * FROM rule_checks WHERE form NOT IN ('own', 'counted')),
    -- the numbers of each check: of each place the latest that holds; where they meet, the tightest counts
    around AS (
        SELECT key, groupArray((place, n)) AS numbers FROM (
            SELECT key, place, toInt32(argMax(value, valid_from)) AS n FROM settings_as_of(as_of = {as_of:Date})
            WHERE valid_from <= today AND key IN (SELECT check FROM rule_checks) GROUP BY key, place
        ) GROUP BY key
    ),
    -- which events each check looks at, and what about them
    asked AS (
        SELECT m.check AS check, m.role AS role, m.type AS type, m.marks AS marks, m.without AS without, c.form AS form,
            c.must AS must, c.subject AS subject, c.joined AS joined, transform(c.subject::String,
                ['province', 'prefecture', 'county', 'township', 'village'], [2, 4, 6, 9, 12], 0) AS digits
        FROM rule_matches AS m INNER JOIN checks AS c ON c.check = m.check
    ),
    -- what the events say to a check about a subject
    told AS (
        WITH hasAll(e.marks, m.marks) AND NOT hasAny(e.marks, m.without) AS fits
        SELECT m.check AS check, if(m.subject = 'child', e.child_id, nobody) AS child,
            multiIf(m.subject = 'child', '', m.digits > 0, if(length(e.place) >= m.digits, left(e.place, m.digits), ''),
                e.subjects[m.subject]) AS name,
            maxIf(e.day, fits) AS last, minIf(e.day, fits) AS first,
            argMax((e.day, fits), (e.occurred_at, e.position)) AS latest
        FROM evidence_as_of(as_of = {as_of:Date}) AS e
        INNER JOIN (SELECT * FROM asked WHERE form IN owed_forms) AS m ON m.type = e.type
        WHERE e.type IN (SELECT type FROM asked WHERE form IN owed_forms) AND (m.subject = 'child' OR name != '')
        GROUP BY check, child, name
    ),
    -- events that oblige, and those that have to be as they should: one row per check
    begun AS (
        SELECT m.check AS check, e.event_id AS event_id, e.child_id AS child_id, e.place::String AS place, e.day AS day,
            if(m.joined = 'child', e.child_id, nobody) AS child, if(m.joined = 'child', '', e.reference) AS name,
            notEmpty(m.must) AND hasAll(e.marks, m.must) AS conforms
        FROM evidence_as_of(as_of = {as_of:Date}) AS e
        INNER JOIN (SELECT * FROM asked WHERE role = 'trigger' OR form = 'each') AS m ON m.type = e.type
        WHERE e.type IN (SELECT type FROM asked WHERE role = 'trigger' OR form = 'each')
            AND hasAll(e.marks, m.marks) AND NOT hasAny(e.marks, m.without)
    ),
    -- their responses; a visit is one to whoever was obliged, and to no one else
    answers AS (
        SELECT m.check AS check, if(m.joined = 'child', e.child_id, nobody) AS child,
            if(m.joined = 'child', '', e.reference) AS name, e.day AS day
        FROM evidence_as_of(as_of = {as_of:Date}) AS e
        INNER JOIN (SELECT * FROM asked WHERE role = 'response') AS m ON m.type = e.type
        WHERE e.type IN (SELECT type FROM asked WHERE role = 'response')
            AND hasAll(e.marks, m.marks) AND NOT hasAny(e.marks, m.without)
            AND (check, child, name) IN (SELECT check, child, name FROM begun)
    ),
    -- one row per obligation: of a subject, or a case
    items AS (
        SELECT c.check AS check, s.subject_id AS subject_id, s.child_id AS child_id, s.place AS place, s.since AS began,
            ifNull(t.last, toDate(0)) AS last, ifNull(t.first, toDate(0)) AS first, t.latest AS latest, 0 AS conforms,
            toDate(0) AS answered, 1 AS owes
        FROM subjects_as_of(as_of = {as_of:Date}) AS s
        INNER JOIN checks AS c ON c.subject = s.subject
        LEFT JOIN told AS t ON t.check = c.check AND t.child = if(s.subject = 'child', s.child_id, nobody)
            AND t.name = if(s.subject = 'child', '', s.subject_id)
        WHERE c.form IN owed_forms AND has(s.scopes, c.scope)
        UNION ALL
        SELECT b.check, toString(b.event_id), b.child_id, b.place, b.day, toDate(0), toDate(0), (toDate(0), 0), b.conforms,
            ifNull(a.day, toDate(0)), 0
        FROM begun AS b
        ASOF LEFT JOIN answers AS a ON a.check = b.check AND a.child = b.child AND a.name = b.name AND a.day >= b.day
    ),
    placed AS (
        SELECT i.check AS check, i.subject_id AS subject_id, i.child_id AS child_id, i.began AS began, i.last AS last,
            i.first AS first, i.latest AS latest, i.conforms AS conforms, i.answered AS answered, c.form AS form, c.rule AS rule, c.kind AS kind, c.subject AS subject, c.actor AS actor, c.what AS what,
            c.anchor AS anchor, c.by AS by, c.unit AS unit,
            if(NOT owes AND k.village != '' AND form = 'chain', k.village, i.place) AS at,
            if(length(v.numbers) = 1, v.numbers[1].2,
                arrayMin(arrayMap(w -> w.2, arrayFilter(w -> startsWith(at, w.1), v.numbers)))) AS n
        FROM items AS i
        INNER JOIN checks AS c ON c.check = i.check
        LEFT JOIN around AS v ON v.key = i.check
        LEFT JOIN (
            SELECT child_id, village_code::String AS village, on_ledger
            FROM children_as_of(as_of = {as_of:Date})
        ) AS k ON k.child_id = i.child_id
        -- a case of a child off the ledger ends, but for reports
        WHERE owes OR form = 'each' OR NOT c.ledger OR i.child_id = nobody OR k.on_ledger
    )
SELECT
    check,
    rule,
    kind,
    subject,
    subject_id,
    child_id,
    at AS place,
    actor,
    what,
    if(form = 'cadence' AND last > toDate(0), last, began) AS since,
    multiIf(
        form = 'cadence', period_end(since, n, anchor),
        form = 'standing', toDate32(began + n),
        form = 'deadline', toDate32(greatest(by, began)),
        form = 'chain', toDate32(if(unit = 'months', addMonths(began, n), began + n)),
        toDate32(began)) AS due_on,
    nullIf(multiIf(
        form = 'cadence', last,
        form = 'standing', if(latest.2, latest.1, toDate(0)),
        form = 'deadline', first,
        form = 'chain', answered,
        if(conforms = 1, began, toDate(0))), toDate(0)) AS done_on,
    multiIf(
        form = 'cadence' AND done_on >= period_start(today, n, anchor), 'met',
        form = 'standing' AND done_on IS NOT NULL, 'met',
        form IN ('deadline', 'chain', 'each') AND done_on IS NOT NULL, if(done_on > due_on, 'late', 'met'),
        today > due_on OR form = 'each', 'overdue',
        'open') AS state,
    if(state IN ('met', 'late'), 0, toInt32(dateDiff('day', due_on, toDate32(today)))) AS overdue_days
FROM placed

-- view obligations
SELECT
    check, -- which check, T2.7/visit
    rule, -- T2.7
    kind, -- H a number, C a chain, E evidence
    subject, -- child, school, county, ...; case = the event that obliges
    subject_id, -- child id, school code, place code, ...; of a case the event's id
    child_id, -- nil where about none
    place, -- of a child its village, else the subject's, 520526
    actor, -- who owes it, 学校
    what, -- what is to be done, 心理健康测评筛查
    since, -- the day it was last done, or began to be owed
    due_on, -- the last day in time
    done_on, -- NULL = not done
    state, -- met, late, open or overdue
    overdue_days -- today less due_on where not done: above 0 = overdue
FROM obligations_as_of(as_of = toDate(now('Asia/Shanghai')))
