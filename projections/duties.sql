-- One row per child on the ledger and duty that holds for it. Rules T5.1, T5.5, T8.4 to T8.7.
-- The same definitions as domain/duties.py, which says what each day is and where it comes from.

-- view duties_as_of
WITH
    {as_of:Date} AS today,
    toDate32('2299-12-31') AS far,
    -- the last day of the n-month calendar period after that of a day (domain: next_period_end)
    ((start, n) -> toDate32(addMonths(toStartOfYear(start),
        toInt32((intDiv(toMonth(start) - 1, n) + 2) * n)) - 1)) AS next_period_end,
    children AS (
        SELECT child_id, village_code, toDate(registered_at, 'Asia/Shanghai') AS registered_on,
            tier, risk_factors, visit_interval_days
        FROM children_as_of(as_of = {as_of:Date}) WHERE on_ledger
    ),
    -- the latest value of each place around the village; of those places, the tightest
    places AS (
        SELECT village_code, mapFromArrays(groupArray(key), groupArray(value)) AS n FROM (
            SELECT village_code, key, min(value) AS value FROM (
                SELECT v.village_code AS village_code, s.key AS key, s.place AS place,
                    toInt32(if(countIf(s.valid_from <= today) > 0,
                        argMaxIf(s.value, s.valid_from, s.valid_from <= today),
                        argMin(s.value, s.valid_from))) AS value
                FROM (SELECT DISTINCT village_code FROM children) AS v CROSS JOIN settings_as_of(as_of = {as_of:Date}) AS s
                WHERE startsWith(v.village_code::String, s.place)
                    AND (s.place = '' OR s.valid_from <= today)
                GROUP BY village_code, key, place
            ) GROUP BY village_code, key
        ) GROUP BY village_code
    ),
    visits AS (
        SELECT child_id, maxIf(day, by = 'director') AS director, maxIf(day, by = 'supervisor') AS supervisor
        FROM visits_as_of(as_of = {as_of:Date}) GROUP BY child_id
    ),
    contacts AS (
        SELECT child_id, maxIf(day, by = 'director') AS director, maxIf(day, by = 'supervisor') AS supervisor
        FROM contacts_as_of(as_of = {as_of:Date}) GROUP BY child_id
    ),
    parents AS (
        SELECT child_id, parent, max(away) AS is_away, max(left_on) AS left_day, max(unable) AS is_unable
        FROM (
            SELECT child_id, parent::String AS parent, 1 AS away, departed_on AS left_on, 0 AS unable
            FROM parent_absences_as_of(as_of = {as_of:Date}) WHERE returned_on IS NULL
            UNION ALL
            SELECT child_id, parent::String, 0, toDate(0), status NOT IN ('normal', 'divorced')
            FROM parent_statuses_as_of(as_of = {as_of:Date})
        ) GROUP BY child_id, parent
    ),
    absences AS (
        SELECT child_id, minIf(left_day, is_away) AS away_since,
            if(countIf(is_away OR is_unable) = 2, maxIf(left_day, is_away), toDate(0)) AS unparented_since
        FROM parents GROUP BY child_id HAVING max(is_away)
    ),
    agreements AS (
        SELECT child_id, argMax(tuple(signed_on, filed_on, end_date, 1), (signed_at, agreement_id)) AS held
        FROM (
            SELECT child_id, agreement_id, signed_at, end_date,
                toDate(signed_at, 'Asia/Shanghai') AS signed_on, toDate(filed_at, 'Asia/Shanghai') AS filed_on
            FROM care_agreements_as_of(as_of = {as_of:Date}) WHERE active
        ) GROUP BY child_id
    ),
    legs AS (
        SELECT child_id, maxIf(day, leg = 'child') AS with_child, maxIf(day, leg = 'delegate') AS with_delegate
        FROM parent_contacts_as_of(as_of = {as_of:Date}) GROUP BY child_id
    ),
    attempts AS (
        SELECT child_id, groupUniqArray(day) AS days, argMax((day, reason::String), (occurred_at, position)) AS last
        FROM visit_attempts_as_of(as_of = {as_of:Date}) WHERE by = 'director' GROUP BY child_id
    ),
    facts AS (
        SELECT c.child_id AS child_id, c.village_code AS village_code, c.registered_on AS registered_on,
            p.n AS n, nullIf(v.director, toDate(0)) AS visited,
            nullIf(greatest(v.director, k.director), toDate(0)) AS contacted,
            nullIf(greatest(v.supervisor, k.supervisor), toDate(0)) AS supervised,
            a.away_since AS away_since, a.unparented_since AS unparented_since,
            g.held.4 = 1 AS agreed, g.held.1 AS signed_on, g.held.2 AS filed_on, g.held.3 AS end_date,
            if(l.with_child >= away_since AND l.with_child > toDate(0), l.with_child, NULL) AS child_called,
            if(l.with_delegate >= away_since AND l.with_delegate > toDate(0), l.with_delegate, NULL)
                AS delegate_called,
            arrayMin(arrayFilter(d -> d > 0, [
                toInt32(ifNull(c.visit_interval_days, 0)),
                if(c.tier = '', 0, n[concat('visit_days_', c.tier)]),
                if(hasAny(c.risk_factors, ['both_parents_away', 'parent_severe_disability',
                    'child_disability', 'psychological_abnormality']), n['visit_days_factor'], 0)
            ])) AS tight_days,
            toDate32(addMonths(ifNull(visited, registered_on), n['visit_months'])) AS by_months,
            if(tight_days > 0, least(by_months, toDate32(ifNull(visited, registered_on) + tight_days)),
                by_months) AS first_due,
            -- failed attempts since the last visit, and what they put off (domain: _again, _tried)
            toUInt16(arrayCount(d -> d > ifNull(visited, registered_on), t.days)) AS failed,
            toDate32(least(t.last.1 + n[concat('again_days_', t.last.2)], first_due + n['again_cap_days'])) AS again,
            failed BETWEEN 1 AND n['again_times'] AND again > t.last.1 AS puts_off,
            if(puts_off, least(greatest(first_due, again), by_months), first_due) AS visit_due,
            transform(t.last.2, ['nobody_home', 'moved', 'refused', 'unsafe', 'weather'],
                ['无人在家', '已搬走', '拒绝', '不安全', '天气'], '') AS because,
            multiIf(failed = 0, '', puts_off, format(';{}因{}未访成,改于{}前再访{}', toString(t.last.1), because,
                toString(again), if(t.last.2 IN ('moved', 'refused', 'unsafe'), ',并告知督导员', '')),
                format(';已{}次未访成(最近{}因{}),不再改期,由督导员处理', toString(failed), toString(t.last.1), because))
                AS tried
        FROM children AS c
        INNER JOIN places AS p ON p.village_code = c.village_code
        LEFT JOIN visits AS v ON v.child_id = c.child_id
        LEFT JOIN contacts AS k ON k.child_id = c.child_id
        LEFT JOIN attempts AS t ON t.child_id = c.child_id
        LEFT JOIN absences AS a ON a.child_id = c.child_id
        LEFT JOIN agreements AS g ON g.child_id = c.child_id
        LEFT JOIN legs AS l ON l.child_id = c.child_id
    ),
    duties AS (
        SELECT child_id, village_code, tried, failed, puts_off, again, first_due, arrayJoin(arrayFilter(d -> d.applies, [
            tuple('director_visit', if(first_due < by_months, 'T8.7', 'T8.6'), 'director',
                ifNull(visited, registered_on), visited, visit_due, '入户走访',
                multiIf(first_due < by_months, format('应每{}天一次', toString(tight_days)),
                    n['visit_months'] = 3, '应每三个月一次',
                    format('应每{}个月一次', toString(n['visit_months']))), 1),
            tuple('director_contact', 'T8.5', 'director', ifNull(contacted, registered_on), contacted,
                next_period_end(ifNull(contacted, registered_on), n['director_contact_months']),
                '联系', '应每月一次', 1),
            tuple('supervisor_contact', 'T8.4', 'supervisor', ifNull(supervised, registered_on), supervised,
                next_period_end(ifNull(supervised, registered_on), n['supervisor_contact_months']),
                '由督导员联系', if(n['supervisor_contact_months'] = 12, '应每年一次',
                    format('应每{}个月一次', toString(n['supervisor_contact_months']))), 1),
            tuple('care_agreement', 'T5.1', 'parent', unparented_since, if(agreed, filed_on, NULL),
                if(agreed AND filed_on IS NOT NULL, ifNull(toDate32(end_date), far),
                    toDate32(unparented_since + n['agreement_days'])),
                if(agreed AND filed_on IS NOT NULL, '续签委托照护协议', '签订并报备委托照护协议'),
                if(agreed AND signed_on > unparented_since, '外出后才签订', '外出务工前应签订'),
                unparented_since > toDate(0)),
            tuple('parent_contact_child', 'T5.5', 'parent', ifNull(child_called, away_since), child_called,
                toDate32(toMonday(ifNull(child_called, away_since)) + 6 + 7 * n['parent_contact_weeks']),
                '由父母与孩子联系', '应每周一次', away_since > toDate(0)),
            tuple('parent_contact_delegate', 'T5.5', 'parent', ifNull(delegate_called, away_since),
                delegate_called, toDate32(toMonday(ifNull(delegate_called, away_since)) + 6
                    + 7 * n['parent_contact_weeks']),
                '由父母与被委托人联系', '应每周一次', agreed AND away_since > toDate(0))
        ]::Array(Tuple(duty String, rule String, actor String, base Date, last_done Nullable(Date),
            due_on Date32, what String, words String, applies UInt8)))) AS d
        FROM facts
    )
SELECT
    child_id,
    village_code,
    d.duty AS duty,
    d.rule AS rule,
    d.actor AS actor,
    toInt32(dateDiff('day', toDate32(d.base), d.due_on)) AS interval_days,
    d.last_done AS last_done,
    d.due_on AS due_on,
    toInt32(dateDiff('day', d.due_on, toDate32(today))) AS overdue_days,
    concat(multiIf(overdue_days > 0,
        format('已逾期{}天未{}({})', toString(overdue_days), d.what, d.words),
        d.due_on = toDate32('2299-12-31'), format('未约定期限,暂无需{}({})', d.what, d.words),
        format('应于{}前{}({})', toString(d.due_on), d.what, d.words)), if(d.duty = 'director_visit', tried, '')) AS reason,
    if(d.duty = 'director_visit' AND d.due_on != first_due, first_due, NULL) AS first_due_on,
    if(d.duty = 'director_visit', failed, 0) AS attempts,
    if(d.duty = 'director_visit' AND puts_off, again, NULL) AS again_on
FROM duties

-- view duties
SELECT
    child_id,
    village_code, -- where the child lives, 520526100201
    duty, -- director_visit, director_contact, supervisor_contact, care_agreement, parent_contact_child, …
    rule, -- T8.6
    actor, -- who owes it: director, supervisor or parent
    interval_days, -- from the day it was last done (or began to be owed) to the day it is due, 90
    last_done, -- Shanghai day, NULL = never
    due_on, -- the last day in time; 2299-12-31 = no end in sight
    overdue_days, -- today in Shanghai less due_on: above 0 = overdue
    reason, -- the same in Chinese, for a visit list
    first_due_on, -- due_on before failed attempts put a T8.7 visit off; NULL where they did not
    attempts, -- days since the last visit on which one was tried and failed, 2
    again_on -- by when to try again; NULL = nothing put off
FROM duties_as_of(as_of = toDate(now('Asia/Shanghai')))
