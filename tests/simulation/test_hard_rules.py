"""Every H rule of the plan is met by someone and broken by someone in simulated counties."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.child_file import Category
from domain.duty_settings import values_on
from domain.event import SHANGHAI, child_id, event_id
from domain.one_child import Told, owed_to
from domain.rules.happening import SUBJECTS, happened, matches
from domain.rules.judging import Happened, State, judge
from domain.rules.register import ALL_SETTINGS, RULES
from domain.rules.shape import AnyCheck, Each, Own
from domain.vocabulary import EVENTS
from simulation import ledger
from simulation.county import simulate

START, UNTIL = date(2024, 1, 1), date(2026, 11, 20)
DAYS = [date(2024, 6, 18) + timedelta(days=n) for n in range(0, 885, 7)]
SEEDS = (5, 6, 7, 8, 9, 10)
DIGITS = {"province": 2, "prefecture": 4, "county": 6, "township": 9, "village": 12}
CLAIMS = {"T9.2"}
"""Judged by entitlement: see the commands' tests of a county (tests/infra)."""

HARD = [rule for rule in RULES if rule.kind == "H" and rule.checks and rule.id not in CLAIMS]
QUARTER = 90
BORN = "child.registered.v1"
VALUES = values_on(ALL_SETTINGS, "", UNTIL)

Seen = defaultdict[str, set[str]]
"""Rule → the states in which it was seen."""


def events_of(seed: int) -> list[dict[str, Any]]:
    """A county's events that count, in the order of time."""
    lines = simulate(children=60, start=START, until=UNTIL, seed=seed)
    read = [msgspec.json.decode(line) for line in lines]
    numbers: dict[str, UUID] = {}
    for each in read:
        each["child"] = numbers.get(each.get("subject", ""))
        if each["type"] == BORN:
            each["child"] = child_id(each["source"], each.get("corrects") or each["id"])
            numbers[each["data"].get("id_number") or str(each["child"])] = each["child"]
    gone = {each.get("corrects") for each in read}
    kept = [e for e in read if e["id"] not in gone and e["type"] != "record.retracted.v1"]
    return sorted(kept, key=lambda e: e["time"])


def day_of(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["time"]).astimezone(SHANGHAI).date()


def places_and_things(events: list[dict[str, Any]], seen: Seen) -> None:
    """The checks about a place, a school, a water, a director; and events that are a breach."""
    for check in (each for rule in HARD for each in rule.checks):
        types = {name for _, match in matches(check) for name in match.types}
        looked = [e for e in events if e["type"] in types]
        if isinstance(check, Each):
            days = [START, *(day_of(e) for e in looked), UNTIL]
            quiet = any((later - day).days > QUARTER for day, later in pairwise(days))
            seen[check.rule] |= {"overdue"} if looked else set()
            seen[check.rule] |= {"met"} if quiet else set()
        elif not isinstance(check, Own) and getattr(check, "subject", "child") != "child":
            for own in _subjects(check, looked, events).values():
                for on in DAYS:
                    _note(check, [e for e in own if e.day <= on], on, seen)


def _subjects(
    check: Any, looked: list[dict[str, Any]], events: list[dict[str, Any]]
) -> dict[str, list[Happened]]:
    digits, found = DIGITS.get(check.subject), defaultdict[str, list[Happened]](list)
    for event in looked:
        key = (
            event.get("place", "")[:digits]
            if digits
            else event["data"].get(SUBJECTS[check.subject])
        )
        if key and (not digits or len(key) == digits):
            found[key].append(happened(event["type"], event["data"], day_of(event)))
    if not digits:  # those about which nothing was ever said
        for event in events:
            field = SUBJECTS[check.subject]
            if (
                event["type"].endswith((".registered.v1", ".appointed.v1"))
                and field in event["data"]
            ):
                found.setdefault(event["data"][field], [])
    return found


def _note(check: AnyCheck, facts: list[Happened], on: date, seen: Seen) -> None:
    for found in judge(check, facts, on, since=START, values=VALUES):
        seen[check.rule].add(_broken(found.state))


def _broken(state: State) -> str:
    return "overdue" if state == "late" else state


def children(events: list[dict[str, Any]], seen: Seen) -> None:
    """The duties, and the checks about a child."""
    lives: defaultdict[UUID, list[Told]] = defaultdict(list)
    for event in events:
        if not EVENTS[event["type"]].ABOUT_CHILD:
            continue
        own = event_id(event["source"], event["id"])
        told = Told(day_of(event), event["type"], event["data"], own, event.get("place", ""))
        lives[event["child"]].append(told)
    for child, told in lives.items():
        for on in DAYS[::20]:
            found = owed_to(child, [t for t in told if t.day <= on], on)
            if found is None:
                continue
            for duty in found.duties:
                state = "overdue" if duty.overdue_days > 0 else "met" if duty.last_done else "open"
                for name in {duty.rule, *ALSO.get(duty.duty, ())}:
                    seen[name].add(state)
            for case in found.cases:
                seen[case.check.rule].add(_broken(case.obligation.state))


ALSO = {"parent_contact_child": ("T11.4",)}
"""Duty → another rule that asks for it."""


@pytest.fixture(scope="module")
def seen() -> Seen:
    found: Seen = defaultdict(set)
    for seed in SEEDS:
        events = events_of(seed)
        places_and_things(events, found)
        children(events, found)
    return found


@pytest.mark.parametrize("rule", HARD, ids=lambda rule: rule.id)
def test_every_hard_rule_is_met_and_broken_in_simulated_counties(rule: Any, seen: Seen) -> None:
    assert {"met", "overdue"} <= seen[rule.id]


def test_nobody_grown_up_is_given_a_category_of_children() -> None:
    """The county may take weeks to confirm it, and a birthday may come first."""
    sent: list[object] = []
    journal = SimpleNamespace(send=lambda *what: sent.append(what))
    county: Any = SimpleNamespace(journal=journal, moment=lambda day: day)
    child: Any = SimpleNamespace(categories=[], birth=date(2007, 5, 20).toordinal())
    for day, lines in ((date(2025, 5, 20), 0), (date(2025, 5, 19), 1)):
        ledger.add_category(county, day.toordinal(), child, Category.UNGUARDED)
        assert len(sent) == lines
