"""The one door to the aggregates: a stream's state, what may be recorded, what corrections do.

    state = new_state("report")
    check(state, event, at)      a Refusal, or None (about 1 µs: one look-up, no exception)
    apply(state, event, at)      assigns
    fold(stream, facts)          the state after facts, corrections in their places
    effective(recorded)          the facts that count, in order

Corrections. A correction takes the place of what it corrects: the guards see it where the corrected
event stood, and a fold reads it there. Corrections chain (C corrects B corrects A: only C counts).
A retraction takes the fact away, whichever version of it was named. A correction and a retraction
belong to the stream of the event they correct. An event is corrected once: the next correction
names the correction. After either, a kept state is stale: fold the stream anew. In SQL: an event
counts unless it is a retraction or some event's `corrects` names it.

Late facts are judged where they belong in time, so far as the order matters (domain/guards.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from domain import vocabulary
from domain.break_glass import GlassState
from domain.care_agreement import AgreementState
from domain.care_plan import AlertState
from domain.child_file import ChildForgotten, ChildRegistered, RecordRetracted
from domain.child_state import ChildState
from domain.contract import personal_fields
from domain.courts import AdviceState, CaseState
from domain.dropout import DropoutState
from domain.eligibility import ApplicationState
from domain.errors import Refusal
from domain.event import (
    NO_CHILD,
    PLACE_LENGTH,
    REGISTRY,
    UPCASTS,
    Event,
    current,
    event_class,
)
from domain.guardianship import GuardianshipState
from domain.guards import APPLIES, CLOCK_SKEW, GUARDS, STATES, Guard, Occasion
from domain.institutions import HomeState, InstitutionState
from domain.intervention import GuardianshipTerm
from domain.mandatory_report import ReportState
from domain.mental_health import ReferralState
from domain.model_life import ModelState
from domain.network import IncidentState
from domain.safety import HazardState, WaterSiteState
from domain.schooling import PairingState, SchoolState
from domain.society import OrgState, VolunteerState
from domain.subsidy import BenefitState
from domain.tightening import SettingState
from domain.visiting import ProblemState
from domain.workforce import WorkerState

__all__ = [
    "Fact",
    "Occasion",
    "State",
    "apply",
    "check",
    "check_correction",
    "correct",
    "effective",
    "fold",
    "new_state",
    "read_stored",
    "record",
    "retract",
]


class FactState(msgspec.Struct, frozen=True):
    """A single fact has nothing to remember."""


State = (
    ChildState
    | GuardianshipState
    | AgreementState
    | ProblemState
    | ReportState
    | BenefitState
    | WorkerState
    | ModelState
    | AdviceState
    | AlertState
    | ApplicationState
    | CaseState
    | DropoutState
    | GuardianshipTerm
    | HazardState
    | HomeState
    | IncidentState
    | InstitutionState
    | OrgState
    | PairingState
    | ReferralState
    | SchoolState
    | SettingState
    | VolunteerState
    | WaterSiteState
    | GlassState
    | FactState
)

_FACT = FactState()
STATES["fact"] = lambda: _FACT


def new_state(stream: str) -> State:
    """The empty state of a stream (`Event.STREAM`)."""
    made: State = STATES[stream]()
    return made


def _plan(cls: type[Event]) -> tuple[bool, bool, tuple[int, ...], Guard | None]:
    about = cls.ABOUT_CHILD and cls is not ChildRegistered
    digits = tuple(PLACE_LENGTH[level] for level in cls.LEVELS)
    return about, cls.STREAM == "child", digits, GUARDS.get(cls)


_PLANS = {cls: _plan(cls) for cls in vocabulary.EVENTS.values()}
"""Event class → (needs a registered child, the state is the child's own file, digits that the
place may have, guard)."""


def _child_refusal(child: ChildState | None, at: Occasion) -> Refusal | None:
    if child is None or child.registered_at is None:
        return Refusal(
            "child_unknown",
            "subject",
            at.child_id,
            "this child is not registered yet; the event is kept and lands by replay"
            " once child.registered has been sent",
        )
    if child.forgotten:
        return Refusal(
            "child_forgotten",
            "subject",
            at.child_id,
            "this child's personal data was erased; if help is needed again, register it anew",
        )
    return None


def _clock_refusal(at: Occasion) -> Refusal:
    return Refusal(
        "in_future",
        "time",
        at.occurred_at.isoformat(),
        "later than the recorded time; check the clock and time zone of the sending system",
    )


def _place_refusal(event: Event, at: Occasion) -> Refusal:
    levels = " or ".join(event.LEVELS)
    digits = " or ".join(str(PLACE_LENGTH[level]) for level in event.LEVELS)
    return Refusal(
        "place_level",
        "place",
        at.place,
        f"{event.TYPE} belongs to a {levels}; send its code of {digits} digits in `place`",
    )


def _misplaced(event: Event, at: Occasion) -> bool:
    digits = _PLANS[type(event)][2]
    return bool(digits) and len(at.place) not in digits


def check(state: State, event: Event, at: Occasion) -> Refusal | None:
    """Whether a new event may be recorded. It changes nothing."""
    about_child, own_file, digits, guard = _PLANS[type(event)]
    if at.occurred_at > at.recorded_at and at.occurred_at > at.recorded_at + CLOCK_SKEW:
        return _clock_refusal(at)
    if about_child:
        # the state of a `child` stream is a ChildState: _PLANS says so, a cast would cost a call
        child: ChildState | None = state if own_file else at.child  # type: ignore[assignment]
        if child is None or child.registered_at is None or child.forgotten:
            return _child_refusal(child, at)
    if digits and len(at.place) not in digits:
        return _place_refusal(event, at)
    return None if guard is None else guard(state, event, at)


def apply(state: State, event: Event, at: Occasion) -> None:
    """Take an event into a state. It only assigns: whatever is in the log loads."""
    step = APPLIES.get(type(event))
    if step is not None:
        step(state, event, at)


# --- facts and their corrections --------------------------------------------------------------


class Numbered(Protocol):
    """What `effective` needs to know of an event: `Recorded` and `Fact` both have it."""

    @property
    def event_id(self) -> UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def corrects(self) -> UUID: ...


N = TypeVar("N", bound=Numbered)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded event with its class read: what a stream's history consists of."""

    event_id: UUID
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    child_id: UUID = NO_CHILD
    place: str = ""
    corrects: UUID = NO_CHILD

    @property
    def type(self) -> str:
        """The stable type name."""
        return self.event.TYPE

    def occasion(self) -> Occasion:
        """The fact's moment and place."""
        return Occasion(self.occurred_at, self.recorded_at, self.child_id, self.place)


RETRACTED = RecordRetracted.TYPE


def _slots(recorded: Iterable[N]) -> tuple[list[N | None], dict[UUID, int]]:
    """One slot a fact, holding its last version (None: retracted); event id → slot."""
    slots: list[N | None] = []
    place: dict[UUID, int] = {}
    for each in recorded:
        slot = place.get(each.corrects) if each.corrects.int else None
        kept = None if each.type == RETRACTED else each
        if slot is None:
            slot = len(slots)
            slots.append(kept)
        else:
            slots[slot] = kept
        place[each.event_id] = slot
    return slots, place


def effective(recorded: Iterable[N]) -> list[N]:
    """The facts that count: each correction where its root stood, retracted ones gone.

    recorded   in log order, whole chains. An event whose target is missing stands at its own
               place; a retraction whose target is missing is dropped.
    """
    return [each for each in _slots(recorded)[0] if each is not None]


def fold(stream: str, facts: Iterable[Fact]) -> State:
    """The state of a stream after its facts (in log order), corrections in their places."""
    state = new_state(stream)
    for fact in effective(facts):
        apply(state, fact.event, fact.occasion())
    return state


def _state_before(stream: str, history: Sequence[Fact], target: UUID) -> State:
    """The state where the fact `target` stands: after every fact recorded before it."""
    slots, place = _slots(history)
    state = new_state(stream)
    for fact in slots[: place[target]]:
        if fact is not None:
            apply(state, fact.event, fact.occasion())
    return state


# --- commands: given these facts, when this, then this event or a refusal ---------------------


def record(history: Sequence[Fact], event: Event, at: Occasion) -> Event | Refusal:
    """Given a stream's facts, the event that may be appended, or why not."""
    return check(fold(event.STREAM, history), event, at) or event


def correct(history: Sequence[Fact], target: UUID, event: Event, at: Occasion) -> Event | Refusal:
    """Given a stream's facts, replace the one named, or say why not."""
    return check_correction(history, event, at, target) or event


def retract(history: Sequence[Fact], target: UUID, at: Occasion) -> Event | Refusal:
    """Given a stream's facts, take the one named back, or say why not."""
    return correct(history, target, RecordRetracted(), at)


def check_correction(
    history: Sequence[Fact], event: Event, at: Occasion, corrects: UUID
) -> Refusal | None:
    """Whether `event` may correct (or, being a RecordRetracted, take back) a fact of a stream.

    history    the facts of the corrected event's stream, in log order
    at         `at.child` as for `check`; for the child's own stream it may be left out
    """
    target = next((fact for fact in history if fact.event_id == corrects), None)
    if target is None:
        return Refusal(
            "correction_target_unknown",
            "corrects",
            corrects,
            "no such event of this child; send the id of the event to correct, or replay this"
            " once that event has been recorded",
        )
    return (
        _target_refusal(history, target)
        or _likeness_refusal(target, event, at)
        or _current_refusal(history, target, event, at)
        or (_place_refusal(event, at) if _misplaced(event, at) else None)
        or _guard_at_its_place(history, target, event, at)
    )


def _target_refusal(history: Sequence[Fact], target: Fact) -> Refusal | None:
    """Only the last version of a fact that still stands can be corrected."""
    if target.type == RETRACTED:
        return Refusal(
            "retraction_is_final",
            "corrects",
            target.event_id,
            "a retraction can't be corrected; record the fact again as a new event",
        )
    slots, place = _slots(history)
    last = slots[place[target.event_id]]
    if last is None:
        return Refusal(
            "already_retracted",
            "corrects",
            target.event_id,
            "that event was taken back; record the fact again as a new event",
        )
    if last.event_id != target.event_id:
        return Refusal(
            "already_corrected",
            "corrects",
            last.event_id,
            f"that event was corrected already; correct {last.event_id} instead",
        )
    return None


def _likeness_refusal(target: Fact, event: Event, at: Occasion) -> Refusal | None:
    """A correction tells the same story of the same child, only rightly."""
    if target.child_id != at.child_id:
        return Refusal(
            "correction_child",
            "subject",
            at.child_id,
            "the corrected event is about another child; retract it there and record it here",
        )
    if isinstance(event, RecordRetracted):
        if target.type != ChildForgotten.TYPE:
            return None
        return Refusal(
            "forgotten_is_final",
            "corrects",
            target.event_id,
            "erased data can't come back; register the child anew",
        )
    if target.type != event.TYPE:
        return Refusal(
            "correction_type",
            "type",
            event.TYPE,
            f"must be {target.type}, as the corrected event; or retract it and record a new one",
        )
    key = event.KEY
    if key is not None and getattr(event, key) != getattr(target.event, key):
        return Refusal(
            "correction_key",
            key,
            getattr(event, key),
            f"a correction keeps {key} ({getattr(target.event, key)!r}); to move the fact to"
            " another, retract it and record it there",
        )
    return None


def _current_refusal(
    history: Sequence[Fact], target: Fact, event: Event, at: Occasion
) -> Refusal | None:
    """What holds for every event now: a known, unforgotten child and a clock that is right."""
    if at.occurred_at > at.recorded_at + CLOCK_SKEW:
        return _clock_refusal(at)
    if not target.event.ABOUT_CHILD or event.TYPE == ChildForgotten.TYPE:
        return None
    own = fold("child", history) if target.event.STREAM == "child" else at.child
    return _child_refusal(own if isinstance(own, ChildState) else None, at)


def _guard_at_its_place(
    history: Sequence[Fact], target: Fact, event: Event, at: Occasion
) -> Refusal | None:
    guard = GUARDS.get(type(event))
    if guard is None or isinstance(event, RecordRetracted):
        return None
    return guard(_state_before(event.STREAM, history, target.event_id), event, at)


# --- reading what is stored -------------------------------------------------------------------

UNREADABLE = "*"
"""Stands where a stored personal field is ciphertext."""

_decoders: dict[type[Event], msgspec.json.Decoder[Event]] = {}


def read_stored(type_name: str, data: bytes | msgspec.Raw) -> Event:
    """The event of stored data (`Recorded.type`, `.data`), upcast, personal fields as `*`.

    States never need personal data, and a ciphertext is longer than the field it stands for.
    Raises UnknownEventType; msgspec.ValidationError for data that its class does not allow.
    """
    cls = REGISTRY.get(type_name)
    personal = () if cls is None else personal_fields(cls)
    if cls is not None and not personal and type_name not in UPCASTS:
        decoder = _decoders.get(cls)
        if decoder is None:
            decoder = _decoders[cls] = msgspec.json.Decoder(cls)
        return decoder.decode(data)
    name, fields = current(type_name, msgspec.json.decode(data))
    cls = event_class(name)
    hidden = {
        field: UNREADABLE for field, _ in personal_fields(cls) if fields.get(field) is not None
    }
    return msgspec.convert({**fields, **hidden}, cls)
