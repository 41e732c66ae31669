"""The week's list as it is made from the log, recorded, and explained the week after."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from domain.list_line import EXTRA
from infra.home import Home
from infra.list_candidates import candidates
from infra.visit_lists import make_lists

WEEK = "2026-W11"
MONDAY = date(2026, 3, 9)


@pytest.fixture(scope="module")
def waiting(home: Home) -> dict[str, Any]:
    home.catch_up()
    villages = [row[0] for row in home.warehouse.query(
        "SELECT DISTINCT place FROM workers WHERE role = 'director' AND active"
    ).result_rows]  # fmt: skip
    return candidates(home.warehouse, WEEK, MONDAY, villages, ("", MONDAY))


def test_siblings_have_one_household(home: Home, waiting: dict[str, Any]) -> None:
    houses: dict[str, set[str]] = defaultdict(set)
    for village in waiting.values():
        for each in village:
            houses[each.household].add(str(each.child_id))
    sizes = Counter(len(each) for name, each in houses.items() if name)
    assert sizes[2] > 20
    assert max(sizes) <= 3
    registered = home.warehouse.query(
        "SELECT groupArray(toString(child_id)) FROM households GROUP BY household_id"
        " HAVING count() = 2"
    ).result_rows
    of = {child: name for name, each in houses.items() for child in each}
    together = [of[a] == of[b] for ((a, b),) in registered if a in of and b in of]
    assert together
    assert all(together)


def test_the_planner_is_told_on_which_days_a_household_was_visited_beyond_duty(
    home: Home, waiting: dict[str, Any]
) -> None:
    """Counted anew, child by child, in Python."""
    days: dict[str, set[date]] = defaultdict(set)
    for child, day, why in home.warehouse.query(
        "SELECT toString(child_id), day, selection FROM visits_as_of(as_of = {d:Date})",
        {"d": MONDAY},
    ).result_rows:
        if MONDAY - timedelta(days=30) < day and why in EXTRA:
            days[child].add(day)
    every = [each for village in waiting.values() for each in village]
    knocks: dict[str, set[date]] = defaultdict(set)
    for each in every:
        knocks[each.household or str(each.child_id)] |= days[str(each.child_id)]
    told = {str(e.child_id): e.extra_days for e in every}
    assert told == {
        str(e.child_id): tuple(sorted(knocks[e.household or str(e.child_id)])) for e in every
    }
    assert any(len(each) > 1 for each in told.values())
    assert any(set(each) - days[child] for child, each in told.items())  # a sibling's


def test_the_planner_is_told_of_who_was_not_seen(waiting: dict[str, Any]) -> None:
    every = [each for village in waiting.values() for each in village]
    assert all(each.unseen_since is not None and each.unseen_since <= MONDAY for each in every)


def _send(home: Home, kind: str, child: str, day: str, **data: Any) -> None:
    body = {
        "specversion": "1.0",
        "id": f"{kind}-{child}-{day}",
        "source": "urn:test",
        "type": kind,
        "time": f"{day}T12:00:00+08:00",
        "recordedtime": f"{day}T13:00:00+08:00",
        "subject": child,
        "actor": "D-1",
        "actorrole": "director",
        "data": data,
    }
    (outcome,) = home.intake.submit([msgspec.json.encode(body)])
    assert outcome.status == "accepted", outcome


def test_a_child_for_whom_help_was_asked_comes_first(home: Home) -> None:
    rows = make_lists(home, WEEK, keep=False).rows
    last = max((r for r in rows if r.worker_id == rows[0].worker_id), key=lambda r: r.rank)
    _send(home, "visit.requested.v1", str(last.child_id), "2026-03-08", asked_by="hotline")
    again = [r for r in make_lists(home, WEEK, keep=False).rows if r.worker_id == last.worker_id]
    assert again[0].child_id == last.child_id
    assert (again[0].listed_for, again[0].reasons[0]) == ("request", "已求助,应尽快上门")
