-- One row per child on the ledger and benefit that a rule gives (应保尽保). Rules T9.1, T9.2.
-- The same definitions as domain/entitlement.py, which says who has a claim to what and why.

-- view entitlements_as_of
WITH
    {as_of:Date} AS today,
    formatDateTime({as_of:Date}, '%Y-%m') AS month,
    ((years, more) -> today >= addMonths(birth_month, 12 * years + more)) AS is_over,
    (topic -> m[topic].2) AS since_of,
    -- no, else what is lacking, else yes
    ((never, lacks) -> (multiIf(never, 'no', notEmpty(lacks), 'needs', 'yes'), if(never, []::Array(String), lacks)))
        AS claim,
    (c -> multiIf(has(categories, c), ('yes', []::Array(String)), d[c].1 = 'no', ('no', []::Array(String)),
        ('needs', if(empty(d[c].2), ['confirmation'], d[c].2)))) AS by_category,
    (status -> claim(income NOT IN ('', status), if(income = '', ['income'], []::Array(String)))) AS by_income,
    base AS (
        SELECT c.child_id AS child_id, c.village_code::String AS village_code, c.birth_month AS birth_month,
            c.categories AS categories, t.m AS m, p.n AS n, k.d AS d, m['income'].1 AS income, m['hukou'].1 AS hukou,
            m['school'].1 AS school, school IN ('primary', 'junior') AS compulsory,
            arrayFilter(x -> x != 'migrant_child', categories) AS ours,
            mapContains(m, 'certificate') AS certified,
            splitByChar('/', if(certified, m['certificate'].1, m['health'].1)) AS health
        FROM children_as_of(as_of = {as_of:Date}) AS c
        INNER JOIN entitlement_numbers_as_of(as_of = {as_of:Date}) AS p ON p.village_code = c.village_code
        INNER JOIN (
            SELECT child_id, mapFromArrays(groupArray(topic), groupArray((value, since, last))) AS m
            FROM child_topics_as_of(as_of = {as_of:Date}) GROUP BY child_id
        ) AS t ON t.child_id = c.child_id
        INNER JOIN (
            SELECT child_id, mapFromArrays(groupArray(category), groupArray((answer, needs))) AS d
            FROM category_decisions_as_of(as_of = {as_of:Date})
            WHERE category IN ('orphan', 'de_facto_unsupported') GROUP BY child_id
        ) AS k ON k.child_id = c.child_id
        WHERE c.on_ledger
    ),
    claims AS (
        SELECT child_id, village_code, n, arrayJoin([
            ('subsistence_allowance', 'T9.1', by_income('subsistence'), since_of('income')),
            ('destitute_support', 'T9.1',
                if(is_over(n['destitute_age'], 1), ('no', []::Array(String)), by_income('destitute')), since_of('income')),
            ('orphan_allowance', 'T9.1', by_category('orphan'), since_of('category.orphan')),
            ('de_facto_unsupported_allowance', 'T9.1',
                if(has(categories, 'orphan'), ('no', []::Array(String)), by_category('de_facto_unsupported')),
                since_of('category.de_facto_unsupported')),
            ('special_hardship_allowance', 'T9.2',
                claim(income NOT IN ('', 'subsistence') OR hukou IN ('urban', 'other') OR empty(ours)
                        OR NOT (compulsory OR (school IN ('', 'left') AND is_over(6, 0) AND NOT is_over(16, 1))),
                    arrayFilter(x -> x != '', [if(income = '', 'income', ''), if(hukou = 'rural', '', 'hukou'),
                        if(compulsory, '', 'school')])),
                arrayMax([since_of('income'), since_of('school'), since_of('hukou'),
                    arrayMin(arrayMap(c -> m[concat('category.', c)].2, if(empty(ours), [''], ours)))])),
            ('disability_allowance', 'T9.1',
                claim((NOT certified AND health[1] NOT IN ('', 'disabled'))
                        OR toInt32OrZero(health[2]) > n['disability_grade'],
                    multiIf(health[1] = '', ['disability'], health[2] = '0', ['grade'], []::Array(String))),
                if(certified, since_of('certificate'), since_of('health')))
        ]) AS a
        FROM base
    ),
    covers AS (
        SELECT child_id, benefit, min((granted_on, benefit_id)) AS first
        FROM benefits_as_of(as_of = {as_of:Date})
        WHERE first_month <= month AND (last_month = '' OR month <= last_month)
        GROUP BY child_id, benefit
    )
SELECT
    a.child_id AS child_id,
    a.village_code AS village_code,
    a.a.1 AS benefit,
    a.a.2 AS rule,
    a.a.3.1 AS answer,
    a.a.3.2 AS needs,
    if(answer = 'yes', a.a.4, NULL) AS since,
    since + a.n[if(rule = 'T9.2', 'hardship_days', 'entitlement_days')] AS due_on,
    if(answer = 'yes' AND c.first.2 != '', c.first.1, NULL) AS done_on,
    if(answer = 'yes', c.first.2, '') AS benefit_id,
    multiIf(answer != 'yes', '', done_on IS NULL, if(today > due_on, 'overdue', 'open'),
        done_on > due_on, 'late', 'met') AS state,
    if(state IN ('open', 'overdue'), toInt32(dateDiff('day', assumeNotNull(due_on), today)), 0) AS overdue_days
FROM claims AS a
LEFT JOIN covers AS c ON c.child_id = a.child_id AND c.benefit = a.a.1

-- view entitlements
SELECT
    child_id,
    village_code, -- where the child lives, 520526100201
    benefit, -- special_hardship_allowance
    rule, -- T9.1 or T9.2
    answer, -- yes: a claim; no; needs: facts, or a human's confirmation, are lacking
    needs, -- what: ['income', 'school', 'confirmation']
    since, -- the day on which the last of its conditions came to hold
    due_on, -- by when it is to be granted
    done_on, -- the day of the grant that covers it; NULL = not covered
    benefit_id, -- which benefit covers it, empty = none
    state, -- met, late, open or overdue; empty where there is no claim
    overdue_days -- today less due_on where not covered
FROM entitlements_as_of(as_of = toDate(now('Asia/Shanghai')))
