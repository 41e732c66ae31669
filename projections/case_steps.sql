-- One row per event that moves a case (办理步骤), without who recorded or sent it. domain/workflows.py.
-- from: report.submitted.v1, report.received.v1, report.transferred.v1, report.accepted.v1,
--  report.investigated.v1, report.disposed.v1, report.feedback_given.v1, care_agreement.signed.v1,
--  care_agreement.delegate_assessed.v1, care_agreement.filed.v1, care_agreement.notice_sent.v1,
--  care_agreement.renewed.v1, care_agreement.ended.v1, care.delegate_replaced.v1, protection.temp_guardianship_assessed.v1,
--  temp_guardianship.started.v1, temp_guardianship.reviewed.v1, temp_guardianship.ended.v1,
--  dropout.suspected.v1, dropout.confirmed.v1, dropout.persuasion_made.v1, dropout.returned.v1,
--  dropout.plan_made.v1, dropout.relapsed.v1, mental.screening_completed.v1, mental.counselling_delivered.v1,
--  mental.referral_urged.v1, mental.medical_visit_confirmed.v1, mental.followup_recorded.v1,
--  eligibility.applied.v1, eligibility.accepted.v1, eligibility.checked.v1, eligibility.confirmed.v1,
--  eligibility.rejected.v1, eligibility.notified.v1, eligibility.assessed.v1, benefit.granted.v1,
--  benefit.paid.v1, benefit.stopped.v1

-- table
CREATE TABLE {table} (
    reference String                 COMMENT 'the case in the sender''s numbering, DO-2026-17; empty: the child''s own',
    mark      LowCardinality(String) COMMENT 'what it says that a move may ask for: fit, met, suspected_illness',
    until     Nullable(Date)         COMMENT 'agreement signed, renewed: its last day, NULL = open',
    {envelope}
) ENGINE = MergeTree ORDER BY (child_id, occurred_at)

-- select
SELECT
    JSONExtractString(data, arrayFirst(k -> JSONHas(data, k), ['agreement_id', 'report_id', 'dropout_id',
        'application_id', 'benefit_id'])) AS reference,
    multiIf(
        type = 'care_agreement.delegate_assessed.v1', if(JSONLength(data, 'disqualifiers') > 0, 'unfit', 'fit'),
        type = 'protection.temp_guardianship_assessed.v1', if(JSONExtractBool(data, 'met'), 'met', 'not_met'),
        type = 'temp_guardianship.reviewed.v1', if(JSONExtractBool(data, 'go_on'), 'go_on', 'stop'),
        type = 'mental.screening_completed.v1', JSONExtractString(data, 'band'),
        type = 'eligibility.assessed.v1', JSONExtractString(data, 'result'), '') AS mark,
    toDateOrNull(JSONExtractString(data, 'end')) AS until,
    {envelope}
FROM {events}

-- view case_steps
SELECT
    child_id,
    reference,
    type,
    toDate(occurred_at, 'Asia/Shanghai') AS day, -- Shanghai day of the step
    mark,
    until,
    occurred_at,
    recorded_at,
    position,
    event_id
FROM {facts}
