"""The county's base rates are those of the field (domain.md §6), within what chance allows."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_child_has_about_fifty_events_a_year(county: Any) -> None:
    assert 40 < len(county.events) / county.child_years < 65


@pytest.mark.parametrize(
    ("type_", "least", "most"),
    [
        ("problem.found.v1", 105, 195),
        ("care.deficiency_found.v1", 15, 45),
        ("report.submitted.v1", 1.5, 7.5),
        ("visit.completed.v1", 4000, 7500),
        ("contact.logged.v1", 8500, 12500),
    ],
)
def test_facts_a_thousand_children_and_year(
    county: Any, type_: str, least: float, most: float
) -> None:
    assert least < county.rate(type_) < most


def test_a_third_of_the_problems_are_serious(county: Any) -> None:
    minor = county.rate("problem.found.v1", severity="minor")
    assert 0.2 < 1 - minor / county.rate("problem.found.v1") < 0.5


def test_some_reports_are_substantiated_and_some_are_not(county: Any) -> None:
    true = county.rate("report.investigated.v1", finding="substantiated")
    assert 0.5 < true < county.rate("report.investigated.v1")


def test_dropping_out_is_rare(county: Any) -> None:
    assert 0.5 < county.rate("school.left.v1", reason="dropped_out") < 8


def test_hidden_serious_harm_is_as_frequent_as_the_parameters_say(county: Any) -> None:
    assert 45 < 1000 * len(county.episodes) / county.child_years < 105


def test_nobody_ever_sees_part_of_the_harm(county: Any) -> None:
    unseen = sum(each["found"] is None for each in county.episodes)
    assert 0.15 < unseen / len(county.episodes) < 0.55


def test_harm_comes_to_light_with_delay_and_mostly_by_visits(county: Any) -> None:
    found = [each for each in county.episodes if each["found"]]
    assert all(each["start"] <= each["found"] for each in found)
    assert sum(each["found_by"] == "visit" for each in found) > len(found) / 2
