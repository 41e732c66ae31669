-- One row per number of a rule, place and day from which it holds (各项标准): ours, and what places tightened.
-- Where several hold at a place, the tightest counts: domain/duty_settings.py, values_on.

-- view settings_as_of
SELECT rule, key, value, unit, place, valid_from, is_law, '' AS set_by, toDateTime64(0, 6, 'UTC') AS set_at
FROM duty_settings
UNION ALL
SELECT t.rule, t.key, t.value, d.unit, t.area, t.valid_from, toUInt8(0), t.actor::String, t.recorded_at
FROM tightened_settings_as_of(as_of = {as_of:Date}) AS t
LEFT ANY JOIN duty_settings AS d ON d.key = t.key

-- view settings
SELECT
    rule, -- T8.6
    key, -- which number of the rule, visit_months
    value, -- the longest interval allowed, 3
    unit, -- calendar_months, months, days, weeks or times
    place AS area, -- where it holds: a code prefix, empty = everywhere
    valid_from, -- from which day on
    is_law, -- 1 = law, 0 = of this platform or a place
    set_by, -- who tightened it, empty = ours
    set_at -- when that was recorded
FROM settings_as_of(as_of = toDate(now('Asia/Shanghai')))
