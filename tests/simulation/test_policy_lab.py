"""Lists compared on the same lives: what is the same, what differs, and what holds."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from domain.visit_list import Rules
from domain.visiting import Selection
from simulation.county import simulate
from simulation.lab.closed_loop import Lived, Setting, Watch, live
from simulation.lab.compare import groups, outcomes, parts
from simulation.state import Pick

POLICIES = ("none", "duty", "due_order", "model")


@pytest.fixture(scope="module")
def lived() -> list[Lived]:
    """A year under each policy, and the model's once more under the rules it has anyway."""
    return live(5, Setting(children=160), POLICIES, {"as it is": Rules()})


@pytest.fixture(scope="module")
def years(lived: list[Lived]) -> list[Lived]:
    return lived[:-1]


def test_every_policy_has_the_same_children_and_the_year_can_be_lived_again(
    years: list[Lived],
) -> None:
    assert [each.policy for each in years] == list(POLICIES)
    assert len({frozenset(each.houses.items()) for each in years}) == 1
    assert live(5, Setting(children=160), ("duty",)) == [years[1]]


def test_visits_are_made_by_all_but_the_one_that_goes_where_it_is_asked(years: list[Lived]) -> None:
    none, duty, due_order, model = years
    assert none.visits < duty.visits / 10
    assert duty.visits < min(due_order.visits, model.visits)


def test_duty_first_holds_under_the_model(years: list[Lived]) -> None:
    none, duty, _, model = years
    assert model.missed <= duty.missed + 0.02
    assert none.missed > 0.7


def test_outcomes_are_counted_against_visits_at_request_alone(years: list[Lived]) -> None:
    by = {each.policy: each for each in outcomes(years)}
    assert by["none"].prevented == 0
    assert by["duty"].ratio == pytest.approx(1.0)
    saved = years[0].total - years[3].total
    assert by["model"].prevented == pytest.approx(1000 * saved / years[0].children, abs=1)
    assert {each.group for each in groups(years, "model")} >= {"男", "女", "非残疾"}


def test_a_part_of_the_rules_is_weighed_on_the_same_lives(lived: list[Lived]) -> None:
    model, again = lived[-2:]
    assert again == msgspec.structs.replace(model, policy="as it is")
    by = {each.part: each for each in parts(lived)}
    assert set(by) == {"due_order", "as it is"}
    same, due = by["as it is"], by["due_order"]
    assert (same.lived, same.saved, same.saved_within) == (0.0, 0.0, (0.0, 0.0))
    assert due.saved_within[0] < due.saved < due.saved_within[1]


def test_visits_are_counted_by_their_chance_to_see_what_is_there(years: list[Lived]) -> None:
    none, duty, due_order, _ = (sum(each.saved.values()) for each in years)
    assert none < duty < due_order


@pytest.mark.long
def test_on_four_counties_together_the_list_prevents_more_than_duty_and_due_order() -> None:
    """Counties of development; those that the list was judged on: python -m bench.closed_loop."""
    lived = [
        year for seed in (21, 22, 71, 72) for year in live(seed, Setting(children=1500), POLICIES)
    ]
    by = {each.policy: each for each in outcomes(lived)}
    assert by["model"].ratio > max(1.3, by["due_order"].ratio)
    assert by["model"].ratio_within[0] > 1.1
    assert by["model"].missed <= by["duty"].missed
    assert not [each for each in groups(lived, "model") if each.worse_off]


def _episodes(village: str = "", child: str = "") -> list[object]:
    """Every episode of a year in which one child at most is sent a visitor each week."""

    def choose(monday: int, place: str, minutes: int, taken: frozenset[str]) -> list[Pick]:
        del monday, minutes, taken
        return [Pick(child, Selection.DUTY)] if place == village else []

    watch = Watch()
    span = {"start": date(2024, 3, 4), "until": date(2025, 3, 3)}
    steer = (date(2024, 6, 3), choose)
    for _ in simulate(children=150, **span, seed=9, truth=watch, steer=steer, fates=True):
        pass
    return sorted(watch.episodes)


def test_a_life_is_the_same_whoever_else_is_visited() -> None:
    from simulation.lab.record import Record

    record = Record()
    for line in simulate(
        children=150, start=date(2024, 3, 4), until=date(2024, 6, 1), seed=9, fates=True
    ):
        record.observe(line)
    none = _episodes()
    row = next(i for i, key in enumerate(record.keys) if key not in {e.child for e in none})
    family = {
        k for k, a in zip(record.keys, record.address, strict=True) if a == record.address[row]
    }
    visited = _episodes(record.village[row], record.keys[row])
    assert [e for e in none if e.child not in family] == [
        e for e in visited if e.child not in family
    ]
