"""`duties` in SQL and the policies of domain/duties.py are the same rules, on any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.child_file import RiskFactor
from domain.duties import UNABLE_PARENT, Agreement, ChildFacts, duties_of
from domain.event import NO_CHILD, SHANGHAI, Recorded, day
from domain.guardianship import ParentStatus
from domain.terms import Tier
from domain.tightening import SettingTightened
from domain.visiting import NotVisited
from infra.one_child import owed_about

Fact = tuple[Recorded, dict[str, Any]]


def known_on(log: Any, on: date, known_by: date) -> list[Fact]:
    """The events that counted at the end of a day, as known on one, in their order."""

    def before(moment: Any, last: date) -> bool:
        return bool(moment.astimezone(SHANGHAI).date() <= last)

    events = [msgspec.json.decode(row[4], type=Recorded) for row in log.stored]
    told = enumerate(events)
    known = [(place, each) for place, each in told if before(each.recorded_at, known_by)]
    gone = {each.corrects for _, each in known} - {NO_CHILD}
    kept = [(place, each) for place, each in known if before(each.occurred_at, on)]
    kept.sort(key=lambda pair: (pair[1].occurred_at, pair[0]))
    return [
        (each, msgspec.json.decode(each.data))
        for _, each in kept
        if each.event_id not in gone and each.type != "record.retracted.v1"
    ]


def facts_of(facts: list[Fact], on: date) -> dict[UUID, ChildFacts]:
    """What the policies need, gathered the slow and obvious way."""
    children = {each.child_id for each, _ in facts if each.type == "child.registered.v1"}
    return {
        child: _child(child, [f for f in facts if f[0].child_id == child], on) for child in children
    }


def _child(child: UUID, facts: list[Fact], on: date) -> ChildFacts:
    def of(*types: str) -> list[Fact]:
        return [each for each in facts if each[0].type in types]

    def last(type_name: str, **wanted: str) -> date | None:
        found = [day(e.occurred_at) for e, d in of(type_name) if wanted.items() <= d.items()]
        return max(found, default=None)

    def latest(*days: date | None) -> date | None:
        return max((each for each in days if each), default=None)

    turns = of("child.registered.v1", "child.left_ledger.v1", "child.returned_to_ledger.v1")
    tiers = [d["tier"] for _, d in of("risk.tier_set.v1")]
    plans = [d["interval_days"] for _, d in of("visit_plan.set.v1")]
    places = [d["residence_division"] for _, d in of("child.registered.v1", "child.moved.v1")]
    present = {d["factor"]: d["present"] for _, d in of("risk.factor_recorded.v1")}
    moves = {
        d["parent"]: (e.type, day(e.occurred_at))
        for e, d in of("parent.departed.v1", "parent.returned.v1")
    }
    away = {parent: on for parent, (what, on) in moves.items() if what == "parent.departed.v1"}
    statuses = {d["parent"]: d["status"] for _, d in of("parent.status_changed.v1")}
    unable = {p for p, status in statuses.items() if ParentStatus(status) in UNABLE_PARENT}
    return ChildFacts(
        child_id=child,
        village_code=places[-1],
        registered_on=day(of("child.registered.v1")[0][0].occurred_at),
        on_ledger=turns[-1][0].type != "child.left_ledger.v1",
        tier=Tier(tiers[-1]) if tiers else None,
        factors=frozenset(RiskFactor(name) for name, there in present.items() if there),
        plan_days=plans[-1] if plans else None,
        director_visit_on=last("visit.completed.v1", by="director"),
        director_contact_on=last("contact.logged.v1", by="director"),
        supervisor_contact_on=latest(
            last("visit.completed.v1", by="supervisor"), last("contact.logged.v1", by="supervisor")
        ),
        failed_visits=tuple(
            (day(e.occurred_at), NotVisited(d["reason"]))
            for e, d in of("visit.attempt_failed.v1")
            if d["by"] == "director"
        ),
        away_since=min(away.values(), default=None),
        unparented_since=max(away.values()) if away and len({*away, *unable}) == 2 else None,
        agreement=_agreement(facts, on),
        parent_contact_child_on=last("parent_contact.logged.v1", leg="child"),
        parent_contact_delegate_on=last("parent_contact.logged.v1", leg="delegate"),
    )


def _agreement(facts: list[Fact], on: date) -> Agreement | None:
    def of(key: str, *types: str) -> list[Fact]:
        return [f for f in facts if f[0].type in types and f[1]["agreement_id"] == key]

    found = []
    signs = [f for f in facts if f[0].type == "care_agreement.signed.v1"]
    for key in {data["agreement_id"] for _, data in signs}:
        own = of(key, "care_agreement.signed.v1")
        ended = of(key, "care_agreement.ended.v1", "care.delegate_replaced.v1")
        filed = of(key, "care_agreement.filed.v1")
        end = of(key, "care_agreement.signed.v1", "care_agreement.renewed.v1")[-1][1]["end"]
        if not ended and (end is None or end >= on.isoformat()):
            held = Agreement(
                signed_on=day(own[0][0].occurred_at),
                filed_on=day(filed[0][0].occurred_at) if filed else None,
                end=date.fromisoformat(end) if end else None,
            )
            found.append(((own[0][0].occurred_at, key), held))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _asked(on: date, known_by: date) -> str:
    if on == known_by:
        return f"as_of(as_of = '{on}')"
    return f"as_known(as_of = '{on}', known_by = '{known_by}')"


@given(seed=st.integers(0, 2**32), on=st.dates(date(2026, 1, 2), date(2026, 9, 30)))
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_and_domain_agree_on_any_day(
    house_maker: Any, helpers: Any, seed: int, on: date
) -> None:
    with house_maker() as house:
        helpers.live_on(house.log, helpers.dice(seed), 250)
        house.catch_up()
        for each, known_by in (
            (on, on), (on - timedelta(days=30), on), (on + timedelta(days=45), on),
        ):  # fmt: skip
            wanted = {
                (facts.child_id, duty.duty): (
                    duty.rule, duty.actor, duty.interval_days, duty.last_done, duty.due_on,
                    duty.overdue_days, duty.reason, duty.first_due_on, duty.attempts,
                    duty.again_on,
                )
                for facts in facts_of(known_on(house.log, each, known_by), each).values()
                for duty in duties_of(facts, each)
            }  # fmt: skip
            rows = house.ask(
                "SELECT child_id, duty, rule, actor, interval_days, last_done, due_on,"
                " overdue_days, reason, first_due_on, attempts, again_on"
                f" FROM duties_{_asked(each, known_by)}"
            )
            assert {row[:2]: row[2:] for row in rows} == wanted


def test_todays_duties_are_those_of_this_day(house: Any, helpers: Any) -> None:
    helpers.register(house.log, 1)
    house.catch_up()
    today = house.ask("SELECT toDate(now('Asia/Shanghai'))")[0][0]
    now, then = (
        house.ask(f"SELECT * FROM {source} ORDER BY duty")
        for source in ("duties", f"duties_as_of(as_of = '{today}')")
    )
    assert now == then
    assert [row[2] for row in now] == ["director_contact", "director_visit", "supervisor_contact"]


def test_a_county_that_tightens_a_rule_changes_what_is_due_from_that_day(
    house: Any, helpers: Any
) -> None:
    helpers.register(house.log, 1)
    tighter = SettingTightened(
        rule="T8.6", key="visit_months", longest=1, place="520526", valid_from=date(2026, 3, 1)
    )
    house.log.write(tighter, occurred=helpers.at("2026-02-20"), place="520526")
    house.catch_up()
    query = "SELECT due_on FROM duties_as_known(as_of = '{}', known_by = '{}')"
    query += " WHERE duty = 'director_visit'"
    for known_by in ("2026-02-28", "2026-03-01"):
        assert house.ask(query.format("2026-02-28", known_by)) == [(date(2026, 4, 1),)]
    assert house.ask(query.format("2026-03-01", "2026-03-01")) == [(date(2026, 2, 1),)]
    assert house.ask(query.format("2026-03-01", "2026-02-19")) == [(date(2026, 4, 1),)]
    (visit,) = (
        each
        for each in owed_about(house.client, helpers.kid(1), date(2026, 3, 1))
        if each.check == "T8.6"
    )
    assert visit.due_on == date(2026, 2, 1)
