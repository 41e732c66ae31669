-- One row per village and director's failed visits to its children (走访未成督导). Rule T8.6: why, and what is put off.
-- Of the attempts since each child's last visit: domain/duties.py, `again_on`.

-- view visit_supervision_as_of
SELECT
    d.village_code AS village_code,
    toUInt64(count()) AS children,
    toUInt64(countIf(d.attempts > 0)) AS tried,
    toUInt64(sum(d.attempts)) AS attempts,
    toUInt64(countIf(d.again_on IS NOT NULL)) AS put_off,
    toUInt64(countIf(d.attempts > 0 AND d.again_on IS NULL)) AS over_limit,
    toUInt64(countIf(d.attempts > 0 AND d.overdue_days > 0)) AS overdue,
    toUInt64(sum(a.nobody_home)) AS nobody_home,
    toUInt64(sum(a.moved)) AS moved,
    toUInt64(sum(a.refused)) AS refused,
    toUInt64(sum(a.unsafe)) AS unsafe,
    toUInt64(sum(a.weather)) AS weather,
    arraySort(arrayDistinct(arrayFlatten(groupArray(a.workers))))::Array(String) AS directors
FROM duties_as_of(as_of = {as_of:Date}) AS d
LEFT JOIN (
    SELECT t.child_id AS child_id, countIf(t.reason = 'nobody_home') AS nobody_home, countIf(t.reason = 'moved') AS moved,
        countIf(t.reason = 'refused') AS refused, countIf(t.reason = 'unsafe') AS unsafe,
        countIf(t.reason = 'weather') AS weather, groupUniqArray(t.worker_id::String) AS workers
    FROM visit_attempts_as_of(as_of = {as_of:Date}) AS t
    WHERE t.by = 'director' AND t.day > addDays({as_of:Date}, -90)
    GROUP BY child_id
) AS a ON a.child_id = d.child_id
WHERE d.duty = 'director_visit'
GROUP BY village_code

-- view visit_supervision
SELECT
    village_code, -- 520526100201
    children, -- on the ledger
    tried, -- children whose visit was tried and failed since the last one
    attempts, -- days of such attempts, of all of them
    put_off, -- children whose next try is put off
    over_limit, -- children for whom nothing is put off any more: the supervisor's
    overdue, -- children tried, and overdue all the same
    nobody_home, -- attempts of the last 90 days: nobody was home
    moved, -- of those 90 days: the family had moved
    refused, -- of those 90 days: the family refused
    unsafe, -- of those 90 days: it was not safe
    weather, -- of those 90 days: the weather
    directors -- who tried, in those 90 days
FROM visit_supervision_as_of(as_of = toDate(now('Asia/Shanghai')))
