"""One child's events, folded: what the duties need of it, and what every rule says of it.

What `shouhe duties` says of everyone in SQL, for one child in Python, from its own events and the
numbers that hold where it lives: for a page, now. Claims and money: domain/one_child_claims.py.
Facts are ordered by (occurred_at, position); days are Shanghai days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import convert

from domain import circumstances
from domain.ageing import off_ledger_on
from domain.child_file import Category, RiskFactor
from domain.duties import UNABLE_PARENT, Agreement, ChildFacts, DutyStatus, duties_of
from domain.duty_settings import Setting, values_on
from domain.guardianship import ParentStatus
from domain.one_child_claims import Claims, claims_of
from domain.rules.happening import TYPES, happened, matches
from domain.rules.judging import Obligation, fits, judge
from domain.rules.register import ALL_SETTINGS, CHECKS
from domain.rules.shape import AnyCheck, Cadence, Chain, Deadline, Each, Standing
from domain.standards import Set
from domain.terms import Tier
from domain.visiting import NotVisited


class Told(NamedTuple):
    """One event that counts, as stored: its day, type and data, in the order of time."""

    day: date
    type: str
    data: dict[str, Any]
    event_id: UUID
    place: str


class Case(NamedTuple):
    """What a check says: of the child itself, or of an event (`event_id`) about it."""

    check: AnyCheck
    obligation: Obligation
    place: str
    event_id: UUID | None


class Owed(NamedTuple):
    """All that is owed about one child on a day."""

    facts: ChildFacts
    duties: list[DutyStatus]
    cases: list[Case]
    claims: Claims


class _Life:
    """The events of a child, by type."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._by_type: dict[str, list[Told]] = {}
        for each in told:
            self._by_type.setdefault(each.type, []).append(each)

    def of(self, *types: str) -> list[Told]:
        """Of one type, in order."""
        if len(types) == 1:
            return self._by_type.get(f"{types[0]}.v1", [])
        return [each for name in types for each in self.of(name)]

    def last_day(self, name: str, **wanted: str) -> date | None:
        """The last day of such an event with such data."""
        days = [each.day for each in self.of(name) if wanted.items() <= each.data.items()]
        return max(days, default=None)

    def latest(self, name: str, field: str) -> Any:
        """A field of the latest such event; None where there is none."""
        found = self.of(name)
        return found[-1].data[field] if found else None


def _grown_up_on(told: Sequence[Told]) -> date:
    """The first day on which the child is too old for the ledger, by the calendar."""
    born = [t.data["birth_date"] for t in told if t.type == "child.registered.v1"][-1]
    changes = {"child.category_added.v1", "child.category_removed.v1"}
    held = {t.data["category"]: t.type for t in told if t.type in changes}
    on_file = {name for name, last in held.items() if last == "child.category_added.v1"}
    return off_ledger_on(
        convert(born, date).replace(day=1),
        frozenset(each for each in Category if each.value in on_file),
    )


def facts_of(child_id: UUID, told: Sequence[Told], on: date) -> ChildFacts | None:
    """What the duties need of a child; None where it isn't registered.

    told   its events that count on that day, ordered by (occurred_at, position)
    """
    life = _Life(told)
    registered = life.of("child.registered")
    if not registered:
        return None
    turns = {"child.registered.v1", "child.left_ledger.v1", "child.returned_to_ledger.v1"}
    homes = {"child.registered.v1", "child.moved.v1"}
    supervised = (life.last_day(n, by="supervisor") for n in ("visit.completed", "contact.logged"))
    tier = life.latest("risk.tier_set", "tier")
    away, alone = _absence(life, told)
    return ChildFacts(
        child_id=child_id,
        village_code=[t.data["residence_division"] for t in told if t.type in homes][-1],
        registered_on=registered[0].day,
        on_ledger=[t.type for t in told if t.type in turns][-1] != "child.left_ledger.v1"
        and on < _grown_up_on(told),
        tier=convert(tier, Tier) if tier else None,
        factors=_factors(life),
        plan_days=life.latest("visit_plan.set", "interval_days"),
        director_visit_on=life.last_day("visit.completed", by="director"),
        director_contact_on=life.last_day("contact.logged", by="director"),
        supervisor_contact_on=max(filter(None, supervised), default=None),
        failed_visits=tuple(
            (t.day, convert(t.data["reason"], NotVisited))
            for t in life.of("visit.attempt_failed")
            if t.data["by"] == "director"
        ),
        away_since=away,
        unparented_since=alone,
        agreement=_agreement(life, told, on),
        parent_contact_child_on=life.last_day("parent_contact.logged", leg="child"),
        parent_contact_delegate_on=life.last_day("parent_contact.logged", leg="delegate"),
    )


def _factors(life: _Life) -> frozenset[RiskFactor]:
    said = {t.data["factor"]: t.data.get("present", True) for t in life.of("risk.factor_recorded")}
    return frozenset(convert(name, RiskFactor) for name, present in said.items() if present)


def _absence(life: _Life, told: Sequence[Told]) -> tuple[date | None, date | None]:
    """Since when a parent is away, and since when none is left at home who is able."""
    moves = {
        t.data["parent"]: t for t in told if t.type in {"parent.departed.v1", "parent.returned.v1"}
    }
    away = {parent: t.day for parent, t in moves.items() if t.type == "parent.departed.v1"}
    statuses = {t.data["parent"]: t.data["status"] for t in life.of("parent.status_changed")}
    unable = {p for p, status in statuses.items() if convert(status, ParentStatus) in UNABLE_PARENT}
    both = bool(away) and len({*away, *unable}) == 2  # noqa: PLR2004 - mother and father
    return min(away.values(), default=None), max(away.values()) if both else None


def _agreement(life: _Life, told: Sequence[Told], on: date) -> Agreement | None:
    """The agreement in force that was signed last."""
    over = ("care_agreement.ended", "care.delegate_replaced")
    ended = {t.data["agreement_id"] for t in life.of(*over)}
    filed: dict[str, date] = {}
    for t in life.of("care_agreement.filed"):
        filed.setdefault(t.data["agreement_id"], t.day)
    signed: dict[str, date] = {}
    ends: dict[str, date | None] = {}
    order: dict[str, int] = {}
    terms = ("care_agreement.signed.v1", "care_agreement.renewed.v1")
    for number, t in enumerate(each for each in told if each.type in terms):
        key, end = t.data["agreement_id"], t.data.get("end")
        ends[key] = date.fromisoformat(end) if end else None
        if t.type == "care_agreement.signed.v1":
            signed.setdefault(key, t.day)
            order.setdefault(key, number)
    held = [key for key in signed if key not in ended and (ends[key] or on) >= on]
    if not held:
        return None
    key = max(held, key=lambda each: order[each])
    return Agreement(signed_on=signed[key], filed_on=filed.get(key), end=ends[key])


# --- what the register says -------------------------------------------------------------------


def owed_to(
    child_id: UUID,
    told: Sequence[Told],
    on: date,
    settings: Sequence[Setting] = ALL_SETTINGS,
    sets: Sequence[Set] = (),
) -> Owed | None:
    """Every duty, check and claim about a child on a day; None where it isn't registered.

    sets   the local standards of benefits, in the order in which they were set
    """
    facts = facts_of(child_id, told, on)
    if facts is None:
        return None
    values = values_on(settings, facts.village_code, on)
    register = _Register(facts, told, on, values)
    cases = [case for check in CHECKS for case in register.says(check)]
    said = [circumstances.Told(each.type, each.data, each.day, each.event_id) for each in told]
    claims = claims_of(said, on, facts.village_code, settings, sets)
    return Owed(facts, duties_of(facts, on, settings), cases, claims)


class _Register:
    """The register's checks over the events of one child."""

    def __init__(
        self, facts: ChildFacts, told: Sequence[Told], on: date, values: Mapping[str, int]
    ) -> None:
        self._facts, self._on, self._values = facts, on, values
        self._seen = [each for each in told if each.type in TYPES]
        self._marked = [happened(each.type, each.data, each.day) for each in self._seen]
        self._places: dict[str, list[int]] = {}
        for number, each in enumerate(self._seen):
            self._places.setdefault(each.type, []).append(number)
        schools = [t.type for t in told if t.type in {"school.enrolled.v1", "school.left.v1"}]
        self._scopes = {"all"}
        if schools and schools[-1] == "school.enrolled.v1":
            self._scopes.add("in_school")
        if facts.factors:
            self._scopes.add("key_attention")

    def says(self, check: AnyCheck) -> Iterator[Case]:
        """What one check says of the child, or of each event that obliges."""
        if isinstance(check, Chain | Each):
            yield from self._events(check)
        elif isinstance(check, Cadence | Standing | Deadline) and self._holds(check):
            for found in self._judge(check, self._of(check)):
                yield Case(check, found, self._facts.village_code, None)

    def _holds(self, check: Cadence | Standing | Deadline) -> bool:
        scope = "all" if isinstance(check, Deadline) else check.scope
        return check.subject == "child" and self._facts.on_ledger and scope in self._scopes

    def _of(self, check: AnyCheck) -> list[int]:
        types = {name for _, match in matches(check) for name in match.types}
        return sorted(number for name in types for number in self._places.get(name, ()))

    def _judge(self, check: AnyCheck, numbers: Sequence[int]) -> list[Obligation]:
        facts = [self._marked[number] for number in numbers]
        since = self._facts.registered_on
        return judge(check, facts, self._on, since=since, values=self._values)

    def _events(self, check: Chain | Each) -> Iterator[Case]:
        if isinstance(check, Chain) and check.ledger and not self._facts.on_ledger:
            return
        numbers = self._of(check)
        obliging = check.trigger if isinstance(check, Chain) else check.match
        triggers = [self._seen[n] for n in numbers if fits(self._marked[n], obliging)]
        for told, found in zip(triggers, self._judge(check, numbers), strict=True):
            place = self._facts.village_code if isinstance(check, Chain) else told.place
            yield Case(check, found, place, told.event_id)
