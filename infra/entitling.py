"""The subsidy desk: who has a claim and isn't covered, what to pay, what to put right."""

# ruff: noqa: E501 - queries: a column list a line

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from domain.ageing import held_on
from domain.categories import Decision, Person, decide
from domain.child_file import Category
from domain.circumstances import TYPES, Told, circumstances
from domain.duty_settings import values_on
from domain.errors import WrongUsageError
from domain.event import day
from domain.proposals import Proposal, proposals
from domain.rules.register import ALL_SETTINGS
from infra.home import Home
from infra.oversight import asked_of

Sheet = Literal["uncovered", "needs", "to-pay", "findings", "proposals"]


QUERIES: dict[Sheet, str] = {
    "uncovered": """
        SELECT toString(child_id) AS child, village_code AS place, rule, benefit, since, due_on, state, overdue_days
        FROM entitlements_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
        WHERE answer = 'yes' AND done_on IS NULL AND startsWith(village_code, {place:String})
        ORDER BY overdue_days DESC, place, child, benefit
    """,
    "needs": """
        SELECT toString(child_id) AS child, village_code AS place, rule, benefit, needs
        FROM entitlements_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
        WHERE answer = 'needs' AND startsWith(village_code, {place:String}) ORDER BY place, child, benefit
    """,
    "to-pay": """
        SELECT toString(child_id) AS child, place, benefit, benefit_id, period, fen
        FROM to_pay_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
        WHERE startsWith(place, {place:String}) ORDER BY place, child, benefit_id
    """,
    "findings": """
        SELECT toString(child_id) AS child, place, rule, kind, benefit, benefit_ids, period, expected_fen, found_fen, day
        FROM payment_findings_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
        WHERE startsWith(place, {place:String}) ORDER BY day DESC, place, child, kind, benefit_ids
    """,
    "proposals": """
        SELECT toString(child_id) AS child, village_code AS place, proposal, category, since
        FROM category_decisions_as_known(as_of = {as_of:Date}, known_by = {known_by:Date})
        WHERE proposal != '' AND startsWith(village_code, {place:String}) ORDER BY place, child, category
    """,
}  # fmt: skip
"""Sheet → its query. The keys of its rows are the JSON keys of `shouhe entitlements`."""

CHILD = """
SELECT type, data, occurred_at, event_id FROM timeline
WHERE child_id = {child:UUID} AND type IN {types:Array(String)}
    AND toDate(occurred_at, 'Asia/Shanghai') <= {as_of:Date}
    AND toDate(recorded_at, 'Asia/Shanghai') <= {known_by:Date}
    AND toDate(replaced_at, 'Asia/Shanghai') > {known_by:Date}
ORDER BY occurred_at, position
"""


def sheet(
    home: Home, name: Sheet, as_of: date, place: str = "", *, known_by: date | None = None
) -> list[dict[str, Any]]:
    """One sheet of the desk, as of a day. Raises WrongUsageError for a sheet or place unknown."""
    if name not in QUERIES:
        known = ", ".join(get_args(Sheet))
        raise WrongUsageError(f"--show: no sheet {name!r}; the sheets are {known}")
    asked_of(home, place)
    given = {"as_of": as_of, "known_by": known_by or as_of, "place": place}
    return list(home.warehouse.query(QUERIES[name], given).named_results())


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One child's categories on a day: the decisions with their facts, and what they propose."""

    held: tuple[Category, ...]
    decisions: tuple[Decision, ...]
    proposals: tuple[Proposal, ...]


def judge_child(home: Home, child: UUID, as_of: date, *, known_by: date | None = None) -> Judgement:
    """Every category rule for one child, with the events that it rests on.

    Raises WrongUsageError where no such child was registered by then.
    """
    home.catch_up()
    given = {
        "child": child, "types": sorted(TYPES), "as_of": as_of, "known_by": known_by or as_of,
    }  # fmt: skip
    rows = home.warehouse.query(CHILD, given).result_rows
    told = [Told(kind, msgspec.json.decode(data), day(at), key) for kind, data, at, key in rows]
    born = [each.data["birth_date"] for each in told if each.type == "child.registered.v1"]
    if not born:
        raise WrongUsageError(f"--child: {child} was not registered by {as_of}")
    known, month = circumstances(told), date.fromisoformat(born[-1]).replace(day=1)
    places = [e.data["residence_division"] for e in told if "residence_division" in e.data]
    on_file = frozenset(
        each
        for each in Category
        if (topic := f"category.{each.value}") in known and known[topic].value == "held"
    )
    held = held_on(month, on_file, as_of)
    decisions = decide(known, Person(month, as_of, values_on(ALL_SETTINGS, places[-1], as_of)))
    found = proposals(decisions, held, known)
    return Judgement(held=tuple(sorted(held)), decisions=tuple(decisions), proposals=tuple(found))
