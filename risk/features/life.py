"""Home, school, mind, protection, as other departments record it. Rules T2, T4, T6, T9 to T11."""

from __future__ import annotations

from risk.feature import (
    counted_over,
    days_since,
    ever,
    latest,
    made_of,
    summed_over,
)
from risk.sources import LIFE, REGISTERED

_INCOME = "type = 'household.income_status_set.v1'"
_HOUSE = "type = 'household.registered.v1'"
_ABSENT = "type = 'school.absence_flagged.v1'"
_DROPOUT = "type IN ('dropout.suspected.v1', 'dropout.confirmed.v1', 'dropout.relapsed.v1')"
_SCREENED = "type = 'mental.screening_completed.v1'"
_BANDS = "transform(value, ['attention', 'needs_counselling', 'suspected_illness'], [1, 2, 3], 0)"
_BAND_WORDS = ("关注", "需辅导", "疑似疾病")
_PAIRS = "type IN ('pairing.created.v1', 'pairing.ended.v1')"
_WARNED = (
    "type IN ('guardian.police_reprimanded.v1', 'guardian.family_education_ordered.v1',"
    " 'procurator.supervision_order_issued.v1', 'police.warning_letter_issued.v1')"
)
_PROTECTED = (
    "type IN ('protection.measure_taken.v1', 'temp_guardianship.started.v1',"
    " 'court.protection_order_issued.v1')"
)
_GUARDED = "type IN ('temp_guardianship.started.v1', 'temp_guardianship.ended.v1')"

_HOME = (
    made_of(LIFE, "income_poor", "低保特困或防返贫", "flag", "poverty",
            latest("value NOT IN ('', 'none')", _INCOME), "家庭属低保、特困或防返贫监测",
            direction=1, when=_INCOME),
    made_of(LIFE, "house_members", "家庭人口", "count", "house", latest("number", _HOUSE),
            "家庭人口{v}人", when=_HOUSE),
    made_of(LIFE, "relocated", "易地搬迁户", "flag", "house", latest("holds", _HOUSE),
            "属易地搬迁户", when=_HOUSE),
    *counted_over(LIFE, "disasters", "{s}家庭受灾次数", "disaster", (730,),
                  "type = 'household.disaster_hit.v1'", "{s}家庭受灾{v}次", direction=1),
    *counted_over(LIFE, "applications", "{s}申请救助次数", "asked", (365,),
                  "type = 'eligibility.applied.v1'", "{s}申请救助{v}次", direction=1),
    *counted_over(LIFE, "charity", "{s}慈善帮扶次数", "help", (365,),
                  "type = 'charity.aid_given.v1'", "{s}获慈善帮扶{v}次"),
)  # fmt: skip

_SCHOOL = (
    *counted_over(LIFE, "absences", "{s}缺课预警次数", "school", (90, 365), _ABSENT,
                  "{s}缺课预警{v}次", direction=1),
    *summed_over(LIFE, "absent_days", "{s}缺课天数", "school", (365,), f"number * ({_ABSENT})",
                 "{s}缺课{v}天", direction=1),
    *counted_over(LIFE, "dropout_steps", "{s}疑似或确认辍学次数", "school", (730,), _DROPOUT,
                  "{s}{v}次疑似或确认辍学", direction=1),
    *counted_over(LIFE, "activities", "{s}参加活动次数", "joins", (365,),
                  "type = 'activity.attended.v1'", "{s}参加活动{v}次"),
    made_of(LIFE, "paired", "有人结对帮扶", "flag", "joins",
            latest("type = 'pairing.created.v1'", _PAIRS), "有人结对帮扶", when=_PAIRS),
)  # fmt: skip

_MIND = (
    made_of(LIFE, "screening_band", "心理测评结果", "level", "psychology",
            latest(_BANDS, _SCREENED), "心理测评结果为{w}", words=_BAND_WORDS, direction=1,
            when=_SCREENED),
    made_of(LIFE, "screening_worst_730", "近两年最重心理测评结果", "level", "psychology",
            f"maxIf({_BANDS}, {_SCREENED} AND occurred_at >= t - INTERVAL 730 DAY)",
            "近两年心理测评曾为{w}", words=_BAND_WORDS, direction=1, when=_SCREENED),
    days_since(LIFE, "days_since_screening", "距上次心理测评天数", "psychology", _SCREENED,
               "已{v}天未做心理测评", REGISTERED),
    *counted_over(LIFE, "counselling", "{s}心理辅导次数", "psychology", (365,),
                  "type = 'mental.counselling_delivered.v1'", "{s}心理辅导{v}次", direction=1),
    *counted_over(LIFE, "referrals", "{s}督促就医次数", "psychology", (730,),
                  "type = 'mental.referral_urged.v1'", "{s}督促就医{v}次", direction=1),
    *counted_over(LIFE, "crises", "{s}心理危机次数", "psychology", (365, 730),
                  "type = 'mental.crisis_recorded.v1'", "{s}心理危机{v}次", direction=1),
    *counted_over(LIFE, "hotlines", "{s}提示热线次数", "asked", (365,),
                  "type = 'hotline.advised.v1'", "{s}获提示求助热线{v}次", direction=1),
    ever(LIFE, "disability_suspected", "筛查疑似残疾", "health",
         "type = 'disability.screened.v1' AND holds", "筛查疑似残疾", direction=1),
)  # fmt: skip

_GUARD = (
    *counted_over(LIFE, "guidance", "{s}督促指导监护人次数", "guidance", (365,),
                  "type = 'guardian.guidance_given.v1'", "{s}督促指导监护人{v}次"),
    *counted_over(LIFE, "admonitions", "{s}劝诫监护人次数", "guidance", (365, 730),
                  "type = 'guardian.admonished_by_committee.v1'", "{s}劝诫监护人{v}次",
                  direction=1),
    ever(LIFE, "guardian_warned_ever", "监护人曾被训诫告诫", "guidance", _WARNED,
         "监护人曾被训诫、告诫或责令接受指导", direction=1),
    *counted_over(LIFE, "protections", "{s}采取保护措施次数", "violence", (365, 730), _PROTECTED,
                  "{s}采取保护措施{v}次", direction=1),
    ever(LIFE, "case_ever", "曾立案", "violence", "type = 'case.filed.v1'", "曾有侵害立案",
         direction=1),
    made_of(LIFE, "under_temp_guardianship", "正在临时监护", "flag", "guardianship",
            latest("type = 'temp_guardianship.started.v1'", _GUARDED), "正由民政部门临时监护",
            when=_GUARDED),
    *counted_over(LIFE, "alerts", "{s}预警次数", "alerts", (180, 365),
                  "type = 'alert.raised.v1'", "{s}预警{v}次", direction=1),
    ever(LIFE, "alert_founded_ever", "曾有预警属实", "alerts",
         "type = 'alert.closed.v1' AND holds", "曾有预警经核属实", direction=1),
    *counted_over(LIFE, "care_plans", "{s}制定帮扶措施次数", "help", (365,),
                  "type = 'care_plan.adopted.v1'", "{s}制定帮扶措施{v}次"),
)  # fmt: skip

LIFE_FEATURES = (*_HOME, *_SCHOOL, *_MIND, *_GUARD)
