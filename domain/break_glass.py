"""紧急查阅 (break-glass): reading a child's file outside one's own place or role, for a while.

Nobody is asked first, for there may be no time; everybody hears of it: the reason is in the log
before anything is shown, each reading names it, and the county's officers and the auditor see it.
Sources: 网保条例 36 (least authority, recorded access), UPL 11, 20 (who learns of harm must act).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from domain.event import Code, Event, Personal, event, stable_id
from domain.guards import Occasion, applies, state
from domain.terms import Term

MOST_HOURS = 24
USUAL_MINUTES = 60
PURPOSE = "break_glass"
"""What `access.logged` says of a reading under it."""


class Emergency(Term):
    """Why it can't wait for whoever is responsible."""

    DANGER = "danger", "孩子可能正受侵害或有危险"
    MISSING = "missing", "走失、失踪"
    MEDICAL = "medical", "送医救治"
    DISASTER = "disaster", "灾害、事故"
    STAND_IN = "stand_in", "责任人无法联系,临时代办"
    OTHER = "other", "其他紧急情况"


@event(
    "access.break_glass_opened.v1", label="紧急查阅", stream="break_glass", key="glass_id",
    emitters=("守禾",), rules=("G6",),
)  # fmt: skip
class BreakGlassOpened(Event, frozen=True, kw_only=True):
    """紧急查阅开始. The envelope's actor may read this child's file for `minutes` from its time."""

    glass_id: Code
    emergency: Emergency
    note: Personal
    minutes: Annotated[int, msgspec.Meta(ge=1, le=60 * MOST_HOURS)]


@event(
    "access.break_glass_closed.v1", label="结束紧急查阅", stream="break_glass", key="glass_id",
    emitters=("守禾",), rules=("G6",),
)  # fmt: skip
class BreakGlassClosed(Event, frozen=True, kw_only=True):
    """紧急查阅提前结束: by whoever opened it, before its time was over."""

    glass_id: Code


def glass_id(person: str, child: UUID) -> str:
    """One a person and child, however often it is opened."""
    return str(stable_id("break_glass", person, str(child)))


@state("break_glass")
class GlassState(msgspec.Struct):
    """Until when it is open."""

    until: datetime | None = None


@applies(BreakGlassOpened)
def _open(glass: GlassState, fact: BreakGlassOpened, at: Occasion) -> None:
    glass.until = at.occurred_at + timedelta(minutes=fact.minutes)


@applies(BreakGlassClosed)
def _close(glass: GlassState, _: BreakGlassClosed, __: Occasion) -> None:
    glass.until = None
