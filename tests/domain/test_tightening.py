"""A place tightens a setting: never looser, never back in time, never an unknown one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.guards import Occasion
from domain.streams import apply, check, new_state
from domain.tightening import SettingTightened

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)


def said(**changed: Any) -> SettingTightened:
    data = {"rule": "T8.6", "key": "visit_months", "longest": 2, "place": "520526",
            "valid_from": date(2026, 4, 1)}  # fmt: skip
    return SettingTightened(**{**data, **changed})


def at(place: str = "520526") -> Occasion:
    return Occasion(NOW, NOW, place=place)


def test_a_county_may_tighten() -> None:
    assert check(new_state("setting"), said(), at()) is None


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"longest": 4}, "setting_refused", "longest"),
        ({"longest": 0}, "setting_refused", "longest"),
        ({"valid_from": date(2026, 3, 9)}, "setting_refused", "valid_from"),
        ({"key": "visit_weeks"}, "setting_unknown", "key"),
        ({"rule": "T8.5"}, "setting_unknown", "key"),
        ({"rule": "T9.1", "key": "disability_grade", "longest": 1}, "setting_fixed", "key"),
        ({"place": "520527"}, "setting_elsewhere", "place"),
    ],
)
def test_what_is_no_tightening_is_refused_with_a_remedy(
    changed: dict[str, Any], code: str, field: str
) -> None:
    refusal = check(new_state("setting"), said(**changed), at())
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


def test_a_township_is_bound_by_its_county() -> None:
    state = new_state("setting")
    apply(state, said(longest=1), at())
    refusal = check(state, said(place="520526100"), at("520526100"))
    assert refusal is not None
    assert "may tighten" in str(refusal)
    elsewhere = check(state, said(place="520527"), at("520527"))
    assert elsewhere is None
