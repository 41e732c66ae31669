"""What is known of a child by a day: the features, in the field's words.

Sex and ethnicity are not among them and never will be: help must not hang on them. Season, age and
the rate of the village around are, but season is no reason to give to anyone.
"""

from __future__ import annotations

from risk.feature import Feature, counted, days_from, days_since, latest, made_of, part
from risk.sources import (
    ABSENCES,
    AGE,
    AGREEMENTS,
    ATTEMPTS,
    BORN,
    CALLS,
    CONTACTS,
    DAY,
    FILE,
    GUARDIANS,
    PROBLEMS,
    REGISTERED,
    REPORTS,
    STATUSES,
    SUBSIDIES,
    VISITS,
)


def _category(category: str) -> str:
    return latest("present", f"category = '{category}'")


def _factor(factor: str) -> str:
    return latest("present", f"factor = '{factor}'")


_TIER_SET = "type = 'risk.tier_set.v1'"
_HEALTH_SET = "type = 'child.health_status_set.v1'"
_SCHOOLED = "type IN ('school.enrolled.v1', 'school.left.v1')"
_DROPPED = "type = 'school.left.v1' AND reason = 'dropped_out'"
_GRADE = latest("grade", "grade != ''")
_CAPACITY = latest("capacity", "1")
_RELATION = latest("relation", "relation != ''")

FILE_FEATURES = (
    Feature("age", "年龄", "number", "age", (BORN,), AGE),
    Feature("small_child", "未满六岁", "flag", "age", (BORN,), f"{AGE} < 6", "年龄未满6岁"),
    Feature("teenager", "年满十二岁", "flag", "age", (BORN,), f"{AGE} >= 12", "已满12岁"),
    Feature(
        "days_on_ledger", "在册天数", "days", "ledger", (REGISTERED,), days_from("p_registered_at")
    ),
    made_of(FILE, "tier", "风险等级", "level", "tier",
            f"transform({latest('tier', _TIER_SET)}, ['blue', 'yellow', 'red'], [1, 2, 3], 0)",
            "风险等级为{w}", words=("蓝", "黄", "红"), direction=1),
    made_of(FILE, "left_behind", "农村留守儿童", "flag", "category",
            _category("left_behind_child"), "属农村留守儿童"),
    made_of(FILE, "poverty", "家庭贫困", "flag", "poverty", _category("family_poverty"),
            "家庭贫困", direction=1),
    made_of(FILE, "unguarded", "认定监护缺失或不当", "flag", "guardianship",
            _category("guardianship_failure"), "已认定监护缺失或不当", direction=1),
    made_of(FILE, "de_facto", "事实无人抚养或孤儿", "flag", "category",
            f"greatest({_category('de_facto_unsupported')}, {_category('orphan')})",
            "属事实无人抚养儿童或孤儿"),
    made_of(FILE, "psychological", "心理或行为异常", "flag", "psychology",
            _factor("psychological_abnormality"), "有心理或行为异常记录", direction=1),
    made_of(FILE, "single_parent", "单亲家庭", "flag", "parents", _factor("single_parent"),
            "单亲家庭"),
    made_of(FILE, "family_violence", "家庭暴力", "flag", "violence", _factor("family_violence"),
            "有家庭暴力记录", direction=1),
    made_of(FILE, "guardianship_improper", "监护不当因素", "flag", "guardianship",
            _factor("guardianship_improper"), "有监护缺失或不当记录", direction=1),
    made_of(FILE, "truancy", "厌学逃学", "flag", "school", _factor("truancy"), "有厌学逃学记录",
            direction=1),
    made_of(FILE, "ill", "患病或体弱", "flag", "health",
            latest("health IN ('chronic', 'serious', 'weak')", _HEALTH_SET), "患病或体弱"),
    made_of(FILE, "disability", "残疾程度", "level", "health",
            latest("if(disability_grade = 0, 0, 5 - disability_grade)", _HEALTH_SET),
            "身有{w}残疾", words=("四级", "三级", "二级", "一级")),
    made_of(FILE, "dropped_out", "辍学", "flag", "school", latest(_DROPPED, _SCHOOLED),
            "已辍学", direction=1),
    made_of(FILE, "boarding", "寄宿", "flag", "school", latest("boarding", _SCHOOLED), "在校寄宿"),
)  # fmt: skip

# --- who cares for the child -------------------------------------------------------------------

_PARENT_AWAY = "type = 'parent.departed.v1'"
_SIGNED = "type = 'care_agreement.signed.v1'"
_AGREEMENT_TURN = (
    "type IN ('care_agreement.signed.v1', 'care_agreement.ended.v1', 'care.delegate_replaced.v1')"
)
_UNFIT = "type = 'care.deficiency_found.v1'"
_UNABLE = "status NOT IN ('', 'normal', 'divorced')"
FATHER_AWAY = part(ABSENCES, "father_away", latest(_PARENT_AWAY, "parent = 'father'"))
MOTHER_AWAY = part(ABSENCES, "mother_away", latest(_PARENT_AWAY, "parent = 'mother'"))
LEFT_AT = part(ABSENCES, "left_at", f"maxIf(occurred_at, {_PARENT_AWAY})")
AGREED = part(AGREEMENTS, "agreed", latest(_SIGNED, _AGREEMENT_TURN))
AGREED_UNTIL = part(
    AGREEMENTS, "agreed_until", latest("ifNull(end_date, toDate('2149-06-06'))", _SIGNED)
)
FATHER_UNABLE = part(STATUSES, "father_unable", latest(_UNABLE, "parent = 'father'"))
MOTHER_UNABLE = part(STATUSES, "mother_unable", latest(_UNABLE, "parent = 'mother'"))
BOTH_GONE = "(p_father_away OR p_father_unable) AND (p_mother_away OR p_mother_unable)"
PARENTS = (FATHER_AWAY, MOTHER_AWAY, FATHER_UNABLE, MOTHER_UNABLE)

CARE_FEATURES = (
    Feature("both_away", "父母双方均不在身边", "flag", "parents", PARENTS, BOTH_GONE,
            "父母双方均不在身边", direction=1),
    Feature("father_away", "父亲外出", "flag", "parents", (FATHER_AWAY,),
            "p_father_away", "父亲外出"),
    Feature("mother_away", "母亲外出", "flag", "parents", (MOTHER_AWAY,),
            "p_mother_away", "母亲外出"),
    Feature("parents_unable", "不能履职的父母人数", "level", "unable", PARENTS,
            "p_father_unable + p_mother_unable", "父母{w}不能履行监护职责", words=("一方", "双方")),
    Feature("away_days", "父母外出天数", "days", "departure", (*PARENTS, LEFT_AT),
            f"if(p_father_away OR p_mother_away, {days_from('p_left_at')}, 0)", "父母外出已{v}天"),
    Feature("just_left", "父母刚外出", "flag", "departure", (*PARENTS, LEFT_AT),
            f"(p_father_away OR p_mother_away) AND {days_from('p_left_at')} < 60",
            "父母外出未满两个月"),
    made_of(ABSENCES, "departures_365", "近一年父母外出次数", "count", "departure",
            counted(365, _PARENT_AWAY)),
    made_of(GUARDIANS, "carers", "登记照料人数", "count", "carer",
            "uniqIf(guardian_id, relation != '')", low="没有登记照料人"),
    made_of(GUARDIANS, "other_carer", "由非祖辈照料", "flag", "carer",
            f"{_RELATION} NOT IN ('', 'paternal_grandparent', 'maternal_grandparent')",
            "由非祖辈的他人照料"),
    made_of(GUARDIANS, "carer_capacity", "照料能力", "level", "carer",
            f"transform({_CAPACITY}, ['limited', 'none'], [1, 2], 0)", "照料人{w}",
            words=("监护能力不足", "无监护能力"), direction=1),
    made_of(GUARDIANS, "care_grade", "照料评估", "level", "carer",
            f"transform({_GRADE}, ['fair', 'poor'], [1, 2], 0)", "照料情况评估为{w}",
            words=("一般", "差"), direction=1),
    Feature("unentrusted", "双方不在而无委托照护协议", "flag", "agreement",
            (*PARENTS, AGREED, AGREED_UNTIL),
            f"({BOTH_GONE}) AND NOT (p_agreed AND p_agreed_until >= {DAY})",
            "父母均不在身边且无有效委托照护协议", direction=1),
    made_of(AGREEMENTS, "unfit_365", "近一年被委托人不适合次数", "count", "agreement",
            counted(365, _UNFIT), "近一年{v}次发现被委托人不适合", direction=1),
)  # fmt: skip

# --- what was seen and heard --------------------------------------------------------------------

_RESOLVED = "type = 'problem.resolved.v1'"
_FOUND = "type = 'problem.found.v1'"
_SERIOUS = f"{_FOUND} AND severity IN ('serious', 'urgent')"
_SUBMITTED = "type = 'report.submitted.v1'"
_WITH_CHILD = "leg = 'child'"
_MARKS = "[living, guardianship, schooling, health, psychology, safety, internet]"
_LAST_CALL = part(CALLS, "days_since_call", f"maxIf(occurred_at, {_WITH_CHILD})")
_NEAR = days_from("greatest(p_days_since_call, p_left_at)")

SEEN_FEATURES = (
    made_of(VISITS, "visits_90", "近90天走访次数", "count", "visits", counted(90)),
    made_of(VISITS, "visits_365", "近一年走访次数", "count", "visits", counted(365)),
    days_since(VISITS, "days_since_visit", "距上次走访天数", "visits", "1",
               "已{v}天未入户走访", REGISTERED),
    made_of(VISITS, "asked_visits_365", "近一年应请求走访次数", "count", "signs",
            counted(365, "selection = 'request'"), "近一年{v}次应请求走访", direction=1),
    made_of(VISITS, "concerns_180", "近半年走访关注点数", "count", "signs",
            "sumIf(length(concerns), occurred_at >= t - INTERVAL 180 DAY)",
            "近半年走访发现{v}处需关注", direction=1),
    made_of(VISITS, "concerns_730", "近两年走访关注点数", "count", "signs",
            "sum(length(concerns))", "近两年走访发现{v}处需关注", direction=1),
    made_of(VISITS, "concerns_last", "上次走访关注点数", "count", "signs",
            latest("length(concerns)", "1"), "上次走访发现{v}处需关注", direction=1),
    made_of(VISITS, "unsafe_365", "近一年有危险项数", "count", "unsafe",
            f"sumIf(countEqual({_MARKS}, 'unsafe'), occurred_at >= t - INTERVAL 365 DAY)",
            "近一年走访发现{v}处有危险", direction=1),
    made_of(VISITS, "care_concerns_365", "近一年监护关注次数", "count", "guardianship",
            counted(365, "guardianship IN ('concern', 'unsafe')"),
            "近一年走访{v}次发现监护需关注", direction=1),
    made_of(VISITS, "mind_concerns_365", "近一年心理关注次数", "count", "psychology",
            counted(365, "psychology IN ('concern', 'unsafe')"),
            "近一年走访{v}次发现心理需关注", direction=1),
    made_of(VISITS, "unseen_180", "近半年走访未见到儿童次数", "count", "unseen",
            counted(180, "NOT child_seen"), "近半年{v}次走访未见到儿童"),
    made_of(ATTEMPTS, "failed_180", "近半年走访未成次数", "count", "unseen", counted(180),
            "近半年{v}次走访未成"),
    made_of(CONTACTS, "contacts_90", "近90天联系次数", "count", "contacts", counted(90)),
    days_since(CONTACTS, "days_since_contact", "距上次联系天数", "contacts", "1",
               "已{v}天未联系", REGISTERED),
    made_of(CALLS, "calls_30", "近30天亲情联系次数", "count", "calls", counted(30, _WITH_CHILD)),
    made_of(CALLS, "calls_180", "近半年亲情联系次数", "count", "calls", counted(180, _WITH_CHILD)),
    Feature("days_since_call", "父母外出后未联系天数", "days", "calls",
            (*PARENTS, LEFT_AT, _LAST_CALL),
            f"if(p_father_away OR p_mother_away, {_NEAR}, 0)", "父母已{v}天未与孩子联系"),
    made_of(PROBLEMS, "problems_365", "近一年发现问题数", "count", "history", counted(365, _FOUND),
            "近一年发现{v}个问题", direction=1),
    made_of(PROBLEMS, "serious_365", "近一年严重问题数", "count", "history", counted(365, _SERIOUS),
            "近一年发现{v}个严重问题", direction=1),
    made_of(PROBLEMS, "serious_ever", "历来严重问题数", "count", "history", f"countIf({_SERIOUS})",
            "曾发现{v}个严重问题", direction=1),
    made_of(PROBLEMS, "open_problems", "未办结问题数", "count", "open",
            f"greatest(toInt32(countIf({_FOUND})) - toInt32(countIf({_RESOLVED})), 0)",
            "还有{v}个问题未办结"),
    made_of(REPORTS, "reports_ever", "历来强制报告数", "count", "history", f"countIf({_SUBMITTED})",
            direction=1),
    made_of(SUBSIDIES, "benefits_365", "近一年获批救助数", "count", "poverty",
            counted(365, "type = 'benefit.granted.v1'"), "近一年新获{v}项救助"),
)  # fmt: skip

# --- around the child ---------------------------------------------------------------------------

_VILLAGE_PROBLEMS = part(PROBLEMS, "serious_365", counted(365, _SERIOUS))
_VILLAGE = "(PARTITION BY t, p_village_code)"
_MONTH = f"2 * pi() * (toDayOfYear({DAY}) / 365.25)"

AROUND_FEATURES = (
    Feature("village_rate", "同村其他儿童严重问题率", "number", "village", (_VILLAGE_PROBLEMS,),
            f"100 * (sum(p_serious_365) OVER {_VILLAGE} - p_serious_365)"
            f" / greatest(count() OVER {_VILLAGE} - 1, 1)",
            "同村其他儿童近一年每百人{v}个严重问题"),
    Feature("season_sin", "季节(正弦)", "number", "season", (), f"sin({_MONTH})"),
    Feature("season_cos", "季节(余弦)", "number", "season", (), f"cos({_MONTH})"),
)  # fmt: skip

FEATURES: tuple[Feature, ...] = (
    *FILE_FEATURES,
    *CARE_FEATURES,
    *SEEN_FEATURES,
    *AROUND_FEATURES,
)
"""Every feature, in the order of the matrix's columns."""
