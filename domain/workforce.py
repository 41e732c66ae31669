"""儿童主任队伍: who looks after which village, with how many hours (T16.1).

One stream a worker. Not about a child.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.event import Code, Event, Place, event
from domain.terms import WorkerRole


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
