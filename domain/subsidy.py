"""救助保障: a benefit from eligibility to payment, one stream a benefit. Money is integer fen.

Sources: plan L49 (T9.1, T9.2), L53 (T11.5).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, Month, Personal, event
from domain.terms import Term

Positive = Annotated[int, msgspec.Meta(gt=0, le=10**12)]


class Benefit(Term):
    SUBSISTENCE = "subsistence_allowance", "最低生活保障"
    DESTITUTE = "destitute_support", "特困供养"
    TEMPORARY = "temporary_relief", "临时救助"
    ORPHAN = "orphan_allowance", "孤儿基本生活费"
    DE_FACTO = "de_facto_unsupported_allowance", "事实无人抚养儿童基本生活补贴"
    SPECIAL_HARDSHIP = "special_hardship_allowance", "特殊困难补助金"
    DISABILITY = "disability_allowance", "残疾人两项补贴"
    MEDICAL = "medical_aid", "医疗救助"
    EDUCATION = "education_aid", "教育救助"
    NUTRITION = "nutrition_improvement", "营养改善"


class Eligibility(Term):
    ELIGIBLE = "eligible", "符合"
    INELIGIBLE = "ineligible", "不符合"


class Stopping(Term):
    NO_LONGER_ELIGIBLE = "no_longer_eligible", "不再符合"
    AGED_OUT = "aged_out", "年满"
    MOVED = "moved", "迁出"
    DIED = "died", "死亡"
    ERROR = "granted_in_error", "错发"
    OTHER = "other", "其他"


@event(
    "eligibility.assessed.v1",
    label="资格认定",
    stream="benefit",
    key="benefit_id",
    emitters=("民政", "医保", "教育", "残联"),
    rules=("T9.1",),
)
class EligibilityAssessed(Event, frozen=True, kw_only=True):
    """资格认定."""

    benefit_id: Code
    type: Benefit
    result: Eligibility
    basis: Code = "not_stated"
    note: Personal | None = None


@event(
    "benefit.granted.v1",
    label="批准救助",
    stream="benefit",
    key="benefit_id",
    emitters=("民政", "医保", "教育", "残联"),
    rules=("T9.1", "T9.2"),
)
class BenefitGranted(Event, frozen=True, kw_only=True):
    """批准. `amount_fen`: per month (one-off relief: once); `standard_ref` names the table."""

    benefit_id: Code
    type: Benefit
    amount_fen: Positive
    standard_ref: Code = "not_stated"
    from_month: Month


@event("benefit.adjusted.v1", label="调整救助", stream="benefit", key="benefit_id", rules=("T9.1",))
class BenefitAdjusted(Event, frozen=True, kw_only=True):
    """调整标准."""

    benefit_id: Code
    amount_fen: Positive
    from_month: Month


@event("benefit.paid.v1", label="发放", stream="benefit", key="benefit_id", rules=("T9.1",))
class BenefitPaid(Event, frozen=True, kw_only=True):
    """发放一期. One payment per benefit and month."""

    benefit_id: Code
    amount_fen: Positive
    period: Month


@event("benefit.stopped.v1", label="停止救助", stream="benefit", key="benefit_id", rules=("T9.1",))
class BenefitStopped(Event, frozen=True, kw_only=True):
    """停发."""

    benefit_id: Code
    reason: Stopping
    last_month: Month
