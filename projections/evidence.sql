-- One row per event that the register of rules names (规则所看的事件). domain/rules/register.py.
-- from: accident.recorded.v1, activity.attended.v1, activity.held.v1, advice.issued.v1, advice.replied.v1,
--  alert.raised.v1, annual_report.submitted.v1, audit.completed.v1, benefit.granted.v1,
--  care.deficiency_found.v1, care.delegate_replaced.v1, care.delegate_supported.v1, care.parent_notified.v1,
--  care_agreement.delegate_assessed.v1, care_agreement.notice_sent.v1, care_agreement.signed.v1,
--  care_plan.adopted.v1, case.filed.v1, census.village_completed.v1, charity.aid_given.v1, child.registered.v1,
--  children_home.demo_designated.v1, children_home.registered.v1, children_home.service_delivered.v1,
--  court.guardianship_revocation_applied.v1, court.guardianship_revocation_decided.v1,
--  court.protection_order_applied.v1, court.protection_order_denied.v1, court.protection_order_issued.v1,
--  data_match.run.v1, disability.certified.v1, disability.diagnosed.v1, disability.rehab_started.v1,
--  disability.screened.v1, disability.treated.v1, dropout.confirmed.v1, dropout.persuasion_made.v1,
--  dropout.plan_made.v1, dropout.relapsed.v1, dropout.report_submitted.v1, dropout.returned.v1,
--  eligibility.assessed.v1, employment.service_delivered.v1, employment.training_completed.v1,
--  family_education.session_held.v1, file.opened.v1, guardian.admonished_by_committee.v1,
--  guardian.family_education_ordered.v1, guardian.guidance_given.v1, guardian.police_reprimanded.v1,
--  hazard.found.v1, hazard.inspected.v1, hazard.resolved.v1, hotline.advised.v1,
--  inspection.done.v1, institution.inspection_recorded.v1,
--  institution.registered.v1, institution.rehab_designated.v1, institution.resource_allocated.v1,
--  institution.status_changed.v1, institution.upgrade_completed.v1, legal_publicity.case_published.v1,
--  legal_publicity.visit_made.v1, lodging.minor_checkin_recorded.v1, mental.community_rehab_enrolled.v1,
--  mental.counselling_delivered.v1, mental.file_opened.v1, mental.followup_recorded.v1,
--  mental.ledger_entry_added.v1, mental.medical_visit_confirmed.v1, mental.referral_urged.v1,
--  mental.screening_completed.v1, migration.child_reunited.v1, national_system.synced.v1, need.matched.v1,
--  network.disposed.v1, network.guardian_guided.v1, network.incident_reported.v1,
--  network.mechanism_established.v1, network.violation_handled.v1, org.commended.v1, org.engaged.v1,
--  orphan_transition.measure_recorded.v1, pairing.created.v1, parent_school.session_held.v1,
--  plan.responsibility_table_submitted.v1, police.warning_letter_issued.v1, priority_list.adopted.v1,
--  problem.found.v1, problem.resolved.v1, procurator.public_interest_filed.v1, procurator.suit_supported.v1,
--  procurator.supervision_order_issued.v1, protection.measure_taken.v1,
--  protection.temp_guardianship_assessed.v1, publicity.published.v1, rehab.service_delivered.v1,
--  report.accepted.v1, report.disposed.v1, report.feedback_given.v1, report.investigated.v1,
--  report.received.v1, report.submitted.v1, report.transferred.v1, risk.factor_recorded.v1,
--  school.boarding_assigned.v1, school.legal_vice_principal_assigned.v1, school.phone_policy_set.v1,
--  school.public_enrolled.v1, school.registered.v1, stage_report.submitted.v1, supervision.recorded.v1,
--  teacher.psych_training_completed.v1, temp_guardianship.started.v1, training.attended.v1, training.held.v1,
--  visit.completed.v1, volunteer.project_started.v1, water_site.equipped.v1, water_site.patrolled.v1,
--  water_site.registered.v1, worker.addition_recommended.v1, worker.appointed.v1, worker.duty_list_issued.v1,
--  worker.evaluated.v1, worker.qualification_checked.v1, worker.subsidy_paid.v1, worker.synced.v1,
--  worker.training_file_opened.v1

-- table
CREATE TABLE {table} (
    day       Date                                   COMMENT 'Shanghai day on which it happened, 2026-03-14',
    reference String                                 COMMENT 'what it is about, in the sender''s numbering: DO-2026-17',
    subjects  Map(LowCardinality(String), String)    COMMENT 'whom it is about: {''school'': ''S520526100-PR1''}',
    marks     Array(LowCardinality(String))          COMMENT 'its values that a rule asks about: [''level=prefecture'']',
    {envelope}
) ENGINE = MergeTree ORDER BY (type, child_id, occurred_at)

-- select
SELECT
    toDate(occurred_at, 'Asia/Shanghai') AS day,
    JSONExtractString(data, arrayFirst(k -> JSONHas(data, k), ['agreement_id', 'report_id', 'problem_id',
        'benefit_id', 'dropout_id', 'referral_id', 'guardianship_id', 'case_id', 'advice_id', 'application_id',
        'hazard_id', 'incident_id', 'alert_id', 'pairing_id', 'school_code', 'site_id', 'home_id',
        'institution_id', 'worker_id'])) AS reference,
    CAST(arrayFilter(s -> s.2 != '', [
        ('school', JSONExtractString(data, 'school_code')),
        ('water_site', JSONExtractString(data, 'site_id')),
        ('children_home', JSONExtractString(data, 'home_id')),
        ('institution', JSONExtractString(data, 'institution_id')),
        ('director', JSONExtractString(data, 'worker_id'))
    ]), 'Map(LowCardinality(String), String)') AS subjects,
    arrayMap(m -> concat(m.1, '=', trim(BOTH '"' FROM m.2)), arrayFilter(m -> m.1 IN (
        'band', 'brought_in', 'by', 'checked_id', 'factor', 'finding', 'guardian_contacted', 'host',
        'in_class', 'kind', 'left_behind_woman', 'level', 'life_ring', 'mechanism', 'met', 'mode',
        'partner', 'patrolled', 'pole', 'position', 'present', 'relation_asked', 'result', 'rope',
        'run_by_committee', 'stage', 'status', 'supervised', 'suspected', 'suspicion_handled', 'theme',
        'to', 'type', 'warning_sign'
    ), JSONExtractKeysAndValuesRaw(data))) AS marks,
    {envelope}
FROM {events}

-- view evidence
SELECT * EXCEPT (corrects, sequence) FROM {facts}
