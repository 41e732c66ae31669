"""A child's card, folded from its timeline, says what the views say of everyone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import visiting as v
from domain.child_card import Card
from domain.child_file import Category, CategoryAdded, RecordRetracted
from domain.event import SHANGHAI
from domain.terms import WorkerRole
from infra.web.village_week import cards_of

CHILDREN = 6
VIEWS = """
SELECT c.child_id, c.sex, c.birth_month, c.village_code, c.tier, c.categories, c.forgotten,
    c.on_ledger, toDate(c.registered_at, 'Asia/Shanghai'), v.last, a.day, a.reason
FROM children AS c
LEFT JOIN (SELECT child_id, toNullable(max(day)) AS last FROM visits GROUP BY child_id) AS v
    ON v.child_id = c.child_id
LEFT JOIN (
    SELECT child_id, toNullable(argMax(day, sequence)) AS day, argMax(reason, sequence) AS reason
    FROM (SELECT *, (occurred_at, position) AS sequence FROM visit_attempts) GROUP BY child_id
) AS a ON a.child_id = c.child_id
"""


def of_views(client: Any) -> dict[Any, Card]:
    """Every child's card, as the views have it."""
    rows = client.query(VIEWS).result_rows
    return {
        row[0]: Card(*row[1:5], tuple(row[5]), bool(row[6]), bool(row[7]), *row[8:]) for row in rows
    }


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_cards_say_what_the_views_say(house_maker: Any, helpers: Any, seed: int) -> None:
    with house_maker() as house:
        helpers.live_on(house.log, helpers.dice(seed), 400, children=CHILDREN)
        house.catch_up()
        wanted = of_views(house.client)
        children = [helpers.kid(number) for number in range(CHILDREN)]
        today = datetime.now(UTC).astimezone(SHANGHAI).date()
        assert cards_of(house.client, children, today) == wanted
        assert wanted


def test_what_was_taken_back_is_on_no_card(house: Any, helpers: Any) -> None:
    child = helpers.register(house.log, 1)
    at = helpers.at(date(2026, 3, 2))
    added = house.log.write(CategoryAdded(category=Category.LEFT_BEHIND), child, at)
    failed = v.VisitAttemptFailed(by=WorkerRole.DIRECTOR, reason=v.NotVisited.REFUSED)
    house.log.write(failed, child, at + timedelta(days=1))
    house.catch_up()
    card = cards_of(house.client, [child], date(2026, 4, 1))[child]
    assert card.categories == ("left_behind_child",)
    assert (card.tried_on, card.tried_reason) == (date(2026, 3, 3), "refused")
    house.log.write(RecordRetracted(reason="typed twice"), child, at, corrects=added)
    house.catch_up()
    assert cards_of(house.client, [child], date(2026, 4, 1))[child].categories == ()


@pytest.mark.parametrize(("on", "held"), [(date(2031, 3, 31), True), (date(2031, 4, 1), False)])
def test_a_category_is_outgrown_at_the_end_of_a_month(
    house: Any, helpers: Any, on: date, held: bool
) -> None:
    child = helpers.register(house.log, 1)
    house.log.write(CategoryAdded(category=Category.LEFT_BEHIND), child, helpers.at("2026-03-02"))
    house.catch_up()
    card = cards_of(house.client, [child], on)[child]
    assert (card.on_ledger, card.categories) == (held, ("left_behind_child",) if held else ())
