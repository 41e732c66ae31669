"""The edges of the calendar: the same answer in SQL and in domain/duties.py, and the right one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain import child_file as c
from domain import guardianship as g
from domain import visiting as v
from domain.duties import duties_of
from domain.duty_settings import SETTINGS, Setting
from domain.event import event_class
from domain.examples import example_data
from domain.rules.judging import period_end
from domain.rules.register import CHECKS
from domain.rules.shape import Cadence
from domain.terms import Parent, WorkerRole
from domain.tightening import SettingTightened

VISIT = v.VisitCompleted(by=WorkerRole.DIRECTOR, child_seen=True)
NEW_YEAR = date(2026, 2, 17)


def _oracle(name: str) -> Any:
    """A test module beside this one, for its slow and obvious way."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"calendar_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Calendar:
    """A house that many children share, asked for the duties of one of them."""

    def __init__(self, house: Any, helpers: Any) -> None:
        self.house, self.at, self._helpers = house, helpers.at, helpers
        self._slow, self._number = _oracle("test_duties"), 0
        self._tightened: list[Setting] = []

    def tighten(self, place: str, months: int, since: date) -> None:
        """Visits every so many months, in a place, from a day on."""
        self._tightened.append(Setting(
            rule="T8.6", key="visit_months", value=months, unit="calendar_months", place=place,
            valid_from=since, is_law=False, source=f"set by {place}",
        ))  # fmt: skip
        tighter = SettingTightened(
            rule="T8.6", key="visit_months", longest=months, place=place, valid_from=since
        )
        self.house.log.write(tighter, occurred=self.at("2026-12-20"), place=place)

    def child(self, since: str = "2023-01-09") -> Any:
        self._number += 1
        return self._helpers.register(self.house.log, self._number, self.at(since))

    def write(
        self, child: Any, event: Any, day: str, recorded: str = "", corrects: Any = None
    ) -> Any:
        more = {} if corrects is None else {"corrects": corrects}
        return self.house.log.write(event, child, self.at(day), self.at(recorded or day), **more)

    def duties(self, child: Any, on: str, known_by: str = "") -> dict[str, tuple[Any, ...]]:
        """Duty → (last done, due on, days overdue), in SQL, once Python has said the same."""
        self.house.catch_up()
        known = known_by or on
        rows = self.house.ask(
            "SELECT duty, last_done, due_on, overdue_days"
            f" FROM duties_as_known(as_of = '{on}', known_by = '{known}')"
            f" WHERE child_id = '{child}'"
        )
        day = date.fromisoformat(on)
        told = self._slow.known_on(self.house.log, day, date.fromisoformat(known))
        facts = self._slow.facts_of([each for each in told if each[0].child_id == child], day)
        python: dict[str, tuple[Any, ...]] = {
            each.duty: (each.last_done, each.due_on, each.overdue_days)
            for one in facts.values()
            for each in duties_of(one, day, [*SETTINGS, *self._tightened])
        }  # fmt: skip
        assert {row[0]: tuple(row[1:]) for row in rows} == python
        return python


@pytest.fixture(scope="module")
def calendar(
    clickhouse: Any, tmp_path_factory: pytest.TempPathFactory, helpers: Any
) -> Iterator[Any]:
    with helpers.new_house(clickhouse, tmp_path_factory.mktemp("calendar")) as house:
        yield Calendar(house, helpers)


def test_three_months_from_the_last_day_of_november_is_the_last_day_of_february(
    calendar: Any,
) -> None:
    child = calendar.child()
    calendar.write(child, VISIT, "2025-11-30")
    assert calendar.duties(child, "2026-03-01")["director_visit"] == (
        date(2025, 11, 30), date(2026, 2, 28), 1,
    )  # fmt: skip


def test_in_a_leap_year_it_is_the_29th_and_from_the_29th_it_is_the_29th(calendar: Any) -> None:
    child = calendar.child()
    calendar.write(child, VISIT, "2023-11-30")
    assert calendar.duties(child, "2024-02-29")["director_visit"][1:] == (date(2024, 2, 29), 0)
    calendar.write(child, VISIT, "2024-02-29")
    assert calendar.duties(child, "2024-05-30")["director_visit"][1:] == (date(2024, 5, 29), 1)


def test_a_contact_on_the_last_day_of_a_month_is_due_again_at_the_end_of_the_next(
    calendar: Any,
) -> None:
    child = calendar.child()
    calendar.write(child, VISIT, "2024-01-31")
    assert calendar.duties(child, "2024-03-01")["director_contact"][1:] == (date(2024, 2, 29), 1)


def test_parents_home_for_a_week_at_spring_festival_owe_nothing_then_and_begin_anew(
    calendar: Any,
) -> None:
    child = calendar.child()
    for parent in (Parent.FATHER, Parent.MOTHER):
        calendar.write(child, g.ParentDeparted(parent=parent), "2025-03-03")
        calendar.write(child, g.ParentReturned(parent=parent), "2026-02-13")
        calendar.write(child, g.ParentDeparted(parent=parent), "2026-02-20")
    away = {"care_agreement", "parent_contact_child"}
    assert away <= calendar.duties(child, "2026-02-12").keys()
    assert not away & calendar.duties(child, str(NEW_YEAR)).keys()
    again = calendar.duties(child, "2026-02-21")
    assert again["care_agreement"][1:] == (date(2026, 2, 20), 1)
    assert again["parent_contact_child"][1] == date(2026, 3, 1)  # Sunday of the week after


def test_one_parent_home_for_a_week_ends_the_need_for_an_agreement_not_the_weekly_call(
    calendar: Any,
) -> None:
    child = calendar.child()
    for parent in (Parent.FATHER, Parent.MOTHER):
        calendar.write(child, g.ParentDeparted(parent=parent), "2025-03-03")
    calendar.write(child, g.ParentReturned(parent=Parent.FATHER), "2025-10-01")
    calendar.write(child, g.ParentDeparted(parent=Parent.FATHER), "2025-10-08")
    home = calendar.duties(child, "2025-10-04")
    assert "care_agreement" not in home
    assert "parent_contact_child" in home
    assert calendar.duties(child, "2025-10-09")["care_agreement"][1] == date(2025, 10, 8)


def test_whoever_leaves_the_ledger_at_eighteen_has_no_duties_from_that_day(calendar: Any) -> None:
    child = calendar.child()
    calendar.write(child, c.LeftLedger(reason=c.Leaving.AGED_OUT), "2026-03-07")
    assert calendar.duties(child, "2026-03-06")
    assert calendar.duties(child, "2026-03-07") == {}
    assert calendar.duties(child, "2026-03-06", known_by="2026-06-01")


def test_whoever_moves_between_counties_is_owed_what_the_new_one_asks(calendar: Any) -> None:
    there, beyond = "520521100201", "520502100201"
    calendar.tighten("520521", 1, date(2027, 1, 1))
    calendar.tighten("520502", 2, date(2027, 1, 1))
    child = calendar.child()
    calendar.write(child, VISIT, "2027-01-31")
    calendar.write(child, c.ChildMoved(residence_division=there), "2027-02-10", "2027-03-20")
    calendar.write(child, c.ChildMoved(residence_division=beyond), "2027-04-05")

    def due(on: str, known_by: str = "") -> date:
        day: date = calendar.duties(child, on, known_by)["director_visit"][1]
        return day

    assert due("2027-02-09") == date(2027, 4, 30)  # as the law has it
    assert due("2027-02-10") == date(2027, 4, 30)  # no one knew yet
    assert due("2027-02-10", known_by="2027-03-20") == date(2027, 2, 28)
    assert due("2027-04-04") == date(2027, 2, 28)
    assert due("2027-04-05") == date(2027, 3, 31)


def test_a_left_behind_child_is_one_to_the_end_of_the_month_of_the_sixteenth_birthday(
    calendar: Any,
) -> None:
    child = calendar.child()  # born on 2015-03-07
    calendar.write(child, c.CategoryAdded(category=c.Category.LEFT_BEHIND), "2024-05-01")
    away = g.ParentDeparted(parent=Parent.MOTHER)
    calendar.write(child, away, "2031-01-05")
    calendar.house.catch_up()
    seen = {
        on: calendar.house.ask(
            f"SELECT categories, on_ledger, left_reason FROM children_as_of(as_of = '{on}')"
            f" WHERE child_id = '{child}'"
        )[0]
        for on in ("2031-03-06", "2031-03-07", "2031-03-31", "2031-04-01")
    }
    held = (["left_behind_child"], 1, "")
    assert seen["2031-03-06"] == seen["2031-03-07"] == seen["2031-03-31"] == held
    assert seen["2031-04-01"] == ([], 0, "aged_out")
    assert "parent_contact_child" in calendar.duties(child, "2031-03-31")
    after = f"duties_as_of(as_of = '2031-04-01') WHERE child_id = '{child}'"
    assert calendar.house.ask(f"SELECT duty FROM {after}") == []


def test_a_correction_corrected_again_and_then_taken_back_counts_as_it_was_known(
    calendar: Any,
) -> None:
    child = calendar.child()
    first = calendar.write(child, VISIT, "2025-05-10")
    second = calendar.write(child, VISIT, "2025-05-12", "2025-06-01", first)
    third = calendar.write(child, VISIT, "2025-05-14", "2025-07-01", second)
    calendar.write(child, c.RecordRetracted(), "2025-08-01", corrects=third)
    seen = [
        calendar.duties(child, "2025-05-31", known_by)["director_visit"][0]
        for known_by in ("2025-05-31", "2025-06-15", "2025-07-15", "2025-08-15")
    ]
    assert seen == [date(2025, 5, 10), date(2025, 5, 12), date(2025, 5, 14), None]


def test_school_years_turn_on_the_first_of_september(calendar: Any) -> None:
    (check,) = (each for each in CHECKS if each.key == "T2.4" and isinstance(each, Cadence))
    due = {}
    for day in ("2025-08-31", "2025-09-01"):
        child = calendar.child()
        school = c.SchoolEnrolled(school_code="S-1", stage=c.SchoolStage.PRIMARY, grade=3)
        calendar.write(child, school, "2023-02-01")
        due[day] = child
    calendar.house.catch_up()
    kind = event_class("mental.screening_completed.v1")
    for day, child in due.items():
        calendar.write(child, msgspec.convert(example_data(kind), kind), day)
    calendar.house.catch_up()
    for day, child in due.items():
        (row,) = calendar.house.ask(
            "SELECT due_on FROM obligations_as_of(as_of = '2025-12-31')"
            f" WHERE check = 'T2.4' AND subject_id = '{child}'"
        )
        assert row[0] == period_end(date.fromisoformat(day), check.months, check.anchor)
    assert check.anchor == 9
