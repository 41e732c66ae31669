"""救助保障: a benefit from eligibility to payment, one stream a benefit. Money is integer fen.

Sources: plan L49 (T9.1, T9.2), L53 (T11.5).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Code, Event, Month, Personal, event
from domain.guards import Occasion, already, applies, guards, key_taken, not_yet, state
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


@event("benefit.paid.v1", label="发放补贴", stream="benefit", key="benefit_id", rules=("T9.1",))
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


def special_hardship_amount(standard_fen: int) -> int:
    """特殊困难补助金: 30 % of the local 低保 standard per month (T9.2, plan L49), in fen.

    Rounded to the nearest fen, half a fen upwards: 100.05 yuan → 30.02 yuan.
    """
    return (standard_fen * 30 + 50) // 100


# --- state ------------------------------------------------------------------------------------


@state("benefit")
class BenefitState(msgspec.Struct):
    """One benefit. Months are `YYYY-MM`, which sort as text.

    amounts   (from month, fen), newest first: the adjustments, last the grant
    """

    child_id: UUID = NO_CHILD
    type: Benefit | None = None
    eligible: bool = False
    assessed_at: datetime | None = None
    amounts: list[tuple[str, int]] = msgspec.field(default_factory=list)
    paid: set[str] = msgspec.field(default_factory=set)
    last_month: str | None = None

    def amount(self, month: str) -> int | None:
        """Fen due for a month: of the latest start not after it, the last recorded."""
        valid = [each for each in self.amounts if each[0] <= month]
        return max(valid, key=lambda each: each[0])[1] if valid else None


@applies(EligibilityAssessed)
def _assess(benefit: BenefitState, fact: EligibilityAssessed, at: Occasion) -> None:
    benefit.child_id, benefit.type = at.child_id, fact.type
    if benefit.assessed_at is None or benefit.assessed_at <= at.occurred_at:
        benefit.assessed_at = at.occurred_at
        benefit.eligible = fact.result is Eligibility.ELIGIBLE


@applies(BenefitGranted)
@applies(BenefitAdjusted)
def _set_amount(benefit: BenefitState, fact: BenefitGranted | BenefitAdjusted, _: Occasion) -> None:
    benefit.amounts.insert(0, (fact.from_month, fact.amount_fen))


@applies(BenefitPaid)
def _pay(benefit: BenefitState, fact: BenefitPaid, _: Occasion) -> None:
    benefit.paid.add(fact.period)


@applies(BenefitStopped)
def _stop(benefit: BenefitState, fact: BenefitStopped, _: Occasion) -> None:
    benefit.last_month = fact.last_month


# --- guards -----------------------------------------------------------------------------------


@guards(EligibilityAssessed)
def _may_assess(benefit: BenefitState, fact: EligibilityAssessed, at: Occasion) -> Refusal | None:
    if benefit.type is None:
        return None
    if benefit.child_id != at.child_id:
        return key_taken("benefit_id", fact.benefit_id)
    return _type_refusal(benefit.type, fact.type)


def _type_refusal(expected: Benefit, sent: Benefit) -> Refusal | None:
    if sent is expected:
        return None
    return Refusal(
        "benefit_type",
        "type",
        sent.value,
        f"this benefit was assessed as {expected.value}; another type is another benefit_id",
    )


@guards(BenefitGranted)
def _may_grant(benefit: BenefitState, fact: BenefitGranted, at: Occasion) -> Refusal | None:
    if benefit.type is None:
        what = "eligibility was not assessed yet"
        return not_yet("not_assessed", "benefit_id", fact.benefit_id, what, "eligibility.assessed")
    if benefit.child_id != at.child_id:
        return key_taken("benefit_id", fact.benefit_id)
    if benefit.amounts:
        return already("already_granted", "benefit_id", fact.benefit_id, "this benefit is granted")
    if not benefit.eligible:
        what = "the child was found ineligible"
        return not_yet(
            "not_eligible", "benefit_id", fact.benefit_id, what, "a new eligibility.assessed"
        )
    return _type_refusal(benefit.type, fact.type)


def _running_refusal(
    benefit: BenefitState, benefit_id: str, field: str, month: str, at: Occasion
) -> Refusal | None:
    """A benefit of this child, granted, for a month from its first to its last."""
    if not benefit.amounts:
        what = "this benefit is not granted yet"
        return not_yet("not_granted", "benefit_id", benefit_id, what, "benefit.granted")
    if benefit.child_id != at.child_id:
        return key_taken("benefit_id", benefit_id)
    first = benefit.amounts[-1][0]
    if month < first:
        return Refusal(
            "before_grant", field, month, f"granted from {first}; check the month of this event"
        )
    if benefit.last_month is not None and month > benefit.last_month:
        return Refusal(
            "after_stop",
            field,
            month,
            f"stopped, last month {benefit.last_month}; check the month, or correct the stop",
        )
    return None


@guards(BenefitAdjusted)
def _may_adjust(benefit: BenefitState, fact: BenefitAdjusted, at: Occasion) -> Refusal | None:
    return _running_refusal(benefit, fact.benefit_id, "from_month", fact.from_month, at)


@guards(BenefitPaid)
def _may_pay(benefit: BenefitState, fact: BenefitPaid, at: Occasion) -> Refusal | None:
    refusal = _running_refusal(benefit, fact.benefit_id, "period", fact.period, at)
    if refusal is not None:
        return refusal
    if fact.period in benefit.paid or (benefit.paid and benefit.type is Benefit.TEMPORARY):
        return already("paid_twice", "period", fact.period, "this was paid already")
    expected = benefit.amount(fact.period)
    if fact.amount_fen != expected:
        return Refusal(
            "wrong_amount",
            "amount_fen",
            fact.amount_fen,
            f"{expected} fen are due for {fact.period}; pay that, or send benefit.adjusted first",
        )
    return None


@guards(BenefitStopped)
def _may_stop(benefit: BenefitState, fact: BenefitStopped, at: Occasion) -> Refusal | None:
    if not benefit.amounts:
        what = "this benefit is not granted yet"
        return not_yet("not_granted", "benefit_id", fact.benefit_id, what, "benefit.granted")
    if benefit.child_id != at.child_id:
        return key_taken("benefit_id", fact.benefit_id)
    if benefit.last_month is not None:
        return already("already_stopped", "benefit_id", fact.benefit_id, "this benefit is stopped")
    return None
