-- One row per check of a rule and subject, or per event that obliges (应办事项). All rules but the duties.
-- The same definitions as domain/rules/judging.py, over the register in rule_checks and rule_matches.

-- view subjects_as_of
WITH
    young AS (
        SELECT child_id, village_code::String AS village, toDate(registered_at, 'Asia/Shanghai') AS since,
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
SELECT 'child' AS subject, toString(child_id) AS subject_id, child_id, village AS place, since,
    arrayFilter(s -> s != '', ['all', if(in_school, 'in_school', ''), if(key_attention, 'key_attention', '')])
        AS scopes
FROM young WHERE on_ledger
UNION ALL
SELECT l.1, left(village, l.2) AS code, toUUID('00000000-0000-0000-0000-000000000000'), code, min(since), ['all']
FROM young
ARRAY JOIN [('province', 2), ('prefecture', 4), ('county', 6), ('township', 9), ('village', 12)] AS l
GROUP BY l.1, code
UNION ALL
SELECT subject, subject_id, toUUID('00000000-0000-0000-0000-000000000000'), place, since, ['all'] FROM things
UNION ALL
SELECT 'director', worker_id, toUUID('00000000-0000-0000-0000-000000000000'), place, appointed_on, ['all']
FROM workers_as_of(as_of = {as_of:Date}) WHERE active AND role = 'director'

-- view obligations_as_of
WITH
    {as_of:Date} AS today,
    -- the last day of the month with an index year * 12 + month - 1
    (i -> toDate32(addMonths(toDate32('1970-01-01'), toInt32(i) - 1970 * 12 + 1) - 1)) AS month_end,
    -- the last day of the period after the one that holds a day (domain: period_end)
    ((start, n, anchor) -> month_end((intDiv(toYear(start) * 12 + toMonth(start) - anchor, n) + 2) * n - 2 + anchor))
        AS period_end,
    ((start, n, anchor) -> month_end(intDiv(toYear(start) * 12 + toMonth(start) - anchor, n) * n - 2 + anchor) + 1)
        AS period_start,
    looked AS (
        SELECT m.check AS check, m.role AS role, e.type AS type, e.child_id AS child_id, e.day AS day,
            e.reference AS reference, e.subjects AS subjects, e.place::String AS place, e.marks AS marks,
            (e.occurred_at, e.position) AS order, e.event_id AS event_id,
            hasAll(e.marks, m.marks) AND NOT hasAny(e.marks, m.without) AS fits
        FROM evidence_as_of(as_of = {as_of:Date}) AS e
        INNER JOIN rule_matches AS m ON m.type = e.type
    ),
    -- what each event says to a check about a subject
    told AS (
        SELECT k.check AS check, multiIf(k.subject = 'child', toString(child_id),
                k.subject IN ('province', 'prefecture', 'county', 'township', 'village'),
                if(length(place) >= digits, left(place, digits), ''), subjects[k.subject]) AS subject_id,
            maxIf(day, fits) AS last, minIf(day, fits) AS first, argMax((day, fits), order) AS latest
        FROM looked AS l
        INNER JOIN (
            SELECT check, subject, transform(subject, ['province', 'prefecture', 'county', 'township', 'village'],
                [2, 4, 6, 9, 12], 0) AS digits
            FROM rule_checks WHERE form IN ('cadence', 'standing', 'deadline')
        ) AS k ON k.check = l.check
        WHERE subject_id != ''
        GROUP BY check, subject_id
    ),
    -- the numbers: of the places around, the tightest
    numbers AS (
        SELECT place, key, min(value) AS n FROM (
            SELECT v.place AS place, s.key AS key, s.place AS around,
                toInt32(argMaxIf(s.value, s.valid_from, s.valid_from <= today)) AS value
            FROM (SELECT DISTINCT place FROM subjects_as_of(as_of = {as_of:Date})
                UNION DISTINCT SELECT DISTINCT place FROM looked WHERE role = 'trigger') AS v
            CROSS JOIN settings_as_of(as_of = {as_of:Date}) AS s
            WHERE startsWith(v.place, s.place) AND s.valid_from <= today
                AND s.key IN (SELECT check FROM rule_checks)
            GROUP BY place, key, around
        ) GROUP BY place, key
    ),
    owed AS (
        SELECT c.check AS check, c.form AS form, c.subject AS subject, s.subject_id AS subject_id,
            s.child_id AS child_id, s.place AS place, s.since AS began, c.anchor AS anchor, c.by AS by,
            n.n AS n, nullIf(t.last, toDate(0)) AS last, nullIf(t.first, toDate(0)) AS first, t.latest AS latest
        FROM subjects_as_of(as_of = {as_of:Date}) AS s
        INNER JOIN rule_checks AS c ON c.subject = s.subject
        LEFT JOIN told AS t ON t.check = c.check AND t.subject_id = s.subject_id
        LEFT JOIN numbers AS n ON n.place = s.place AND n.key = c.check
        WHERE c.form IN ('cadence', 'standing', 'deadline') AND has(s.scopes, c.scope)
    ),
    cadences AS (
        SELECT check, subject, subject_id, child_id, place, ifNull(last, began) AS since,
            period_end(since, n, anchor) AS due_on, last AS done_on,
            multiIf(last >= period_start(today, n, anchor), 'met', today > due_on, 'overdue', 'open') AS state
        FROM owed WHERE form = 'cadence'
    ),
    standings AS (
        SELECT check, subject, subject_id, child_id, place, began AS since, toDate32(began + n) AS due_on,
            if(latest.2, latest.1, NULL) AS done_on, multiIf(latest.2, 'met', today > due_on, 'overdue', 'open') AS state
        FROM owed WHERE form = 'standing'
    ),
    deadlines AS (
        SELECT check, subject, subject_id, child_id, place, began AS since, toDate32(greatest(by, began)) AS due_on,
            first AS done_on,
            multiIf(first IS NULL, if(today > due_on, 'overdue', 'open'), first > due_on, 'late', 'met') AS state
        FROM owed WHERE form = 'deadline'
    ),
    triggers AS (
        SELECT l.check AS check, l.event_id AS event_id, l.child_id AS child_id, l.day AS since, c.unit AS unit,
            if(c.joined = 'child', toString(l.child_id), l.reference) AS joined,
            if(k.village_code != '', k.village_code::String, l.place) AS place,
            if(l.child_id = toUUID('00000000-0000-0000-0000-000000000000'), 1, k.on_ledger) AS holds, c.ledger AS ledger
        FROM looked AS l
        INNER JOIN rule_checks AS c ON c.check = l.check
        LEFT JOIN children_as_of(as_of = {as_of:Date}) AS k ON k.child_id = l.child_id
        WHERE l.role = 'trigger' AND l.fits
    ),
    chains AS (
        SELECT t.check AS check, 'case' AS subject, toString(t.event_id) AS subject_id, t.child_id AS child_id,
            t.place AS place, t.since AS since,
            toDate32(if(t.unit = 'months', addMonths(t.since, n.n), t.since + n.n)) AS due_on,
            nullIf(r.day, toDate(0)) AS done_on,
            multiIf(done_on IS NULL, if(today > due_on, 'overdue', 'open'), done_on > due_on, 'late', 'met') AS state
        FROM (SELECT * FROM triggers WHERE holds OR NOT ledger) AS t
        LEFT JOIN numbers AS n ON n.place = t.place AND n.key = t.check
        ASOF LEFT JOIN (
            SELECT l.check AS check, l.day AS day, if(c.joined = 'child', toString(l.child_id), l.reference) AS joined
            FROM looked AS l INNER JOIN rule_checks AS c ON c.check = l.check
            WHERE l.role = 'response' AND l.fits
        ) AS r ON r.check = t.check AND r.joined = t.joined AND r.day >= t.since
    ),
    singles AS (
        SELECT l.check AS check, 'case' AS subject, toString(l.event_id) AS subject_id, l.child_id AS child_id,
            l.place AS place, l.day AS since, toDate32(l.day) AS due_on,
            notEmpty(c.must) AND hasAll(l.marks, c.must) AS conforms, if(conforms, l.day, NULL) AS done_on,
            if(conforms, 'met', 'overdue') AS state
        FROM looked AS l INNER JOIN rule_checks AS c ON c.check = l.check
        WHERE c.form = 'each' AND l.fits
    ),
    every AS (
        SELECT * FROM cadences
        UNION ALL SELECT * FROM standings
        UNION ALL SELECT * FROM deadlines
        UNION ALL SELECT * FROM chains
        UNION ALL SELECT * EXCEPT conforms FROM singles
    )
SELECT
    e.check AS check,
    c.rule AS rule,
    c.kind AS kind,
    e.subject AS subject,
    e.subject_id AS subject_id,
    e.child_id AS child_id,
    e.place AS place,
    c.actor AS actor,
    c.what AS what,
    e.since AS since,
    e.due_on AS due_on,
    e.done_on AS done_on,
    e.state AS state,
    if(e.state IN ('met', 'late'), 0, toInt32(dateDiff('day', e.due_on, toDate32(today)))) AS overdue_days
FROM every AS e INNER JOIN rule_checks AS c ON c.check = e.check

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
