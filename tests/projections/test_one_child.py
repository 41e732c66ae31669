"""One child's duties and checks, folded from its timeline, are those that SQL says of everyone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import visiting as v
from domain.event import Event
from domain.examples import example_data
from domain.rules.happening import matches
from domain.rules.register import CHECKS
from domain.subsidy import Benefit
from domain.terms import WorkerRole
from domain.vocabulary import EVENTS
from infra.one_child import owed_about
from infra.oversight import DUTIES, Owed, in_words

LOOKED = [
    match
    for check in CHECKS
    for _, match in matches(check)
    if all(EVENTS[each].ABOUT_CHILD for each in match.types)
    and "child.registered.v1" not in match.types
]


def of_everyone(house: Any, on: date, known_by: date) -> dict[str, list[str]]:
    """What `shouhe duties` says of everyone, child by child."""
    given = {"as_of": on, "known_by": known_by, "place": "", "rule": "", "all": 1}
    found: dict[str, list[str]] = defaultdict(list)
    for row in house.client.query(DUTIES, given).result_rows:
        owed = Owed(**dict(zip(Owed.__struct_fields__, row, strict=True)))
        found[owed.child].append(str(owed))
    return found


def ruled(dice: Random, number: int) -> Event:
    """An event that a check looks at, mostly with its marks, under a reference of the child."""
    match = dice.choice(LOOKED)
    cls = EVENTS[dice.choice(match.types)]
    data = example_data(cls)
    for mark in match.marks if dice.random() < 0.85 else ():
        name, _, value = mark.partition("=")
        data[name] = {"true": True, "false": False}.get(value, value)
    if cls.KEY is not None:
        data[cls.KEY] = f"K-{number}-{dice.randrange(3)}"
    return msgspec.convert(data, cls)


@given(seed=st.integers(0, 2**32), on=st.dates(date(2026, 1, 2), date(2026, 9, 30)))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_and_one_childs_fold_agree_on_any_day(
    house_maker: Any, helpers: Any, seed: int, on: date
) -> None:
    with house_maker() as house:
        dice = helpers.dice(seed)
        helpers.live_on(house.log, dice, 250, children=3)
        for _ in range(200):
            number = dice.randrange(3)
            moment = helpers.at(date(2026, 1, 1) + timedelta(days=dice.randrange(300)))
            house.log.write(ruled(dice, number), helpers.kid(number), moment)
        house.catch_up()
        for known_by in (on, on + timedelta(days=40)):
            wanted = of_everyone(house, on, known_by)
            for number in range(3):
                child = helpers.kid(number)
                found = owed_about(house.client, child, on, known_by)
                assert sorted(map(str, found)) == sorted(wanted[str(child)])


def test_a_child_that_is_not_registered_is_owed_nothing(house: Any) -> None:
    house.catch_up()
    assert owed_about(house.client, uuid4(), date(2026, 3, 1)) == []


def test_a_failed_visit_is_told_with_its_reason(house: Any, helpers: Any) -> None:
    child = helpers.register(house.log, 1)
    failed = v.VisitAttemptFailed(by=WorkerRole.DIRECTOR, reason=v.NotVisited.REFUSED)
    house.log.write(failed, child, helpers.at("2026-03-30"))
    house.catch_up()
    visit = next(e for e in owed_about(house.client, child, date(2026, 4, 5)) if e.rule == "T8.6")
    assert visit.what == (
        "已逾期4天未入户走访(应每三个月一次);2026-03-30因拒绝未访成,改于2026-04-06前再访,并告知督导员"
    )
    assert visit.state == "overdue"


def test_what_is_owed_of_money_is_told_to_people_by_its_names() -> None:
    said = in_words("wrong_granted special_hardship_allowance 2026-01")
    assert said == f"批准金额不符 {Benefit.SPECIAL_HARDSHIP.label} 2026-01"
    assert in_words("每周与儿童联系") == "每周与儿童联系"
