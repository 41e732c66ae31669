"""How a concept declares its state, its applying and its guards; and what they have in common.

A concept's module declares, below its events:

    @state("report")            the stream's state: small, mutable, empty at first
    @applies(ReportReceived)    assigns, never refuses: old streams load whatever the rules become
    @guards(ReportReceived)     decides: a Refusal, or None

Dispatch is one dictionary look-up on the event's class. No clock, no disk: the moment, the place
and the child's file come in as an `Occasion`.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import NO_CHILD, Event, day

if TYPE_CHECKING:
    from domain.child_state import ChildState

CLOCK_SKEW = timedelta(minutes=5)
"""How far a sender's clock may run ahead of the recorded time."""


class Occasion(msgspec.Struct, gc=False):
    """Everything about an event that is not its data, as a guard sees it.

    child               the state of the child's own file; None: no such child is known
    synthetic_allowed   demo mode: ID numbers with the area prefix 5299 are accepted
    """

    occurred_at: datetime
    recorded_at: datetime
    child_id: UUID = NO_CHILD
    place: str = ""
    child: ChildState | None = None
    synthetic_allowed: bool = True


Guard = Callable[[Any, Any, Occasion], Refusal | None]
Apply = Callable[[Any, Any, Occasion], None]
S = TypeVar("S")
A = TypeVar("A", bound=Apply)
G = TypeVar("G", bound=Guard)
STATES: dict[str, Callable[[], Any]] = {}
APPLIES: dict[type[Event], Apply] = {}
GUARDS: dict[type[Event], Guard] = {}


def state(stream: str) -> Callable[[type[S]], type[S]]:
    """Declare the state class of a stream."""

    def declare(cls: type[S]) -> type[S]:
        STATES[stream] = cls
        return cls

    return declare


def applies(cls: type[Event]) -> Callable[[A], A]:
    """Declare how a state takes in an event. It only assigns."""

    def declare(step: A) -> A:
        APPLIES[cls] = step
        return step

    return declare


def guards(cls: type[Event]) -> Callable[[G], G]:
    """Declare what decides whether an event may be recorded."""

    def declare(guard: G) -> G:
        GUARDS[cls] = guard
        return guard

    return declare


# --- what turns on and off, in the order in which it happened ---------------------------------

Turns = list[tuple[datetime, bool]]
"""(occurred_at, on), ascending by time, whatever the order in which we learned of it."""


def _moment(turn: tuple[datetime, bool]) -> datetime:
    return turn[0]


def add_turn(turns: Turns, moment: datetime, on: bool) -> None:
    """Put a turn at its place in time; equal times keep the order of arrival."""
    if not turns or turns[-1][0] <= moment:
        turns.append((moment, on))
    else:
        insort(turns, (moment, on), key=_moment)


def turn_before(turns: Turns, moment: datetime) -> bool | None:
    """On or off just before a moment, as far as known; None where nothing earlier is known.

    Only what came before counts. So a late fact is never refused for what came after it: the
    fact that belongs in between may be late as well.
    """
    for at, on in reversed(turns):
        if at <= moment:
            return on
    return None


def before(one: datetime | None, other: datetime | None) -> bool:
    """Whether `one` is on an earlier Shanghai day than `other`.

    Services often know the day alone, so the order of two facts of one day is not judged.
    """
    return one is not None and other is not None and one < other and day(one) < day(other)


def key_taken(field: str, value: str) -> Refusal:
    """The same reference for two children."""
    return Refusal(
        "key_taken",
        field,
        value,
        f"{value!r} is already in use for another child; send the reference of this child's own",
    )


def already(code: str, field: str, value: object, what: str) -> Refusal:
    """A step that may be taken once was taken before."""
    return Refusal(
        code, field, value, f"{what}; to change what was recorded, send a correction of that event"
    )


def not_yet(code: str, field: str, value: object, what: str, first: str) -> Refusal:
    """The step before is missing. It may be sent late; this event is kept and can be replayed."""
    return Refusal(
        code, field, value, f"{what}; send {first} first (it may be late), then replay this event"
    )
