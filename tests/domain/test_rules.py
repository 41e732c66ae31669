"""The register has every rule of the plan, and its checks say what is met, late, open, overdue."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duties import DutyName
from domain.duty_settings import tighten, values_on
from domain.errors import SettingsError
from domain.rules.judging import Happened, judge, period_end, period_start
from domain.rules.register import ALL_SETTINGS, BY_ID, CHECKS, RULES
from domain.rules.shape import Cadence, Chain, Own

FIELD = Path(__file__).resolve().parents[3] / "shared" / "domain.md"
BY_KEY = {check.key: check for check in CHECKS}
VALUES = values_on(ALL_SETTINGS, "520526100200", date(2026, 1, 1))


def happened(day: str, type_name: str, reference: str = "", *marks: str) -> Happened:
    return Happened(
        day=date.fromisoformat(day),
        type=f"{type_name}.v1",
        marks=frozenset(marks),
        reference=reference,
    )


def states(key: str, facts: list[Happened], on: str, since: str = "2024-03-01") -> list[Any]:
    found = judge(
        BY_KEY[key],
        facts,
        date.fromisoformat(on),
        since=date.fromisoformat(since),
        values=VALUES,
    )
    return [(each.state, str(each.due_on)) for each in found]


@pytest.mark.skipif(
    not FIELD.exists(), reason="the field's rules lie beside the project, not in it"
)
def test_every_rule_of_the_field_is_in_the_register_with_its_kind() -> None:
    rows = re.findall(r"^\|([TMG][\d.]+)\|(?:([HCED])\b)?", FIELD.read_text("utf-8"), re.MULTILINE)
    assert [id_ for id_, _ in rows] == [rule.id for rule in RULES]
    assert {i: k for i, k in rows if k and k != BY_ID[i].kind} == {}


def test_no_rule_of_a_task_is_missing() -> None:
    """So many rules has each task in the field's list; M and G: milestones, safeguards."""
    numbers = (6, 8, 6, 6, 5, 8, 5, 10, 6, 5, 6, 4, 3, 4, 5, 9, 3, 2)
    wanted = {str(task): number for task, number in enumerate(numbers, start=1)}
    assert Counter(rule.task for rule in RULES) == wanted | {"M": 5, "G": 6}


def test_every_rule_is_judged_or_says_why_it_cannot_be() -> None:
    for rule in RULES:
        assert bool(rule.checks) != bool(rule.unchecked), rule.id
        assert all(check.rule == rule.id for check in rule.checks)


def test_checks_have_names_of_their_own() -> None:
    assert len(BY_KEY) == len(CHECKS)


def test_a_number_that_no_law_gives_is_called_a_setting() -> None:
    for setting in ALL_SETTINGS:
        assert setting.is_law is not setting.source.startswith("K"), setting.key


def test_a_county_may_tighten_a_rule_and_never_loosen_it() -> None:
    day = date(2026, 3, 1)
    tight = tighten(ALL_SETTINGS, "520526", "T2.6", "T2.6", 14, valid_from=day, today=day)
    assert values_on(tight, "520526100200", day)["T2.6"] == 14
    assert values_on(tight, "520526100200", date(2026, 2, 28))["T2.6"] == 30
    with pytest.raises(SettingsError, match="tighten"):
        tighten(ALL_SETTINGS, "520526", "T2.6", "T2.6", 31, valid_from=day, today=day)


def test_what_is_due_once_a_year_is_due_by_the_end_of_the_year_after_the_last_time() -> None:
    """T16.7: a training in 2024 counts for 2024; 2025's is due by its last day."""
    key, held = "T16.7", ("level=prefecture", "mode=offline")
    once = [happened("2024-05-02", "training.held", "", *held)]
    assert states(key, once, "2024-12-31") == [("met", "2025-12-31")]
    assert states(key, once, "2025-12-31") == [("open", "2025-12-31")]
    assert states(key, once, "2026-01-01") == [("overdue", "2025-12-31")]
    online = [happened("2025-05-02", "training.held", "", "level=prefecture", "mode=online")]
    assert states(key, once + online, "2026-01-01") == [("overdue", "2025-12-31")]


def test_a_school_year_begins_in_september_and_a_report_year_in_december() -> None:
    august, september = date(2025, 8, 31), date(2025, 9, 1)
    assert [period_start(each, 12, 9) for each in (august, september)] == [
        date(2024, 9, 1),
        date(2025, 9, 1),
    ]
    assert period_end(august, 12, 9) == date(2026, 8, 31)
    assert period_end(date(2024, 11, 30), 12, 12) == date(2025, 11, 30)
    assert period_end(date(2024, 12, 1), 12, 12) == date(2026, 11, 30)


def test_a_response_in_time_meets_a_chain_and_one_after_its_day_is_late() -> None:
    """T6.8: one calendar month, the day clamped to the month's end (UPL 114)."""
    issued = happened("2025-01-31", "advice.issued", "A-1")
    assert states("T6.8", [issued], "2025-02-28") == [("open", "2025-02-28")]
    assert states("T6.8", [issued], "2025-03-01") == [("overdue", "2025-02-28")]
    for day, state in (("2025-02-28", "met"), ("2025-03-01", "late")):
        facts = [issued, happened(day, "advice.replied", "A-1")]
        assert states("T6.8", facts, "2025-06-01") == [(state, "2025-02-28")]


def test_a_response_under_another_reference_answers_nothing() -> None:
    facts = [
        happened("2025-01-31", "advice.issued", "A-1"),
        happened("2025-02-03", "advice.replied", "A-2"),
    ]
    assert states("T6.8", facts, "2025-06-01") == [("overdue", "2025-02-28")]


def test_what_came_before_the_trigger_is_no_response() -> None:
    facts = [
        happened("2025-01-30", "mental.counselling_delivered"),
        happened("2025-01-31", "mental.screening_completed", "", "band=needs_counselling"),
    ]
    assert states("T2.6", facts, "2025-06-01") == [("overdue", "2025-03-02")]


def test_the_latest_word_stands() -> None:
    """T14.3: four items at a water; a later check that finds one gone breaks it again."""
    four = ("warning_sign=true", "life_ring=true", "rope=true", "pole=true")
    whole = happened("2024-03-20", "water_site.equipped", "W-1", *four)
    gone = happened("2025-06-01", "water_site.equipped", "W-1", *four[:3], "pole=false")
    key = "T14.3/four_items"
    assert states(key, [], "2024-04-30") == [("open", "2024-04-30")]
    assert states(key, [], "2024-05-01") == [("overdue", "2024-04-30")]
    assert states(key, [whole], "2025-05-31") == [("met", "2024-04-30")]
    assert states(key, [whole, gone], "2025-06-02") == [("overdue", "2024-04-30")]


def test_a_deadline_is_met_late_or_missed() -> None:
    done = [happened("2025-01-01", "census.village_completed")]
    assert states("T8.1", [], "2024-12-31") == [("open", "2024-12-31")]
    assert states("T8.1", [], "2025-01-01") == [("overdue", "2024-12-31")]
    assert states("T8.1", done, "2025-06-01") == [("late", "2024-12-31")]


def test_every_accident_is_a_breach_and_a_checkin_only_without_all_five() -> None:
    accident = [happened("2025-07-09", "accident.recorded")]
    assert states("T14.2", accident, "2025-07-10") == [("overdue", "2025-07-09")]
    five = BY_KEY["T6.3"].must  # type: ignore[union-attr]
    for marks, state in ((five, "met"), (five[1:], "overdue")):
        facts = [happened("2025-07-09", "lodging.minor_checkin_recorded", "", *marks)]
        assert states("T6.3", facts, "2025-07-10") == [(state, "2025-07-09")]


DAYS = st.dates(date(2024, 3, 1), date(2026, 12, 31))


@given(
    check=st.sampled_from([each for each in CHECKS if isinstance(each, Cadence)]),
    done=st.lists(DAYS, max_size=5),
    on=DAYS,
)
def test_a_cadence_is_overdue_exactly_when_a_whole_period_passed_without_it(
    check: Cadence, done: list[date], on: date
) -> None:
    done = sorted(each for each in done if each <= on)
    facts = [
        Happened(day=day, type=check.match.types[0], marks=frozenset(check.match.marks))
        for day in done
    ]
    since = date(2024, 3, 1)
    (found,) = judge(check, facts, on, since=since, values=VALUES)
    months = VALUES[check.key]
    this = period_start(on, months, check.anchor)
    last = period_start(max([since, *done]), months, check.anchor)
    skipped = (this.year - last.year) * 12 + this.month - last.month > months
    assert (found.state == "overdue") is skipped
    assert (found.overdue_days > 0) is (found.state == "overdue")


@given(
    check=st.sampled_from([each for each in CHECKS if isinstance(each, Chain)]),
    triggers=st.lists(DAYS, min_size=1, max_size=4),
    on=DAYS,
)
def test_a_later_day_never_makes_an_unanswered_chain_less_overdue(
    check: Chain, triggers: list[date], on: date
) -> None:
    facts = [
        Happened(day=day, type=check.trigger.types[0], marks=frozenset(check.trigger.marks))
        for day in sorted(triggers)
        if day <= on
    ]
    if check.response.types[0] == check.trigger.types[0]:
        return
    now = judge(check, facts, on, since=on, values=VALUES)
    then = judge(check, facts, date(2027, 1, 1), since=on, values=VALUES)
    assert [a.due_on for a in now] == [b.due_on for b in then]
    assert all(a.overdue_days < b.overdue_days for a, b in zip(now, then, strict=True))


def test_the_duties_that_the_register_names_are_those_of_the_policies() -> None:
    named = {duty for check in CHECKS if isinstance(check, Own) for duty in check.duties}
    assert set(get_args(DutyName)) <= named
