-- One row per application and step of it that is owed (申请办理时限). Service levels in working days, not law.
-- The same definitions as `steps` of domain/applications.py.

-- view application_steps_as_of
WITH
    {as_of:Date} AS today,
    owed AS (
        SELECT a.application_id AS application_id, a.child_id AS child_id, c.village_code::String AS place, p.n AS n,
            arrayJoin(arrayFilter(s -> s.2 IS NOT NULL, [
                ('T9.1/accepted', a.applied_on, coalesce(a.accepted_on, a.checked_on, a.decided_on)),
                ('T9.1/checked', coalesce(a.accepted_on, a.applied_on), coalesce(a.checked_on, a.decided_on)),
                ('T9.1/decided', a.checked_on, a.decided_on),
                ('T9.1/notified', a.decided_on, a.notified_on)
            ])) AS s
        FROM applications_as_of(as_of = {as_of:Date}) AS a
        INNER JOIN children_as_of(as_of = {as_of:Date}) AS c ON c.child_id = a.child_id
        INNER JOIN entitlement_numbers_as_of(as_of = {as_of:Date}) AS p ON p.village_code = c.village_code
    )
SELECT
    o.application_id AS application_id,
    o.child_id AS child_id,
    o.place AS place,
    'T9.1' AS rule,
    o.s.1 AS check,
    assumeNotNull(o.s.2) AS since,
    d.day AS due_on,
    o.s.3 AS done_on,
    multiIf(done_on IS NULL, if(today > due_on, 'overdue', 'open'), done_on > due_on, 'late', 'met') AS state,
    if(done_on IS NULL, toInt32(dateDiff('day', due_on, today)), 0) AS overdue_days
FROM owed AS o
INNER JOIN working_days AS w ON w.day = assumeNotNull(o.s.2)
INNER JOIN (SELECT day, number FROM working_days WHERE works) AS d ON d.number = w.number + o.n[o.s.1]

-- view application_steps
SELECT
    application_id, -- the application, in the sender's numbering: AP-2026-17
    child_id,
    place, -- the child's village, 520526100201
    rule, -- T9.1
    check, -- T9.1/accepted, T9.1/checked, T9.1/decided, T9.1/notified
    since, -- the day of the step before
    due_on, -- the last working day in time
    done_on, -- NULL = not done
    state, -- met, late, open or overdue
    overdue_days -- today less due_on where not done
FROM application_steps_as_of(as_of = toDate(now('Asia/Shanghai')))
