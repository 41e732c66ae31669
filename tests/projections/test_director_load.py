"""`director_load`: children a director by village, and where one more is advised (T16.2)."""

from __future__ import annotations

from typing import Any

from domain import child_file as c
from domain import workforce as w
from domain.terms import WorkerRole
from domain.worker_service import AdditionRecommended

VILLAGE = "520526100201"
AS_OF = "SELECT * FROM director_load_as_of(as_of = '{}')"


def test_a_village_of_more_than_thirty_is_advised_another_director(
    house: Any, helpers: Any
) -> None:
    def categorise(number: int, category: c.Category, day: str) -> None:
        event = c.CategoryAdded(category=category)
        house.log.write(event, helpers.kid(number), helpers.at(day))

    def appoint(worker: str, day: str, role: WorkerRole, place: str) -> None:
        event = w.WorkerAppointed(worker_id=worker, role=role, place=place, weekly_hours=20)
        house.log.write(event, occurred=helpers.at(day))

    for number in range(34):
        helpers.register(house.log, number)
    for number in range(30):
        categorise(number, c.Category.LEFT_BEHIND, "2026-01-02")
    categorise(0, c.Category.DISABLED, "2026-01-02")  # of two categories: one child all the same
    categorise(30, c.Category.MIGRANT, "2026-01-02")  # 31, 32, 33 are of none yet
    appoint("D-1", "2026-01-02", WorkerRole.DIRECTOR, VILLAGE)
    appoint("S-1", "2026-01-02", WorkerRole.SUPERVISOR, "520526100")
    categorise(31, c.Category.ORPHAN, "2026-01-10")
    house.log.write(AdditionRecommended(children=31), occurred=helpers.at("2026-01-12"))
    appoint("D-2", "2026-01-20", WorkerRole.DIRECTOR, VILLAGE)
    house.log.write(w.WorkerEnded(worker_id="D-1"), occurred=helpers.at("2026-01-25"))
    house.log.write(w.WorkerEnded(worker_id="D-2"), occurred=helpers.at("2026-01-28"))
    house.log.write(
        c.LeftLedger(reason=c.Leaving.PARENT_BACK), helpers.kid(0), helpers.at("2026-01-30")
    )
    house.catch_up()

    days = ("05", "11", "15", "21", "26", "29", "31")
    rows = [house.one(AS_OF.format(f"2026-01-{day}")) for day in days]
    found = [tuple(row[key] for key in ("children", "directors", "recommended")) for row in rows]
    assert found == [
        (30, 1, 0),
        (31, 1, 1),
        (31, 1, 1),
        (31, 2, 0),
        (31, 1, 1),
        (31, 0, 1),
        (30, 0, 0),
    ]
    for children, directors, recommended in found:
        assert recommended == w.addition_recommended(children, directors)
    assert [str(row["recommended_on"]) for row in rows] == ["None"] * 2 + ["2026-01-12"] * 5
    assert {row["village_code"] for row in rows} == {VILLAGE}
