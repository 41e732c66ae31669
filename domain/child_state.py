"""儿童档案, decided: state and guards of a child's file (events: domain/child_file.py).

A child that left the ledger still has a file: late facts, reports and payments are accepted, for
nothing that happened may be lost. Refused are contradictions only (leaving twice).
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from domain.ageing import MAJORITY, age_on, limit
from domain.child_file import (
    Category,
    CategoryAdded,
    CategoryRemoved,
    ChildForgotten,
    ChildMoved,
    ChildRegistered,
    Health,
    HealthStatusSet,
    IDType,
    LeftLedger,
    RecordRetracted,
    ReturnedToLedger,
    TierSet,
    VisitPlanSet,
)
from domain.errors import Refusal
from domain.event import day
from domain.guards import (
    Occasion,
    Turns,
    add_turn,
    already,
    applies,
    before,
    guards,
    not_yet,
    state,
    turn_before,
)
from domain.identity import birth_date_of, check_id_number, sex_of
from domain.terms import Tier

# --- state ------------------------------------------------------------------------------------


@state("child")
class ChildState(msgspec.Struct):
    """What the child's file must remember to refuse contradictions, and no more.

    `ledger` and `categories` keep their turns in the order in which they happened.
    """

    registered_at: datetime | None = None
    birth_date: date | None = None
    forgotten: bool = False
    ledger: Turns = msgspec.field(default_factory=list)
    categories: dict[Category, Turns] = msgspec.field(default_factory=dict)
    tier: Tier | None = None
    tier_at: datetime | None = None
    village: str = ""
    village_at: datetime | None = None

    @property
    def on_ledger(self) -> bool:
        """Whether the child is on the ledger after the latest turn known."""
        return self.registered_at is not None and (not self.ledger or self.ledger[-1][1])


@applies(ChildRegistered)
def _register(file: ChildState, fact: ChildRegistered, at: Occasion) -> None:
    file.registered_at = at.occurred_at
    file.birth_date = fact.birth_date
    _settle(file, fact.residence_division, at)


@applies(CategoryAdded)
def _add_category(file: ChildState, fact: CategoryAdded, at: Occasion) -> None:
    add_turn(file.categories.setdefault(fact.category, []), at.occurred_at, True)


@applies(CategoryRemoved)
def _remove_category(file: ChildState, fact: CategoryRemoved, at: Occasion) -> None:
    add_turn(file.categories.setdefault(fact.category, []), at.occurred_at, False)


@applies(TierSet)
def _set_tier(file: ChildState, fact: TierSet, at: Occasion) -> None:
    if file.tier_at is None or file.tier_at <= at.occurred_at:
        file.tier, file.tier_at = fact.tier, at.occurred_at


@applies(ChildMoved)
def _move(file: ChildState, fact: ChildMoved, at: Occasion) -> None:
    _settle(file, fact.residence_division, at)


def _settle(file: ChildState, village: str, at: Occasion) -> None:
    if file.village_at is None or file.village_at <= at.occurred_at:
        file.village, file.village_at = village, at.occurred_at


@applies(LeftLedger)
def _leave(file: ChildState, _: LeftLedger, at: Occasion) -> None:
    add_turn(file.ledger, at.occurred_at, False)


@applies(ReturnedToLedger)
def _return(file: ChildState, _: ReturnedToLedger, at: Occasion) -> None:
    add_turn(file.ledger, at.occurred_at, True)


@applies(ChildForgotten)
def _forget(file: ChildState, _: ChildForgotten, __: Occasion) -> None:
    file.forgotten = True


# --- guards -----------------------------------------------------------------------------------

PLAN_CEILING = {Tier.RED: 7, Tier.YELLOW: 15, Tier.BLUE: 30, Tier.GREEN: 90, None: 90}
"""Days: a child's own visit interval may not be looser than its tier's (T8.7, platform setting)."""


@guards(ChildRegistered)
def _may_register(file: ChildState, fact: ChildRegistered, at: Occasion) -> Refusal | None:
    if file.registered_at is not None:
        return already("already_registered", "subject", at.child_id, "this child is registered")
    on = day(at.occurred_at)
    if fact.birth_date > on:
        return Refusal(
            "birth_date_in_future",
            "birth_date",
            "",
            "later than the day of registration; check the birth date, or the event's time",
        )
    if (age := age_on(fact.birth_date, on)) >= MAJORITY:
        return Refusal(
            "not_a_child",
            "birth_date",
            age,
            f"{age} years old on the day of registration, must be under {MAJORITY};"
            " check the birth date",
        )
    return _identity_refusal(fact, at)


def _identity_refusal(fact: ChildRegistered, at: Occasion) -> Refusal | None:
    number = fact.id_number
    if fact.id_type is IDType.NONE:
        if number is None:
            return None
        return Refusal(
            "id_number_unexpected",
            "id_type",
            fact.id_type.value,
            "an ID number came with id_type `none`; send id_type `resident_id`",
        )
    if number is None:
        return Refusal(
            "id_number_missing",
            "id_number",
            "",
            "id_type `resident_id` needs the number; send it, or id_type `none`",
        )
    return check_id_number(number, synthetic_allowed=at.synthetic_allowed) or _mismatch(
        fact, number
    )


def _mismatch(fact: ChildRegistered, number: str) -> Refusal | None:
    if birth_date_of(number) != fact.birth_date:
        return Refusal(
            "id_number_mismatch",
            "birth_date",
            "",
            "not the birth date inside the ID number; correct whichever is wrong",
        )
    if sex_of(number) is not fact.sex:
        return Refusal(
            "id_number_mismatch",
            "sex",
            fact.sex.value,
            "not the sex that the ID number's 17th digit says; correct whichever is wrong",
        )
    return None


@guards(CategoryAdded)
def _may_add(file: ChildState, fact: CategoryAdded, at: Occasion) -> Refusal | None:
    turns = file.categories.get(fact.category)
    if turns and turn_before(turns, at.occurred_at):
        value = fact.category.value
        return already("category_held", "category", value, f"the child is already in {value!r}")
    return _too_old(file, fact.category, at)


def _too_old(file: ChildState, category: Category, at: Occasion) -> Refusal | None:
    """Left-behind and migrant children are under 16, the others under 18 (domain.md §2)."""
    if file.birth_date is None:
        return None
    years, most = age_on(file.birth_date, day(at.occurred_at)), limit(category)
    if years < most:
        return None
    return Refusal(
        "too_old",
        "category",
        category.value,
        f"{years} years old on that day, must be under {most} for {category.value!r};"
        " check the event's time, or the birth date on file",
    )


@guards(CategoryRemoved)
def _may_remove(file: ChildState, fact: CategoryRemoved, at: Occasion) -> Refusal | None:
    if turn_before(file.categories.get(fact.category, []), at.occurred_at):
        return None
    value = fact.category.value
    what = f"the child was not in {value!r} at that time"
    return not_yet("category_not_held", "category", value, what, "child.category_added")


@guards(VisitPlanSet)
def _may_plan(file: ChildState, fact: VisitPlanSet, _: Occasion) -> Refusal | None:
    ceiling = PLAN_CEILING[file.tier]
    if fact.interval_days <= ceiling:
        return None
    return Refusal(
        "plan_too_loose",
        "interval_days",
        fact.interval_days,
        f"a plan may only tighten the rule; send at most {ceiling} days for this child",
    )


@guards(HealthStatusSet)
def _may_set_health(_: ChildState, fact: HealthStatusSet, __: Occasion) -> Refusal | None:
    if fact.disability_grade is None or fact.status is Health.DISABLED:
        return None
    return Refusal(
        "grade_without_disability",
        "disability_grade",
        fact.disability_grade,
        "only with status `disabled`; leave the grade out, or send that status",
    )


@guards(LeftLedger)
def _may_leave(file: ChildState, _: LeftLedger, at: Occasion) -> Refusal | None:
    if before(at.occurred_at, file.registered_at):
        return Refusal(
            "before_registration",
            "time",
            day(at.occurred_at),
            "earlier than the child's registration; check the event's time",
        )
    if turn_before(file.ledger, at.occurred_at) is False:
        return already("already_left", "subject", at.child_id, "the child has left the ledger")
    return None


@guards(ReturnedToLedger)
def _may_return(file: ChildState, _: ReturnedToLedger, at: Occasion) -> Refusal | None:
    if turn_before(file.ledger, at.occurred_at) is False:
        return None
    what = "the child had not left the ledger at that time"
    return not_yet("not_left", "subject", at.child_id, what, "child.left_ledger")


@guards(RecordRetracted)
def _may_retract(_: object, __: RecordRetracted, ___: Occasion) -> Refusal | None:
    return Refusal(
        "corrects_missing",
        "corrects",
        "",
        "a retraction must name the event it takes back; send that event's id in `corrects`",
    )
