"""The way to a village says how many visits its director's week holds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import SettingsError
from domain.visit_list import Candidate, Costs, Rules
from infra.commands import doctor
from infra.settings import Settings
from infra.travel import Travel, travel_of
from infra.visit_lists import Director, Row, lines_of

NEAR, FAR, MONDAY = "520526100201", "520526100202", date(2026, 3, 9)


def lists(travel: Travel) -> dict[str, list[Row]]:
    """A near and a far village, ten children each, of whom nothing is asked."""
    villages = (NEAR, FAR)
    waiting = {
        village: [Candidate(child_id=UUID(int=100 * i + n), score=0.1 + n / 100) for n in range(10)]
        for i, village in enumerate(villages)
    }
    directors = [Director(village, f"D-{village}", 5.0) for village in villages]
    rules = Rules(random_share=0.0)
    made = [*lines_of(directors, waiting, MONDAY, "m", rules, travel=travel)]
    return {v: [row for row in made if row.village_code == v] for v in villages}


def test_a_far_villages_list_holds_fewer_visits_and_the_same_first_ones() -> None:
    far = lists(Travel(places={FAR: 105}))
    assert (len(far[NEAR]), len(far[FAR])) == (5, 2)
    scores = [row.score for row in far[NEAR]]
    assert [row.score for row in far[FAR]] == scores[:2]


def test_the_longest_beginning_of_a_code_holds_and_else_the_default(tmp_path: Path) -> None:
    (tmp_path / "travel.toml").write_text(
        f'default = 20\n[places]\n"520526" = 30\n"{FAR}" = 60\n', "utf-8"
    )
    travel = travel_of(Settings(tmp_path))
    villages = (FAR, NEAR, "520502001001")
    assert [travel.costs(village).travel for village in villages] == [60, 30, 20]


def test_without_a_file_every_way_is_the_same(tmp_path: Path) -> None:
    assert travel_of(Settings(tmp_path)).costs(FAR) == Costs()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = -1", "default = -1 is no way; mend the file: whole minutes, 0 to 480"),
        ('default = "far"', "default = 'far' is no way; mend the file: whole minutes"),
        ("default = true", "default = True is no way"),
        ('[places]\n"5205" = 9\n"520526" = 481', "places.520526 = 481 is no way; mend the file"),
        ('[places]\n"520526" = 4.5', "places.520526 = 4.5 is no way; mend the file"),
        ('[places]\n"Dafang" = 5', "places.Dafang = 5 is of no place; mend the file: 2 to 12"),
        ("places = 3", "places = 3 is no table; mend the file"),
        ("ways = 3", "ways = 3 is not known; mend the file: write ways below [places]"),
        ("default =", "(at end of document); mend the file"),
    ],
)
def test_a_file_that_says_something_else_is_told_where_what_and_the_remedy(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "travel.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=rf"travel\.toml: .*{re.escape(said)}"):
        travel_of(Settings(tmp_path))
    (found,) = doctor._travel(Settings(tmp_path))
    assert not found.ok


def test_a_file_saved_by_windows_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "travel.toml").write_text("default = 20\n", "utf-8-sig")
    assert travel_of(Settings(tmp_path)).default == 20
