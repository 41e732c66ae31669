"""Who cares for the child: parents who leave, carers, agreements. Rules T4.1, T5, T9.1."""

from __future__ import annotations

from risk.feature import (
    Feature,
    counted_over,
    days_from,
    days_since,
    ever,
    latest,
    made_of,
    part,
)
from risk.sources import (
    ABSENCES,
    AGREEMENTS,
    DAY,
    GUARDIANS,
    REGISTERED,
    STATUSES,
)

_PARENT_AWAY = "type = 'parent.departed.v1'"
_RETURNED = "type = 'parent.returned.v1'"
_SIGNED = "type = 'care_agreement.signed.v1'"
_TERM = "type IN ('care_agreement.signed.v1', 'care_agreement.renewed.v1')"
_AGREEMENT_TURN = (
    "type IN ('care_agreement.signed.v1', 'care_agreement.ended.v1', 'care.delegate_replaced.v1')"
)
_UNFIT = "type = 'care.deficiency_found.v1'"
_UNABLE = "status NOT IN ('', 'normal', 'divorced')"
_ASSESSED = "type = 'guardian.assessed.v1'"
_GRADE = latest("grade", "grade != ''")
_GRADES = "['fair', 'poor'], [1, 2]"
_RELATION = latest("relation", "relation != ''")
_GRANDPARENTS = "('', 'paternal_grandparent', 'maternal_grandparent')"

FATHER_AWAY = part(ABSENCES, "father_away", latest(_PARENT_AWAY, "parent = 'father'"))
MOTHER_AWAY = part(ABSENCES, "mother_away", latest(_PARENT_AWAY, "parent = 'mother'"))
LEFT_AT = part(ABSENCES, "left_at", f"maxIf(occurred_at, {_PARENT_AWAY})", _PARENT_AWAY)
LEFT_FAR = part(
    ABSENCES,
    "left_far",
    latest("place_division != '' AND NOT startsWith(place_division, '52')", _PARENT_AWAY),
    _PARENT_AWAY,
)
EXPECTED = part(
    ABSENCES,
    "expected",
    latest("ifNull(expected_return, toDate('2149-06-06'))", _PARENT_AWAY),
    _PARENT_AWAY,
)
AGREED = part(AGREEMENTS, "agreed", latest(_SIGNED, _AGREEMENT_TURN), _AGREEMENT_TURN)
AGREED_UNTIL = part(
    AGREEMENTS,
    "agreed_until",
    latest("ifNull(end_date, toDate('2149-06-06'))", _TERM),
    _TERM,
)
FATHER_UNABLE = part(STATUSES, "father_unable", latest(_UNABLE, "parent = 'father'"))
MOTHER_UNABLE = part(STATUSES, "mother_unable", latest(_UNABLE, "parent = 'mother'"))
BOTH_GONE = "(p_father_away OR p_father_unable) AND (p_mother_away OR p_mother_unable)"
ANY_AWAY = "(p_father_away OR p_mother_away)"
PARENTS = (FATHER_AWAY, MOTHER_AWAY, FATHER_UNABLE, MOTHER_UNABLE)


def _fate(name: str, label: str, statuses: str, reason: str) -> Feature:
    """Whether either parent's latest status is one of these."""
    now = " OR ".join(
        latest(f"status IN ({statuses})", f"parent = '{each}'") for each in ("father", "mother")
    )
    return made_of(STATUSES, name, label, "flag", "unable", now, reason, direction=1)


_PARENTS = (
    Feature("both_away", "父母双方均不在身边", "flag", "parents", PARENTS, BOTH_GONE,
            "父母双方均不在身边", direction=1),
    Feature("father_away", "父亲外出", "flag", "parents", (FATHER_AWAY,),
            "p_father_away", "父亲外出"),
    Feature("mother_away", "母亲外出", "flag", "parents", (MOTHER_AWAY,),
            "p_mother_away", "母亲外出"),
    Feature("parents_unable", "不能履职的父母人数", "level", "unable", PARENTS,
            "p_father_unable + p_mother_unable", "父母{w}不能履行监护职责", words=("一方", "双方"),
            direction=1),
    Feature("away_days", "父母外出天数", "days", "departure", (*PARENTS, LEFT_AT),
            f"if({ANY_AWAY}, {days_from('p_left_at')}, 0)", "父母外出已{v}天"),
    Feature("just_left", "父母刚外出", "flag", "departure", (*PARENTS, LEFT_AT),
            f"{ANY_AWAY} AND {days_from('p_left_at')} < 60", "父母外出未满两个月"),
    Feature("away_far", "父母在省外", "flag", "departure", (*PARENTS, LEFT_FAR),
            f"{ANY_AWAY} AND p_left_far", "父母在省外务工"),
    Feature("return_overdue", "父母逾期未归", "flag", "departure", (*PARENTS, EXPECTED),
            f"{ANY_AWAY} AND p_expected < {DAY}", "父母过了预计返乡日期仍未回来"),
    *counted_over(ABSENCES, "departures", "{s}父母外出次数", "departure", (365, 730), _PARENT_AWAY,
                  "{s}父母外出{v}次"),
    *counted_over(ABSENCES, "returns", "{s}父母返乡次数", "departure", (180, 365), _RETURNED,
                  "{s}父母返乡{v}次"),
    _fate("parent_dead", "父母有人去世", "'dead'", "父母有人去世"),
    _fate("parent_lost", "父母有人失联", "'lost_contact', 'missing'", "父母有人失去联系"),
    _fate("parent_jailed", "父母有人服刑或戒毒", "'imprisoned', 'detox'", "父母有人服刑或戒毒"),
    _fate("parent_ill", "父母有人重病重残", "'serious_illness', 'severe_disability'",
          "父母有人重病或重残"),
    _fate("parents_divorced", "父母离异", "'divorced'", "父母离异"),
    *counted_over(STATUSES, "parent_changes", "{s}父母状况变化次数", "unable", (365, 730),
                  "status != 'normal'", "{s}父母状况变化{v}次", direction=1),
)  # fmt: skip

_CARERS = (
    made_of(GUARDIANS, "carers", "登记照料人数", "count", "carer",
            "uniqIf(guardian_id, relation != '')", "登记有{v}名照料人", low="没有登记照料人"),
    made_of(GUARDIANS, "other_carer", "由非祖辈照料", "flag", "carer",
            f"{_RELATION} NOT IN {_GRANDPARENTS}", "由非祖辈的他人照料"),
    made_of(GUARDIANS, "carer_capacity", "照料能力", "level", "carer",
            f"transform({latest('capacity', '1')}, ['limited', 'none'], [1, 2], 0)",
            "照料人{w}", words=("监护能力不足", "无监护能力"), direction=1),
    made_of(GUARDIANS, "carer_ever_weak", "照料人曾能力不足", "flag", "carer",
            "countIf(capacity IN ('limited', 'none')) > 0", "照料人曾被认为监护能力不足",
            direction=1),
    made_of(GUARDIANS, "care_grade", "照料评估", "level", "carer",
            f"transform({_GRADE}, {_GRADES}, 0)", "照料情况评估为{w}", words=("一般", "差"),
            direction=1, when=_ASSESSED),
    made_of(GUARDIANS, "care_grade_worst_730", "近两年最差照料评估", "level", "carer",
            f"maxIf(transform(grade, {_GRADES}, 0), occurred_at >= t - INTERVAL 730 DAY)",
            "近两年照料情况曾评估为{w}", words=("一般", "差"), direction=1, when=_ASSESSED),
    *counted_over(GUARDIANS, "poor_grades", "{s}照料评估为差次数", "carer", (365, 730),
                  "grade = 'poor'", "{s}照料情况{v}次评估为差", direction=1),
    *counted_over(GUARDIANS, "assessments", "{s}监护评估次数", "carer", (365,), _ASSESSED,
                  "{s}评估监护能力{v}次"),
    *counted_over(GUARDIANS, "carer_changes", "{s}登记照料人次数", "carer", (730,),
                  "type = 'guardian.linked.v1'", "{s}登记照料人{v}次"),
    days_since(GUARDIANS, "days_since_assessment", "距上次监护评估天数", "carer", _ASSESSED,
               "已{v}天未评估监护能力", REGISTERED),
)  # fmt: skip

_AGREED = (
    Feature("unentrusted", "双方不在而无委托照护协议", "flag", "agreement",
            (*PARENTS, AGREED, AGREED_UNTIL),
            f"({BOTH_GONE}) AND NOT (p_agreed AND p_agreed_until >= {DAY})",
            "父母均不在身边且无有效委托照护协议", direction=1),
    *counted_over(AGREEMENTS, "unfit", "{s}被委托人不适合次数", "agreement", (365, 730), _UNFIT,
                  "{s}{v}次发现被委托人不适合", direction=1),
    ever(AGREEMENTS, "unfit_ever", "曾发现被委托人不适合", "agreement", _UNFIT,
         "曾发现被委托人不适合", direction=1),
    ever(AGREEMENTS, "delegate_disqualified", "被委托人有不宜情形", "agreement",
         "notEmpty(disqualifiers)", "被委托人评估有不宜照护的情形", direction=1),
    *counted_over(AGREEMENTS, "agreements", "{s}签订协议次数", "agreement", (365,), _SIGNED,
                  "{s}签订委托照护协议{v}次"),
    *counted_over(AGREEMENTS, "agreements_ended", "{s}协议终止次数", "agreement", (365,),
                  "type IN ('care_agreement.ended.v1', 'care.delegate_replaced.v1')",
                  "{s}委托照护协议终止{v}次"),
    *counted_over(AGREEMENTS, "child_unheard", "{s}未听取儿童意见的协议数", "agreement", (730,),
                  f"{_SIGNED} AND NOT child_view_heard", "{s}有{v}份协议未听取儿童意见",
                  direction=1),
)  # fmt: skip

CARE_FEATURES = (*_PARENTS, *_CARERS, *_AGREED)
