"""A place is one of the map, or one that the log speaks of; any other is refused by name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain import child_file as c
from domain import workforce as w
from domain.errors import WrongUsageError
from domain.terms import Sex, WorkerRole
from infra.places import check_known

RENUMBERED, STAFFED = "529902001001", "529903001001"
"""Codes that are on no map of ours."""


def test_a_place_is_known_by_the_map_or_by_what_is_recorded_of_it(house: Any, helpers: Any) -> None:
    house.catch_up()
    for place in ("", "52", "5205", "520526"):
        check_known(house.client, place)
    for place in (RENUMBERED, STAFFED, "999999"):
        with pytest.raises(WrongUsageError, match=f"--place.*{place}.*use its code"):
            check_known(house.client, place)
    born = c.ChildRegistered(
        name="enc1:n", id_type=c.IDType.NONE, sex=Sex.GIRL, birth_date=date(2015, 3, 7),
        hukou_type=c.Hukou.RURAL, hukou_division="520526", residence_division=RENUMBERED,
    )  # fmt: skip
    house.log.write(born, helpers.kid(1))
    house.log.write(
        w.WorkerAppointed(worker_id="D-9", role=WorkerRole.DIRECTOR, place=STAFFED, weekly_hours=6)
    )
    house.catch_up()
    for place in (RENUMBERED, RENUMBERED[:9], "529903"):
        check_known(house.client, place)
    with pytest.raises(WrongUsageError):
        check_known(house.client, "529904")


@pytest.mark.parametrize("place", ["5", "520", "abc", "52052610020", "520526 "])
def test_what_is_no_code_is_said_to_be_none(house: Any, place: str) -> None:
    with pytest.raises(WrongUsageError, match="no place code"):
        check_known(house.client, place)
