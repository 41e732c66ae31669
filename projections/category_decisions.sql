-- One row per child on the ledger and category that the rules decide (类别认定). domain.md §2.
-- The same definitions as domain/categories.py, which says what each answer means and where it comes from.

-- view category_decisions_as_of
WITH
    {as_of:Date} AS today,
    ['father.away', 'father.status', 'father.capacity', 'mother.away', 'mother.status', 'mother.capacity'] AS family,
    (p -> mapContains(m, concat(p, '.away')) OR mapContains(m, concat(p, '.status'))
        OR mapContains(m, concat(p, '.capacity'))) AS seen,
    (p -> m[concat(p, '.status')].1) AS status,
    -- a parent: A away for work, U unable, H at home and able, ? unknown
    (p -> multiIf(
        status(p) IN ('dead', 'missing', 'lost_contact', 'imprisoned', 'compulsory_detox', 'liberty_restricted'), 'U',
        m[concat(p, '.away')].1 = 'work', 'A',
        status(p) IN ('severe_disability', 'serious_illness', 'guardianship_revoked', 'deported')
            OR m[concat(p, '.capacity')].1 = 'none', 'U',
        m[concat(p, '.away')].1 = 'other' OR status(p) = 'divorced', '?',
        seen(p), 'H', '?')) AS care,
    -- L lost, X can't support, T its term is open, D deported, N none of these, ? unknown
    (p -> multiIf(
        status(p) IN ('dead', 'missing'), 'L',
        status(p) IN ('severe_disability', 'serious_illness', 'guardianship_revoked'), 'X',
        status(p) IN ('imprisoned', 'compulsory_detox', 'liberty_restricted', 'lost_contact'),
            if(addMonths(m[concat(p, '.status')].2, n['unsupported_months']) <= today, 'X', 'T'),
        status(p) = 'deported', 'D',
        seen(p), 'N', '?')) AS life,
    (years -> today < addMonths(birth_month, 12 * years + 1)) AS under,
    ((f, g, mark, suffix) -> arrayFilter(w -> w != '',
        [if(f = mark, concat('father', suffix), ''), if(g = mark, concat('mother', suffix), '')])) AS lacking,
    -- no, else what is lacking, else yes where it holds
    ((never, lacks, holds) -> (multiIf(never, 'no', notEmpty(lacks), 'needs', holds, 'yes', 'no'),
        if(never, []::Array(String), lacks))) AS verdict,
    base AS (
        SELECT c.child_id AS child_id, c.village_code::String AS village_code, c.birth_month AS birth_month,
            c.categories AS categories, t.m AS m, p.n AS n
        FROM children_as_of(as_of = {as_of:Date}) AS c
        INNER JOIN entitlement_numbers_as_of(as_of = {as_of:Date}) AS p ON p.village_code = c.village_code
        INNER JOIN (
            SELECT child_id, mapFromArrays(groupArray(topic), groupArray((value, since, last))) AS m
            FROM child_topics_as_of(as_of = {as_of:Date}) GROUP BY child_id
        ) AS t ON t.child_id = c.child_id
        WHERE c.on_ledger
    ),
    seen_parents AS (
        SELECT *, care('father') AS cf, care('mother') AS cm, life('father') AS lf, life('mother') AS lm,
            under(16) AS u16, under(18) AS u18, m['hukou'].1 AS hukou, m['income'].1 AS income,
            m['health'].1 AS health, m['hukou_county'].1 AS home, lacking(cf, cm, '?', '') AS care_lacks,
            lacking(lf, lm, '?', '') AS life_lacks, [lf, lm] AS lives
        FROM base
    ),
    decided AS (
        SELECT child_id, village_code, categories, m, arrayJoin([
            ('left_behind_child', verdict(NOT u16 OR hukou IN ('urban', 'other') OR cf = 'H' OR cm = 'H'
                    OR (cf = 'U' AND cm = 'U'),
                arrayConcat(if(hukou = 'rural', []::Array(String), ['hukou']), care_lacks), 1),
                arrayConcat(['hukou'], family)),
            ('orphan', verdict(NOT u18 OR arrayExists(l -> l NOT IN ('L', '?'), lives), life_lacks, 1), family),
            ('de_facto_unsupported', verdict(NOT u18 OR has(lives, 'N') OR (lf = 'L' AND lm = 'L'),
                arrayConcat(life_lacks, lacking(lf, lm, 'T', '.term')),
                NOT has(lives, 'D') OR has(lives, 'L') OR n['deported_both'] > 0), family),
            ('family_poverty', verdict(NOT u18 OR income = 'none',
                if(income IN ('subsistence', 'destitute'), []::Array(String),
                    [if(income = '', 'income', 'difficulty')]), 1), ['income']),
            ('own_disability', verdict(NOT u18,
                if(mapContains(m, 'certificate') OR health != '', []::Array(String), ['disability']),
                mapContains(m, 'certificate') OR startsWith(health, 'disabled/')), ['certificate', 'health']),
            ('serious_illness', verdict(NOT u18, if(health = '', ['health'], []::Array(String)),
                startsWith(health, 'serious/')), ['health']),
            ('guardianship_failure', verdict(NOT u18,
                if(m['factor.guardianship_improper'].1 = 'present' OR m['factor.family_violence'].1 = 'present'
                    OR m['guardian.grade'].1 IN ('good', 'fair'), []::Array(String), ['assessment']),
                m['factor.guardianship_improper'].1 = 'present' OR m['factor.family_violence'].1 = 'present'),
                ['factor.guardianship_improper', 'factor.family_violence', 'guardian.grade']),
            ('migrant_child', verdict(NOT u16 OR (length(home) = 6 AND home = m['residence'].1),
                multiIf(length(home) < 6, ['hukou_county'],
                    addMonths(m['residence'].2, 6) <= today AND mapContains(m, 'reunited'), []::Array(String),
                    ['company']), 1), ['hukou_county', 'residence', 'reunited']),
            ('destitute', verdict(NOT under(n['destitute_age']) OR (income != 'destitute' AND has(lives, 'N')),
                if(income = 'destitute', []::Array(String), arrayConcat(life_lacks, ['support'])), 1),
                arrayConcat(['income'], family)),
            ('census_parent_away', verdict(NOT u18,
                if(arrayExists(p -> m[concat(p, '.away')].1 IN ('work', 'other')
                        AND addMonths(m[concat(p, '.away')].2, 6) <= today, ['father', 'mother']),
                    []::Array(String), arrayFilter(p -> NOT seen(p), ['father', 'mother'])),
                arrayExists(p -> m[concat(p, '.away')].1 IN ('work', 'other')
                        AND addMonths(m[concat(p, '.away')].2, 6) <= today, ['father', 'mother'])), family)
        ]) AS d
        FROM seen_parents
    )
SELECT
    child_id,
    village_code,
    d.1 AS category,
    d.2.1 AS answer,
    d.2.2 AS needs,
    has(categories, d.1) AS held,
    nullIf(arrayMax(k -> m[k].2, d.3), toDate(0)) AS since,
    multiIf(answer = 'yes' AND NOT held, 'added', answer = 'no' AND held, 'removed', '') AS differs,
    m[concat('refused.', differs, '.', category)].3 AS refused_on,
    if(category IN ('destitute', 'census_parent_away')
        OR (refused_on > toDate(0) AND (since IS NULL OR refused_on >= since)), '', differs) AS proposal
FROM decided

-- view category_decisions
SELECT
    child_id,
    village_code, -- where the child lives, 520526100201
    category, -- left_behind_child, orphan, …; census_parent_away is the statistics' own concept
    answer, -- what the rules say: yes, no or needs
    needs, -- what would have to be known: ['mother', 'father.term']
    held, -- 1 the category is on file and not outgrown
    since, -- the latest day on which a fact that it rests on came to hold; NULL = none is known
    differs, -- added or removed: what would make the file agree; empty = it agrees, or facts are lacking
    refused_on, -- the day a human refused that, 1970-01-01 = never
    proposal -- added or removed: for a human to confirm; empty = none
FROM category_decisions_as_of(as_of = toDate(now('Asia/Shanghai')))
