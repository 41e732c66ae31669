"""T5.1, T5.5, T8.4 to T8.7: what is due, when, by whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.child_file import RiskFactor
from domain.duties import (
    FAR,
    Agreement,
    ChildFacts,
    DutyStatus,
    add_months,
    duties_of,
    next_period_end,
    next_weeks_end,
)
from domain.duty_settings import (
    DUTY_SETTINGS_COLUMNS,
    SETTINGS,
    Setting,
    duty_settings_rows,
    tighten,
    values_on,
)
from domain.errors import SettingsError
from domain.terms import Tier
from domain.visiting import NotVisited

VILLAGE = "520526100200"
TODAY = date(2025, 6, 1)


def facts(**known: Any) -> ChildFacts:
    given_: dict[str, Any] = {
        "child_id": UUID(int=1),
        "village_code": VILLAGE,
        "registered_on": date(2025, 1, 31),
    }
    return ChildFacts(**(given_ | known))


def owed(duty: str, on: date, settings: Any = SETTINGS, **known: Any) -> DutyStatus:
    return next(each for each in duties_of(facts(**known), on, settings) if each.duty == duty)


def names(on: date, **known: Any) -> list[str]:
    return [each.duty for each in duties_of(facts(**known), on)]


def test_a_child_off_the_ledger_has_no_duties() -> None:
    assert names(TODAY, on_ledger=False, away_since=date(2025, 2, 1)) == []


def test_a_child_never_visited_is_due_three_months_after_registration() -> None:
    visit = owed("director_visit", date(2025, 5, 12))
    assert (visit.rule, visit.last_done, visit.due_on) == ("T8.6", None, date(2025, 4, 30))
    assert (visit.overdue_days, visit.reason) == (12, "已逾期12天未入户走访(应每三个月一次)")


def test_the_three_months_run_from_the_last_visit() -> None:
    visit = owed("director_visit", TODAY, director_visit_on=date(2025, 3, 15))
    assert (visit.due_on, visit.interval_days) == (date(2025, 6, 15), 92)
    assert visit.reason == "应于2025-06-15前入户走访(应每三个月一次)"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 5), 1, date(2026, 1, 5)),
    ],
)
def test_months_are_added_with_the_day_clamped_to_the_months_end(
    start: date, months: int, end: date
) -> None:
    assert add_months(start, months) == end


@pytest.mark.parametrize(
    ("tier", "days"), [(Tier.RED, 7), (Tier.YELLOW, 15), (Tier.BLUE, 30), (Tier.GREEN, 90)]
)
def test_a_tier_sets_how_often_a_child_is_visited(tier: Tier, days: int) -> None:
    visit = owed("director_visit", TODAY, director_visit_on=date(2025, 5, 1), tier=tier)
    assert (visit.rule, visit.due_on) == ("T8.7", date(2025, 5, 1) + timedelta(days=days))
    assert f"应每{days}天一次" in visit.reason


def test_green_is_never_looser_than_three_months() -> None:
    """1 December plus 90 days is 1 March; three months end on the same day or earlier."""
    visit = owed("director_visit", TODAY, director_visit_on=date(2024, 11, 30), tier=Tier.GREEN)
    assert (visit.rule, visit.due_on) == ("T8.6", date(2025, 2, 28))


def test_a_factor_of_t8_7_raises_the_frequency_and_one_of_t8_8_does_not() -> None:
    last = date(2025, 5, 1)
    raised = owed(
        "director_visit",
        TODAY,
        director_visit_on=last,
        factors=frozenset({RiskFactor.BOTH_PARENTS_AWAY}),
    )
    noted = owed(
        "director_visit",
        TODAY,
        director_visit_on=last,
        factors=frozenset({RiskFactor.SINGLE_PARENT}),
    )
    assert raised.interval_days == 60
    assert noted.rule == "T8.6"


def test_a_childs_own_plan_tightens_and_never_loosens() -> None:
    last = date(2025, 5, 1)
    tight = owed("director_visit", TODAY, director_visit_on=last, plan_days=10, tier=Tier.BLUE)
    loose = owed("director_visit", TODAY, director_visit_on=last, plan_days=300, tier=Tier.BLUE)
    assert (tight.interval_days, loose.interval_days) == (10, 30)


def test_the_director_contacts_each_calendar_month() -> None:
    contact = owed("director_contact", TODAY, director_contact_on=date(2025, 4, 2))
    assert (contact.rule, contact.due_on) == ("T8.5", date(2025, 5, 31))
    assert contact.overdue_days == 1


def test_a_visit_is_a_contact_too() -> None:
    contact = owed(
        "director_contact",
        TODAY,
        director_contact_on=date(2025, 3, 2),
        director_visit_on=date(2025, 5, 2),
    )
    assert (contact.last_done, contact.due_on) == (date(2025, 5, 2), date(2025, 6, 30))


def test_the_supervisor_contacts_each_calendar_year() -> None:
    never = owed("supervisor_contact", TODAY)
    assert (never.actor, never.due_on) == ("supervisor", date(2026, 12, 31))
    done = owed("supervisor_contact", TODAY, supervisor_contact_on=date(2024, 1, 1))
    assert done.due_on == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2025, 2, 3), 6, date(2025, 12, 31)),
        (date(2025, 5, 3), 3, date(2025, 9, 30)),
        (date(2025, 5, 3), 12, date(2026, 12, 31)),
    ],
)
def test_calendar_periods_are_counted_from_january(start: date, months: int, end: date) -> None:
    assert next_period_end(start, months) == end


def test_a_week_is_monday_to_sunday() -> None:
    monday, sunday = date(2025, 6, 2), date(2025, 6, 8)
    assert next_weeks_end(monday, 1) == next_weeks_end(sunday, 1) == date(2025, 6, 15)


def test_an_agreement_is_owed_when_no_parent_is_at_home() -> None:
    left = date(2025, 2, 10)
    assert "care_agreement" not in names(TODAY, away_since=left)
    agreement = owed("care_agreement", TODAY, away_since=left, unparented_since=left)
    assert (agreement.due_on, agreement.overdue_days) == (left, 111)


def test_an_agreement_counts_once_it_is_filed() -> None:
    left = date(2025, 2, 10)
    signed = Agreement(signed_on=date(2025, 2, 1))
    filed = Agreement(signed_on=date(2025, 2, 1), filed_on=date(2025, 2, 3))
    ending = Agreement(signed_on=date(2025, 2, 1), filed_on=date(2025, 2, 3), end=date(2025, 6, 3))
    due = [
        owed("care_agreement", TODAY, unparented_since=left, agreement=each).due_on
        for each in (signed, filed, ending)
    ]
    assert due == [left, FAR, date(2025, 6, 3)]


def test_an_agreement_signed_after_the_departure_says_so() -> None:
    late = Agreement(signed_on=date(2025, 3, 1), filed_on=date(2025, 3, 1))
    owed_ = owed("care_agreement", TODAY, unparented_since=date(2025, 2, 10), agreement=late)
    assert "外出后才签订" in owed_.reason


def test_parents_away_contact_child_and_delegate_each_week() -> None:
    left, held = date(2025, 5, 1), Agreement(signed_on=date(2025, 4, 30))
    assert names(TODAY, away_since=left)[-1] == "parent_contact_child"
    assert names(TODAY, away_since=left, agreement=held)[-1] == "parent_contact_delegate"
    child = owed(
        "parent_contact_child",
        TODAY,
        away_since=left,
        parent_contact_child_on=date(2025, 5, 21),
    )
    assert (child.due_on, child.overdue_days) == (date(2025, 6, 1), 0)


def test_a_contact_from_before_the_departure_does_not_count() -> None:
    child = owed(
        "parent_contact_child",
        TODAY,
        away_since=date(2025, 5, 28),
        parent_contact_child_on=date(2025, 1, 1),
    )
    assert (child.last_done, child.due_on) == (None, date(2025, 6, 8))


# --- settings --------------------------------------------------------------------------------


def test_a_county_tightens_from_its_day_and_the_past_stays() -> None:
    mine = tighten(
        SETTINGS, "520526", "T8.6", "visit_months", 2, valid_from=date(2025, 7, 1), today=TODAY
    )
    last = date(2025, 5, 1)
    before = owed("director_visit", date(2025, 6, 30), mine, director_visit_on=last)
    after = owed("director_visit", date(2025, 7, 1), mine, director_visit_on=last)
    assert (before.due_on, after.due_on) == (date(2025, 8, 1), date(2025, 7, 1))
    assert "应每2个月一次" in after.reason
    elsewhere = values_on(mine, "520527100200", date(2025, 7, 1))
    assert elsewhere["visit_months"] == 3


@pytest.mark.parametrize(
    ("rule", "key", "value", "valid_from"),
    [
        ("T8.6", "visit_months", 4, TODAY),
        ("T8.6", "visit_months", 0, TODAY),
        ("T8.7", "visit_days_red", 8, TODAY),
        ("T8.9", "visit_months", 1, TODAY),
        ("T8.4", "supervisor_contact_months", 5, TODAY),
        ("T8.6", "visit_months", 2, TODAY - timedelta(days=1)),
    ],
)
def test_a_county_cannot_loosen_nor_reach_into_the_past(
    rule: str, key: str, value: int, valid_from: date
) -> None:
    with pytest.raises(SettingsError):
        tighten(SETTINGS, "520526", rule, key, value, valid_from=valid_from, today=TODAY)


def test_a_county_may_take_its_own_tightening_back_as_far_as_the_rule() -> None:
    day = date(2025, 7, 1)
    once = tighten(SETTINGS, "520526", "T8.6", "visit_months", 1, valid_from=day, today=TODAY)
    with pytest.raises(SettingsError):
        tighten(once, "520526", "T8.6", "visit_months", 3, valid_from=day, today=TODAY)
    later = day + timedelta(days=30)
    twice = tighten(once, "520526", "T8.6", "visit_months", 3, valid_from=later, today=TODAY)
    assert [values_on(twice, VILLAGE, each)["visit_months"] for each in (day, later)] == [1, 3]


def test_a_place_is_a_code() -> None:
    with pytest.raises(SettingsError, match="place"):
        tighten(SETTINGS, "威宁", "T8.6", "visit_months", 2, valid_from=TODAY, today=TODAY)


def test_the_rows_have_the_columns_of_the_table() -> None:
    rows = duty_settings_rows()
    assert len(rows) == len(SETTINGS)
    assert {len(row) for row in rows} == {len(DUTY_SETTINGS_COLUMNS)}
    assert ("T8.6", "visit_months", 3, "months", "", SETTINGS[0].valid_from, True) in rows


def test_every_setting_that_is_not_law_says_so() -> None:
    assert {each.rule for each in SETTINGS if not each.is_law} == {"T8.7"}
    assert all(each.source.startswith("K") for each in SETTINGS if not each.is_law)


DAYS = st.dates(date(2025, 2, 1), date(2026, 6, 30))
MAYBE = st.none() | DAYS


@given(
    setting=st.sampled_from([each for each in SETTINGS if each.value > 1]),
    data=st.data(),
    visited=MAYBE,
    called=MAYBE,
    away=MAYBE,
    tier=st.none() | st.sampled_from(list(Tier)),
    on=DAYS,
)
def test_tightening_never_makes_anything_due_later(
    *, setting: Setting, data: Any, visited: Any, called: Any, away: Any, tier: Any, on: date
) -> None:
    divisors = [n for n in (1, 2, 3, 4, 6, 12) if n <= setting.value]
    allowed = (
        st.sampled_from(divisors)
        if setting.unit == "calendar_months"
        else st.integers(1, setting.value)
    )
    value = data.draw(allowed)
    tighter = tighten(
        SETTINGS, "520526", setting.rule, setting.key, value, valid_from=TODAY, today=TODAY
    )
    child = facts(
        director_visit_on=visited,
        supervisor_contact_on=called,
        tier=tier,
        away_since=away,
        unparented_since=away,
    )
    for loose, tight in zip(duties_of(child, on), duties_of(child, on, tighter), strict=True):
        assert tight.due_on <= loose.due_on
        assert tight.overdue_days >= loose.overdue_days


# --- a visit that was tried and failed ---------------------------------------------------------

HOME, REFUSED = NotVisited.NOBODY_HOME, NotVisited.REFUSED


def tried(on: date, *failed: tuple[date, NotVisited], **known: Any) -> DutyStatus:
    """The visit duty of a child last seen on 1 March, after some failed attempts."""
    seen = date(2026, 3, 1)
    return owed("director_visit", on, director_visit_on=seen, failed_visits=failed, **known)


def test_a_failed_attempt_puts_a_visit_of_the_tier_off_for_some_days() -> None:
    visit = tried(date(2026, 3, 17), (date(2026, 3, 15), HOME), tier=Tier.YELLOW)
    assert (visit.first_due_on, visit.due_on) == (date(2026, 3, 16), date(2026, 3, 18))
    assert (visit.overdue_days, visit.attempts) == (-1, 1)
    assert visit.reason == (
        "应于2026-03-18前入户走访(应每15天一次);2026-03-15因无人在家未访成,改于2026-03-18前再访"
    )


def test_the_laws_three_months_are_put_off_by_nothing() -> None:
    visit = tried(date(2026, 6, 5), (date(2026, 6, 3), HOME))
    assert (visit.rule, visit.due_on, visit.overdue_days) == ("T8.6", date(2026, 6, 1), 4)
    assert (visit.first_due_on, visit.again_on) == (None, date(2026, 6, 6))


def test_a_visit_of_the_tier_is_put_off_no_further_than_the_laws_day() -> None:
    visit = tried(date(2026, 6, 2), (date(2026, 5, 31), REFUSED), tier=Tier.GREEN)
    assert (visit.rule, visit.first_due_on) == ("T8.7", date(2026, 5, 30))
    assert (visit.due_on, visit.again_on) == (date(2026, 6, 1), date(2026, 6, 7))
    assert visit.overdue_days == 1


def test_a_refusal_is_told_to_the_supervisor() -> None:
    visit = tried(date(2026, 3, 17), (date(2026, 3, 15), REFUSED), tier=Tier.YELLOW)
    assert visit.reason.endswith("因拒绝未访成,改于2026-03-22前再访,并告知督导员")


def test_the_third_failed_attempt_in_a_row_is_the_supervisors_and_puts_nothing_off() -> None:
    failed = [(date(2026, 3, day), HOME) for day in (15, 16, 18)]
    visit = tried(date(2026, 3, 18), *failed, tier=Tier.YELLOW)
    assert (visit.due_on, visit.overdue_days, visit.again_on) == (date(2026, 3, 16), 2, None)
    assert visit.reason.endswith(";已3次未访成(最近2026-03-18因无人在家),不再改期,由督导员处理")


def test_two_attempts_of_one_day_are_one() -> None:
    day = date(2026, 3, 15)
    assert tried(day, (day, HOME), (day, HOME), (day, HOME), tier=Tier.YELLOW).attempts == 1


def test_beyond_the_cap_nothing_is_put_off_any_more() -> None:
    day = date(2026, 3, 16) + timedelta(days=14)
    visit = tried(day, (day, HOME), tier=Tier.YELLOW)
    assert (visit.again_on, visit.overdue_days) == (None, 14)


def test_an_attempt_before_the_last_visit_counts_no_more() -> None:
    visit = tried(date(2026, 3, 17), (date(2026, 2, 27), HOME), tier=Tier.YELLOW)
    assert (visit.attempts, visit.due_on) == (0, date(2026, 3, 16))
