"""The position that a score names: the same one means the same features."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.child_file import ChildRegistered, Hukou, IDType
from domain.foresight import ChildListed, Duty
from domain.terms import Sex
from risk.matrix import fetch
from risk.training import data_position

VILLAGE, AS_OF = "520526100201", date(2026, 3, 15)


@pytest.fixture(scope="module")
def child(pen: Any) -> str:
    fact = ChildRegistered(
        name="甲",
        id_type=IDType.NONE,
        sex=Sex.GIRL,
        birth_date=date(2015, 3, 7),
        hukou_type=Hukou.RURAL,
        hukou_division="520526",
        residence_division=VILLAGE,
    )
    return str(pen.child_of(pen.write(fact, "2025-01-10")))


def listed(pen: Any, child: str, week: str, day: str) -> None:
    fact = ChildListed(week=week, village_code=VILLAGE, worker_id="D-1", rank=1, duty=Duty.NONE)
    pen.write(fact, day, child=child)
    pen.home.catch_up()


def known(pen: Any) -> tuple[int, Any]:
    client = pen.home.warehouse
    return data_position(client, AS_OF), fetch(client, [AS_OF]).column("weeks_listed_180").tolist()


def test_a_list_that_features_read_moves_the_position_and_this_weeks_own_does_not(
    pen: Any, child: str
) -> None:
    pen.home.catch_up()
    before = known(pen)
    listed(pen, child, "2026-W11", "2026-03-12")
    assert known(pen) == before
    listed(pen, child, "2026-W09", "2026-02-23")
    position, weeks = known(pen)
    assert weeks != before[1]
    assert position > before[0]
