"""Two directors of one village share its children, and no household is visited by each for risk."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from domain.visit_list import Candidate, Rules
from infra.travel import Travel
from infra.visit_lists import Director, lines_of

NEAR, MONDAY = "520526100201", date(2026, 3, 9)


def test_no_household_is_visited_for_risk_by_each_of_a_villages_directors() -> None:
    directors = [Director(NEAR, f"D-{n}", 1.0) for n in range(3)]
    siblings = [Candidate(child_id=UUID(int=n), score=0.9, household="h") for n in range(3)]
    others = [Candidate(child_id=UUID(int=10 + n), score=0.1) for n in range(3)]
    asked = Candidate(child_id=UUID(int=3), asked_on=MONDAY, household="h")
    waiting = {NEAR: [*siblings, *others, asked]}
    rules = Rules(random_share=0.0)
    made = [*lines_of(directors, waiting, MONDAY, "m", rules, travel=Travel())]
    assert [row.child_id.int in {0, 1, 2, 3} for row in made] == [True, False, False]
    busy = {NEAR: [*siblings, *(replace(asked, child_id=UUID(int=n)) for n in (3, 4))]}
    made = [*lines_of(directors, busy, MONDAY, "m", rules, travel=Travel())]
    assert [row.listed_for for row in made] == ["request", "request"]
