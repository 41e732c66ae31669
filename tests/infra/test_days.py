"""Days that the store can't hold are wrong usage in every command, never an empty answer."""

from __future__ import annotations

import pytest

from infra.cli import run


@pytest.mark.parametrize(
    "tokens",
    [
        ("duties", "--as-of", "1969-12-31"),
        ("duties", "--known-by", "2149-06-06"),
        ("indicators", "--as-of", "0001-01-01"),
        ("entitlements", "--as-of", "9999-12-31"),
        ("cases", "--known-by", "1900-01-01"),
        ("settings", "--as-of", "1969-12-31"),
        ("score", "--as-of", "2149-06-06"),
        ("simulate", "--from", "1969-12-31", "--until", "2025-01-01", "x.jsonl"),
        ("report", "monthly", "x.xlsx", "--place", "520526", "--month", "2025-11", "--as-of",
         "1969-12-31"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_held_is_named_with_what_can(
    tokens: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(tokens)) == 2
    said = capsys.readouterr()
    day = next(each for each in tokens if each.count("-") == 2 and each[0] in "0129")
    assert said.out == ""
    assert day in said.err
    assert "1970-01-01 to 2149-06-05" in said.err


@pytest.mark.parametrize("week", ["1969-W50", "2149-W30", "9999-W01"])
def test_a_week_that_cannot_be_held_is_no_week(
    week: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", "--week", week]) == 2
    assert week in capsys.readouterr().err
