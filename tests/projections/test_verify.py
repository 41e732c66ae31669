"""`verify`: the log folded in Python agrees with ClickHouse, and says so when it doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.verify import verify


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_happens_the_read_models_say_what_the_log_says(
    house_maker: Any, helpers: Any, seed: int
) -> None:
    with house_maker() as house:
        helpers.live_on(house.log, helpers.dice(seed), 400)
        house.sink.advance()
        head = house.log.head()
        house.engine.advance()
        report = verify(house.log, house.client, head)
        assert report.first == []
        assert (report.events, report.children) == (head, 4)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM events WHERE offset = 17", "events 1 to"),
        ("DELETE FROM {visits} WHERE position = (SELECT max(position) FROM visits)", "visits"),
        ("ALTER TABLE {children} UPDATE tier = 'red' WHERE type = 'risk.tier_set.v1'", "tier is"),
        ("ALTER TABLE {subsidies} UPDATE amount_fen = amount_fen + 1 WHERE 1", "paid_fen is"),
        ("TRUNCATE TABLE {reports}", "missing in ClickHouse"),
        (
            (
                "INSERT INTO {contacts} SELECT * FROM {contacts}"
                " WHERE position = (SELECT max(position) FROM contacts)"
            ),
            "contacts",
        ),
        ("ALTER TABLE events UPDATE event_id = generateUUIDv4() WHERE offset = 9", "ids"),
    ],
)
def test_it_finds_what_was_tampered_with(house: Any, helpers: Any, damage: str, said: str) -> None:
    helpers.live_on(house.log, helpers.dice(7), 500)
    house.catch_up()
    assert verify(house.log, house.client, house.log.head()).differences == 0
    live = {name: storage.table for name, storage in house.engine._shelf.live().items()}
    house.client.command(
        damage.format(**live) + " SETTINGS mutations_sync = 2" * (damage.startswith("ALTER"))
    )
    report = verify(house.log, house.client, house.log.head())
    assert report.differences >= 1
    assert any(said in each for each in report.first), report.first
