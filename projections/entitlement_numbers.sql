-- One row per village: the numbers of eligibility and payment that hold there (认定与发放的设定).
-- Of the places around, the tightest; as `values_on` of domain/duty_settings.py.

-- view entitlement_numbers_as_of
SELECT village_code, mapFromArrays(groupArray(key), groupArray(value)) AS n FROM (
    SELECT village_code, key, min(value) AS value FROM (
        SELECT v.village_code AS village_code, s.key::String AS key, s.place AS place,
            toInt32(argMaxIf(s.value, s.valid_from, s.valid_from <= {as_of:Date})) AS value
        FROM (SELECT DISTINCT village_code FROM children_as_of(as_of = {as_of:Date})) AS v CROSS JOIN settings_as_of(as_of = {as_of:Date}) AS s
        WHERE startsWith(v.village_code::String, s.place) AND s.valid_from <= {as_of:Date}
            -- a place may shorten a time limit; an age, a grade, a reading of a text are the country's
            AND (s.place = '' OR s.key LIKE '%_days' OR s.key LIKE 'T9.1/%')
            AND s.key IN ('unsupported_months', 'deported_both', 'destitute_age', 'disability_grade',
                'entitlement_days', 'hardship_days', 'pay_days', 'T9.1/accepted', 'T9.1/checked', 'T9.1/decided',
                'T9.1/notified')
        GROUP BY village_code, key, place
    ) GROUP BY village_code, key
) GROUP BY village_code
