"""`visit_supervision`: failed visits by village, and what they put off."""

from __future__ import annotations

from typing import Any

from domain import visiting as v
from domain.terms import WorkerRole


def test_failed_visits_show_in_supervision_by_village(house: Any, helpers: Any) -> None:
    def failed(number: int, day: str, reason: v.NotVisited) -> None:
        event = v.VisitAttemptFailed(by=WorkerRole.DIRECTOR, reason=reason)
        house.log.write(event, helpers.kid(number), helpers.at(day))

    for number in (1, 2, 3):
        helpers.register(house.log, number)
    failed(1, "2026-03-30", v.NotVisited.REFUSED)
    for day in ("2026-03-28", "2026-03-30", "2026-04-02"):
        failed(2, day, v.NotVisited.WEATHER)
    house.catch_up()
    row = house.one("SELECT * FROM visit_supervision_as_of(as_of = '2026-04-04')")
    assert row == {
        "village_code": "520526100201", "children": 3, "tried": 2, "attempts": 4, "put_off": 1,
        "over_limit": 1, "overdue": 2, "nobody_home": 0, "moved": 0, "refused": 1, "unsafe": 0,
        "weather": 3, "directors": ["D-1"],
    }  # fmt: skip
