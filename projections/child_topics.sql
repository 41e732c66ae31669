-- One row per child and topic that categories and benefits rest on (认定所依据的情况). Rules T9.1, T9.2, T11.5.
-- from: child.registered.v1, child.moved.v1, child.category_added.v1, child.category_removed.v1,
--  child.health_status_set.v1, school.enrolled.v1, school.left.v1, parent.departed.v1, parent.returned.v1,
--  parent.status_changed.v1, guardian.linked.v1, guardian.assessed.v1, household.income_status_set.v1,
--  disability.certified.v1, migration.child_reunited.v1, category.proposal_refused.v1, risk.factor_recorded.v1

-- table
CREATE TABLE {table} (
    day  Date                COMMENT 'Shanghai day on which it happened, 2026-03-14',
    said Map(String, String) COMMENT 'topic → value: {''income'': ''subsistence''}',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
WITH
    JSONExtractString(data, 'parent') AS parent,
    JSONExtractString(data, 'relation') AS relation,
    JSONExtractString(data, 'category') AS category,
    JSONExtractString(data, 'factor') AS factor
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    CAST(arrayFilter(t -> t.2 != '', multiIf(
        type = 'child.registered.v1', [('hukou', JSONExtractString(data, 'hukou_type')),
            ('hukou_county', left(JSONExtractString(data, 'hukou_division'), 6)),
            ('residence', left(JSONExtractString(data, 'residence_division'), 6))],
        type = 'child.moved.v1', [('residence', left(JSONExtractString(data, 'residence_division'), 6))],
        type = 'parent.departed.v1', [(concat(parent, '.away'),
            if(JSONHas(data, 'reason'), JSONExtractString(data, 'reason'), 'work'))],
        type = 'parent.returned.v1', [(concat(parent, '.away'), 'home')],
        type = 'parent.status_changed.v1', [(concat(parent, '.status'), JSONExtractString(data, 'status'))],
        type = 'guardian.linked.v1' AND relation IN ('father', 'mother'), [(concat(relation, '.capacity'),
            if(JSONHas(data, 'capacity'), JSONExtractString(data, 'capacity'), 'full'))],
        type = 'guardian.assessed.v1', [('guardian.grade', JSONExtractString(data, 'grade'))],
        type = 'household.income_status_set.v1', [('income', JSONExtractString(data, 'status'))],
        type = 'disability.certified.v1', [('certificate',
            concat(JSONExtractString(data, 'type'), '/', toString(JSONExtractUInt(data, 'grade'))))],
        type = 'child.health_status_set.v1', [('health',
            concat(JSONExtractString(data, 'status'), '/', toString(JSONExtractUInt(data, 'disability_grade'))))],
        type = 'school.enrolled.v1', [('school', JSONExtractString(data, 'stage'))],
        type = 'school.left.v1', [('school', 'left')],
        type = 'migration.child_reunited.v1', [('reunited', 'yes')],
        type = 'child.category_added.v1', [(concat('category.', category), 'held')],
        type = 'child.category_removed.v1', [(concat('category.', category), 'removed')],
        type = 'category.proposal_refused.v1',
            [(concat('refused.', JSONExtractString(data, 'change'), '.', category), 'yes')],
        type = 'risk.factor_recorded.v1' AND factor IN ('guardianship_improper', 'family_violence'),
            [(concat('factor.', factor),
                if(JSONHas(data, 'present') AND NOT JSONExtractBool(data, 'present'), 'gone', 'present'))],
        []::Array(Tuple(String, String))
    )), 'Map(String, String)') AS said,
    {envelope}
FROM {events}

-- view child_topics
SELECT
    child_id,
    topic, -- father.status, income, school, …
    turns[-1].2 AS value, -- what holds: imprisoned, subsistence, primary
    turns[arrayLastIndex(t -> t.2 != turns[-1].2, turns) + 1].3 AS since, -- first day of it, without a break
    turns[-1].3 AS last, -- the day it was last said
    turns[-1].4 AS told_by -- the event that said it last
FROM (
    SELECT child_id, topic, arraySort(groupArray((sequence, value, day, event_id))) AS turns
    FROM (
        SELECT child_id, sequence, day, event_id, pair.1 AS topic, pair.2 AS value
        FROM {facts} AS f
        ARRAY JOIN CAST(f.said, 'Array(Tuple(String, String))') AS pair
    )
    GROUP BY child_id, topic
)
