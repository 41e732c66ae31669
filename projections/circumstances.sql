-- One row per fact about a child's home, school, mind or protection (儿童处境). Rules T2, T4, T6, T9 to T11, T18.2.
-- from: household.registered.v1, household.income_status_set.v1, household.disaster_hit.v1,
--  guardian.guidance_given.v1, guardian.admonished_by_committee.v1, guardian.police_reprimanded.v1,
--  guardian.family_education_ordered.v1, procurator.supervision_order_issued.v1, police.warning_letter_issued.v1,
--  protection.measure_taken.v1, temp_guardianship.started.v1, temp_guardianship.ended.v1, case.filed.v1,
--  court.protection_order_issued.v1, school.absence_flagged.v1, dropout.suspected.v1, dropout.confirmed.v1,
--  dropout.returned.v1, dropout.relapsed.v1, mental.screening_completed.v1, mental.counselling_delivered.v1,
--  mental.referral_urged.v1, mental.crisis_recorded.v1, hotline.advised.v1, alert.raised.v1, alert.closed.v1,
--  care_plan.adopted.v1, eligibility.applied.v1, charity.aid_given.v1, pairing.created.v1, pairing.ended.v1,
--  activity.attended.v1, disability.screened.v1

-- table
CREATE TABLE {table} (
    household_id String                 COMMENT 'household registered: children of one house share it, H-7',
    value        LowCardinality(String) COMMENT 'status, band, severity or kind, as the event says: subsistence',
    holds        UInt8                  COMMENT 'severe, founded, suspected or relocated: 1 yes',
    number       UInt32                 COMMENT 'days absent, members of the household, minutes: 5',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, 'household_id') AS household_id,
    JSONExtractString(data, arrayFirst(k -> JSONHas(data, k),
        ['status', 'band', 'severity', 'disaster', 'shortcoming', 'kind', 'measure', 'placement', 'ending'])) AS value,
    JSONExtractBool(data, arrayFirst(k -> JSONHas(data, k), ['severe', 'founded', 'suspected', 'relocated'])) AS holds,
    JSONExtract(data, arrayFirst(k -> JSONHas(data, k), ['days', 'members', 'minutes']), 'UInt32') AS number,
    {envelope}
FROM {events}

-- view circumstances
SELECT * EXCEPT (corrects, sequence) FROM {facts}
