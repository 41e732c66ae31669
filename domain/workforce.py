"""儿童主任队伍: who looks after which village, with how many hours (T16.1).

One stream a worker. Not about a child.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.errors import Refusal
from domain.event import Code, Event, Place, event
from domain.guards import Occasion, Turns, add_turn, applies, guards, not_yet, state, turn_before
from domain.terms import Term, WorkerRole


class Position(Term):
    """What the director is in the village committee (T16.1)."""

    DEPUTY_HEAD = "deputy_head", "村(居)委会副主任"
    HEAD = "head", "村(居)委会主任"
    MEMBER = "member", "村(居)委会委员"
    HIRED = "hired", "聘用"


@event(
    "worker.appointed.v1",
    label="任用儿童主任或督导员",
    stream="worker",
    key="worker_id",
    rules=("T16.1",),
    sensitivity="general",
    about_child=False,
)
class WorkerAppointed(Event, frozen=True, kw_only=True):
    """任用. `place` is the village of a director, the township of a supervisor."""

    worker_id: Code
    role: WorkerRole
    place: Place
    weekly_hours: Annotated[float, msgspec.Meta(gt=0, le=60)]
    position: Position | None = None


@event(
    "worker.ended.v1",
    label="离任",
    stream="worker",
    key="worker_id",
    rules=("T16.4",),
    sensitivity="general",
    about_child=False,
)
class WorkerEnded(Event, frozen=True, kw_only=True):
    """离任."""

    worker_id: Code


@state("worker")
class WorkerState(msgspec.Struct):
    """When one worker was appointed (True) and ended (False)."""

    service: Turns = msgspec.field(default_factory=list)


@applies(WorkerAppointed)
def _appoint(worker: WorkerState, _: WorkerAppointed, at: Occasion) -> None:
    add_turn(worker.service, at.occurred_at, True)


@applies(WorkerEnded)
def _end(worker: WorkerState, _: WorkerEnded, at: Occasion) -> None:
    add_turn(worker.service, at.occurred_at, False)


PLACE_DIGITS = {WorkerRole.DIRECTOR: 12, WorkerRole.SUPERVISOR: 9}
"""A director works in a village, a supervisor in a township."""


@guards(WorkerAppointed)
def _may_appoint(worker: WorkerState, fact: WorkerAppointed, at: Occasion) -> Refusal | None:
    if len(fact.place) != PLACE_DIGITS[fact.role]:
        return Refusal(
            "place_level",
            "place",
            fact.place,
            f"a {fact.role.value}'s place has {PLACE_DIGITS[fact.role]} digits; send that code",
        )
    if not turn_before(worker.service, at.occurred_at):
        return None
    what = "this worker was already appointed at that time"
    return not_yet("already_appointed", "worker_id", fact.worker_id, what, "worker.ended")


@guards(WorkerEnded)
def _may_end(worker: WorkerState, fact: WorkerEnded, at: Occasion) -> Refusal | None:
    if turn_before(worker.service, at.occurred_at):
        return None
    what = "this worker was not appointed at that time"
    return not_yet("not_appointed", "worker_id", fact.worker_id, what, "worker.appointed")


CHILDREN_A_DIRECTOR = 30
"""农村留守儿童和困境儿童总人数超过30人的村(居) (L67): 31 is the first number over it."""


def addition_recommended(children: int, directors: int) -> bool:
    """Whether one more director is advised: 超过30人的村(居)可增配 (T16.2, L67). Never a breach.

    `children`: left behind or in difficulty, each once. The plan says it of a village with one
    director; with more, 30 for each; with none, as with one.
    """
    return children > CHILDREN_A_DIRECTOR * max(directors, 1)
