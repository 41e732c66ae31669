"""Other counties: drawn from a number, unlike the standard one, and sound."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from domain.divisions import villages_of
from domain.society import VolunteerChecked, VolunteerPaired, VolunteerRegistered
from infra.home import Home
from infra.settings import Settings
from simulation.county import simulate
from simulation.journal import DAY, POLICE, REGISTER, YOUTH, Journal
from simulation.parameters import Parameters
from simulation.variants import COUNTIES, variant

SPAN = {"start": date(2024, 3, 1), "until": date(2024, 9, 1)}


class Child:
    """A child as the journal needs to know it."""

    def __init__(self) -> None:
        self.key, self.id_number = "child", ""
        self.recorded: dict[str, int] = {}


def test_the_same_number_gives_the_same_county_and_another_another() -> None:
    assert variant(7) == variant(7)
    assert variant(7).params != variant(8).params


def test_most_rates_and_habits_differ_from_the_standard_county() -> None:
    other, standard = variant(7).params, Parameters()
    same = {
        e.name for e in fields(Parameters) if getattr(other, e.name) == getattr(standard, e.name)
    }
    assert {"harm_level", "effects", "skill", "diligence", "director_hours"}.isdisjoint(same)
    assert len(same) < len(fields(Parameters)) / 2


@pytest.mark.parametrize("number", range(1, 60))
def test_every_drawn_share_is_one(number: int) -> None:
    for par in variant(number)[1:]:
        for each in (
            "same_day",
            "both_away",
            "found_at_visit",
            "home_at_festival",
            "random_visits",
        ):
            assert 0 < getattr(par, each) < 1
        assert par.both_away + par.father_only_away <= 1
        assert par.same_day + par.within_week < 1
        assert 0 < par.diligence[0] < par.diligence[1] <= 1
        assert 0 < par.skill[0] < par.skill[1] <= 1


def test_a_county_lives_as_before_until_the_day_it_drifts_and_otherwise_after() -> None:
    made = variant(7)
    common = {"county": made.county, "children": 60, **SPAN, "seed": 4}
    same = list(simulate(made.params, **common))
    turned = list(simulate(made.params, **common, drift=(date(2024, 6, 3), made.drifted)))
    alike = next(i for i, (a, b) in enumerate(zip(same, turned, strict=False)) if a != b)
    assert b'"recordedtime":"2024-06' in turned[alike] or b"2024-05-3" in turned[alike]


def test_every_county_of_the_draw_has_villages_enough() -> None:
    assert all(len(villages_of(each)) > 270 for each in COUNTIES)


@pytest.mark.parametrize("number", [100, 101, 102])
def test_nothing_that_another_county_says_is_refused(number: int, tmp_path: Path) -> None:
    """Whole, through the intake: what `python -m bench.held_out` does first."""
    other, until = variant(number), date(2026, 3, 16)
    lines = simulate(
        other.params,
        county=other.county,
        children=60,
        start=date(2025, 1, 5),
        until=until,
        seed=number,
        drift=(until - timedelta(days=365), other.drifted),
    )
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    (tmp_path / "home").mkdir()
    with Home(Settings(tmp_path / "home")) as home:
        counts = home.intake.import_file(path)
    assert counts.accepted > 3000
    assert counts.rejected == 0


@pytest.mark.parametrize("late", range(5))
def test_whoever_met_no_child_yet_meets_one_after_what_was_said_before(late: int) -> None:
    """A registration typed in a month late holds up the check, and so the pairing."""
    dice = Random(late)  # noqa: S311 - not for secrets
    journal = Journal(dice, dice, 0.0, 0.0)
    child = Child()
    number = "vo-1"
    journal.send(YOUTH, VolunteerRegistered(volunteer_id=number), DAY, place="520281", aside=True)
    checked = journal.send(
        POLICE, VolunteerChecked(volunteer_id=number, clear=True), 2 * DAY, aside=True
    )
    paired = journal.send(
        REGISTER, VolunteerPaired(volunteer_id=number), 3 * DAY, child, aside=True
    )
    assert paired.recorded > checked.recorded
