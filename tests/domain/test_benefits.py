"""Benefits: eligible, granted, paid once a month the amount that is due."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.subsidy import (
    Benefit,
    BenefitAdjusted,
    BenefitGranted,
    BenefitPaid,
    BenefitState,
    BenefitStopped,
    Eligibility,
    EligibilityAssessed,
    Stopping,
    special_hardship_amount,
)

ORPHAN = Benefit.ORPHAN


def assessed(kind: Benefit = ORPHAN, result: Eligibility = Eligibility.ELIGIBLE) -> Any:
    return EligibilityAssessed(benefit_id="b1", type=kind, result=result)


def granted(kind: Benefit = ORPHAN, fen: int = 100_000, start: str = "2025-02") -> Any:
    return BenefitGranted(benefit_id="b1", type=kind, amount_fen=fen, from_month=start)


def paid(period: str, fen: int = 100_000) -> BenefitPaid:
    return BenefitPaid(benefit_id="b1", amount_fen=fen, period=period)


def adjusted(start: str, fen: int) -> BenefitAdjusted:
    return BenefitAdjusted(benefit_id="b1", amount_fen=fen, from_month=start)


def stopped(last: str) -> BenefitStopped:
    return BenefitStopped(benefit_id="b1", reason=Stopping.AGED_OUT, last_month=last)


def test_a_benefit_is_granted_to_the_eligible_alone(story: Any) -> None:
    story.when(0, granted()).then_refused("not_assessed", "benefit_id")
    story.given((0, assessed(result=Eligibility.INELIGIBLE)))
    story.when(1, granted()).then_refused("not_eligible", "benefit_id")
    story.given((2, assessed()), (3, granted()))


def test_the_latest_assessment_counts_whatever_the_order_of_recording(story: Any) -> None:
    story.given((5, assessed()))
    story.when(2, assessed(result=Eligibility.INELIGIBLE), recorded=8).then_recorded()
    story.when(9, granted()).then_recorded()


def test_a_benefit_keeps_the_type_it_was_assessed_for(story: Any) -> None:
    story.given((0, assessed()))
    story.when(1, granted(Benefit.DE_FACTO)).then_refused("benefit_type", "type")
    story.when(1, assessed(Benefit.DE_FACTO)).then_refused("benefit_type", "type")


def test_a_benefit_is_granted_and_stopped_once(story: Any) -> None:
    story.given((0, assessed()), (1, granted()))
    story.when(2, granted()).then_refused("already_granted", "benefit_id")
    story.given((3, stopped("2025-06")))
    story.when(4, stopped("2025-07")).then_refused("already_stopped", "benefit_id")


@pytest.mark.parametrize("event", [paid("2025-02"), adjusted("2025-02", 1), stopped("2025-02")])
def test_what_is_not_granted_is_not_paid_adjusted_or_stopped(story: Any, event: Any) -> None:
    story.given((0, assessed())).when(1, event).then_refused("not_granted", "benefit_id")


def test_a_month_is_paid_once(story: Any) -> None:
    story.given((0, assessed()), (1, granted()), (40, paid("2025-02")))
    story.when(41, paid("2025-02")).then_refused("paid_twice", "period")
    story.given((70, paid("2025-03")))


def test_a_late_payment_of_an_earlier_month_lands(story: Any) -> None:
    story.given((0, assessed()), (1, granted()), (90, paid("2025-03")), (95, paid("2025-02")))


def test_no_month_is_paid_before_the_grant_or_after_the_stop(story: Any) -> None:
    story.given((0, assessed()), (1, granted()), (2, stopped("2025-06")))
    story.when(3, paid("2025-01")).then_refused("before_grant", "period")
    story.when(3, paid("2025-07")).then_refused("after_stop", "period")
    story.when(3, adjusted("2025-07", 5)).then_refused("after_stop", "from_month")
    story.given((200, paid("2025-06")))


def test_another_amount_is_refused_with_the_amount_that_is_due(story: Any) -> None:
    story.given((0, assessed()), (1, granted()))
    refusal = story.when(2, paid("2025-02", 99_999)).then_refused("wrong_amount", "amount_fen")
    assert "100000 fen" in refusal.message


def test_an_adjustment_changes_the_amount_from_its_month_on(story: Any) -> None:
    story.given((0, assessed()), (1, granted()), (2, adjusted("2025-04", 120_000)))
    story.when(3, paid("2025-04")).then_refused("wrong_amount", "amount_fen")
    story.given((3, paid("2025-03")), (4, paid("2025-04", 120_000)))


def test_of_two_adjustments_for_one_month_the_later_recorded_counts() -> None:
    state = BenefitState(amounts=[("2025-04", 3), ("2025-04", 2), ("2025-02", 1)])
    assert [state.amount(month) for month in ("2025-01", "2025-03", "2025-05")] == [None, 1, 3]


def test_temporary_relief_is_paid_once(story: Any) -> None:
    kind = Benefit.TEMPORARY
    story.given((0, assessed(kind)), (1, granted(kind)), (2, paid("2025-02")))
    story.when(40, paid("2025-03")).then_refused("paid_twice", "period")


def test_a_benefit_belongs_to_one_child(story: Any) -> None:
    story.given((0, assessed()), (1, granted()))
    story.child = uuid4()
    for event in (assessed(), granted(), paid("2025-02"), stopped("2025-03")):
        story.when(2, event).then_refused("key_taken", "benefit_id")


def test_the_hardship_allowance_is_thirty_percent_half_a_fen_upwards() -> None:
    assert special_hardship_amount(100_00) == 30_00
    assert special_hardship_amount(10_005) == 3_002  # 3001.5
    assert special_hardship_amount(10_004) == 3_001  # 3001.2


@given(st.integers(0, 10**9))
def test_the_hardship_allowance_is_never_off_by_more_than_half_a_fen(standard: int) -> None:
    assert abs(10 * special_hardship_amount(standard) - 3 * standard) <= 5
