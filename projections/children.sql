-- One row per child: the file as it stands (儿童档案). Rules T8.1, T8.7, T8.8, T8.10.
-- from: child.registered.v1, child.category_added.v1, child.category_removed.v1,
--  risk.factor_recorded.v1, risk.tier_set.v1, visit_plan.set.v1, child.moved.v1,
--  school.enrolled.v1, school.left.v1, child.health_status_set.v1, child.left_ledger.v1,
--  child.returned_to_ledger.v1, child.forgotten.v1

-- table
CREATE TABLE {table} (
    sex                 LowCardinality(String) COMMENT 'registered: male or female',
    birth_month         Date                   COMMENT 'registered: first day of it, 2015-03-01',
    ethnicity           LowCardinality(String) COMMENT 'registered: national code, 01',
    hukou_type          LowCardinality(String) COMMENT 'registered: rural, urban, other, none',
    village_code        LowCardinality(String) COMMENT 'registered or moved: 520526100201',
    category            LowCardinality(String) COMMENT 'category added or removed: orphan',
    factor              LowCardinality(String) COMMENT 'risk factor recorded: single_parent',
    present             UInt8                  COMMENT 'category or factor: 1 it holds, 0 no more',
    tier                LowCardinality(String) COMMENT 'tier set: red, yellow, blue or green',
    health              LowCardinality(String) COMMENT 'health status set: chronic',
    disability_grade    UInt8                  COMMENT 'with health disabled: 1 worst to 4; 0 none',
    school_code         String                 COMMENT 'enrolled or left: S-520526-01',
    school_stage        LowCardinality(String) COMMENT 'enrolled: primary',
    grade               UInt8                  COMMENT 'enrolled: 0 to 12',
    boarding            UInt8                  COMMENT 'enrolled: 1 boards there',
    visit_interval_days Nullable(UInt16)       COMMENT 'own visit plan in days, 14',
    reason              LowCardinality(String) COMMENT 'left school or ledger: dropped_out',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'sex') AS sex,
    toStartOfMonth(toDateOrZero(JSONExtractString(data, 'birth_date'))) AS birth_month,
    JSONExtractString(data, 'ethnicity') AS ethnicity,
    JSONExtractString(data, 'hukou_type') AS hukou_type,
    JSONExtractString(data, 'residence_division') AS village_code,
    JSONExtractString(data, 'category') AS category,
    JSONExtractString(data, 'factor') AS factor,
    multiIf(type = 'child.category_added.v1', 1, type = 'risk.factor_recorded.v1',
        if(JSONHas(data, 'present'), JSONExtractBool(data, 'present'), 1), 0) AS present,
    JSONExtractString(data, 'tier') AS tier,
    JSONExtractString(data, 'status') AS health,
    JSONExtract(data, 'disability_grade', 'UInt8') AS disability_grade,
    JSONExtractString(data, 'school_code') AS school_code,
    JSONExtractString(data, 'stage') AS school_stage,
    JSONExtract(data, 'grade', 'UInt8') AS grade,
    JSONExtractBool(data, 'boarding') AS boarding,
    JSONExtract(data, 'interval_days', 'Nullable(UInt16)') AS visit_interval_days,
    JSONExtractString(data, 'reason') AS reason,
    {envelope}
FROM {events}

-- view children
WITH
    type = 'child.registered.v1' AS registers,
    type IN ('child.registered.v1', 'child.returned_to_ledger.v1', 'child.left_ledger.v1') AS turns,
    type IN ('school.enrolled.v1', 'school.left.v1') AS schools,
    type = 'school.enrolled.v1' AS enrols,
    type = 'child.health_status_set.v1' AS sets_health,
    arraySort(groupArrayIf((sequence, category, present), category != '')) AS category_turns,
    arraySort(groupArrayIf((sequence, factor, present), factor != '')) AS factor_turns,
    -- by age, as domain/ageing.py: to the end of the month of the sixteenth or eighteenth birthday
    ((born, years) -> toDate32(addMonths(born, 12 * years + 1))) AS over_on,
    (c -> if(c IN ('left_behind_child', 'migrant_child'), 16, 18)) AS age_limit,
    arraySort(arrayFilter(c -> arrayLast(t -> t.2 = c, category_turns).3 = 1,
        arrayDistinct(category_turns.2))) AS on_file,
    argMaxIf(type, sequence, turns) != 'child.left_ledger.v1' AS kept
SELECT
    child_id,
    argMaxIf(f.sex, sequence, registers) AS sex,
    argMaxIf(f.birth_month, sequence, registers) AS birth_month,
    argMaxIf(f.ethnicity, sequence, registers) AS ethnicity,
    argMaxIf(f.hukou_type, sequence, registers) AS hukou_type,
    argMaxIf(f.village_code, sequence, f.village_code != '') AS village_code,
    arrayFilter(c -> {day} < over_on(birth_month, age_limit(c)), on_file)::Array(String)
        AS categories, -- on file and not outgrown: ['left_behind_child']
    arraySort(arrayFilter(c -> arrayLast(t -> t.2 = c, factor_turns).3 = 1,
        arrayDistinct(factor_turns.2)))::Array(String) AS risk_factors, -- present now: ['single_parent']
    argMaxIf(f.tier, sequence, f.tier != '') AS tier,
    argMaxIf(f.health, sequence, sets_health) AS health,
    argMaxIf(f.disability_grade, sequence, sets_health) AS disability_grade,
    argMaxIf(f.school_code, sequence, schools) AS school_code,
    argMaxIf(f.school_stage, sequence, enrols) AS school_stage,
    argMaxIf(f.grade, sequence, enrols) AS grade,
    argMaxIf(f.boarding, sequence, enrols) AS boarding,
    toUInt8(argMaxIf(type, sequence, schools) = 'school.enrolled.v1') AS in_school, -- 1 enrolled now
    argMaxIf(f.visit_interval_days, sequence, type = 'visit_plan.set.v1') AS visit_interval_days,
    least(over_on(birth_month, 18), if(empty(on_file), toDate32('2299-12-31'),
        arrayMax(c -> over_on(birth_month, age_limit(c)), on_file))) AS aged_out_on, -- first day too old for it all
    toUInt8(kept AND {day} < aged_out_on) AS on_ledger, -- 1 on it now
    multiIf(on_ledger, '', kept, 'aged_out', argMaxIf(f.reason, sequence, turns)) AS left_reason, -- why off it: aged_out
    minIf(occurred_at, registers) AS registered_at, -- when it was registered
    multiIf(on_ledger, NULL, kept, toDateTime64(aged_out_on, 6, 'Asia/Shanghai'),
        maxIf(occurred_at, type = 'child.left_ledger.v1'))::Nullable(DateTime64(6, 'UTC')) AS left_at, -- since when off it
    toUInt8(countIf(type = 'child.forgotten.v1') > 0) AS forgotten, -- 1 personal data erased
    max(position) AS last_position -- log position of the latest fact of the file
FROM {facts} AS f
GROUP BY child_id
HAVING countIf(registers) > 0
