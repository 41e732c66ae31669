"""名次为什么变了: every change of a line on a list, from one week to the next, has a cause.

A line changes where its place does, or where a call becomes a visit or a visit a call. In this
order, the first that holds:

    model    the place is one of risk, and another model scored, or none did any more
    lot      the lot fell on it, or no longer does
    event    something was recorded in between: about the child; of a household that is left in
             peace, a visit to a sibling; of a duty, a number that the place tightened; of a line
             that came or went, the director's hours. These events
    day      nothing was recorded; a duty fell due, a rest was over, nobody had been seen for long,
             the score moved with the calendar, or, where nothing else happened on the whole list,
             what a visit is worth grew with the days
    tie      a draw among equals decided the place
    others   the child stands as it did; others came, went or moved, for causes of their own
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.terms import Term


class Cause(Term):
    """Why a line changed."""

    MODEL = "model", "换了模型或停用了模型"
    LOT = "lot", "抽签"
    EVENT = "event", "有新记录"
    DAY = "day", "日子到了"
    TIE = "tie", "并列,按当日哈希排"
    OTHERS = "others", "别的孩子变了"


class Waits(NamedTuple):
    """What the planner asks of a child besides duty and score, on a week's Monday.

    rests     its household is left in peace: visited days ago, or often
    called    contacted so lately that it is not called ahead of time
    unseen    seen by nobody for so long that it comes before risk
    little    known so little that it is visited to know more
    """

    rests: bool = False
    called: bool = False
    unseen: bool = False
    little: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How a child stands in a week. rank: None where it is not listed; model_id: whose score.

    duty, listed_for, task, raised_for and tied are as on the line.
    """

    rank: int | None
    duty: str = ""
    score: float | None = None
    model_id: str = ""
    listed_for: str = ""
    task: str = ""
    raised_for: str = ""
    tied: bool = False
    waits: Waits = Waits()

    @property
    def owed(self) -> str:
        """The duty that gives the place; what is done ahead of time is not owed yet."""
        return "none" if self.listed_for == "due_order" and self.duty else self.duty

    @property
    def beyond(self) -> bool:
        """Whether no duty gave the place, or none made a visit of a call."""
        return self.rank is not None and (self.owed == "none" or bool(self.raised_for))

    @property
    def by_model(self) -> bool:
        """Whether minutes that were left gave it, which go by score where there is one."""
        return self.beyond and (self.raised_for or self.listed_for) not in SAID

    @property
    def drawn(self) -> bool:
        """Whether the lot fell on it."""
        return "random" in (self.listed_for, self.raised_for)


SAID = frozenset({"request", "added", "unseen"})
"""Beyond duty, and still before any score."""

UNLISTED = Place(rank=None)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded between two lists, as events.

    own        child → about it
    siblings   child → visits to the others of its household
    numbers    numbers of duties that the place tightened
    hours      of the director: appointed, with other hours, or gone
    """

    own: Mapping[UUID, Sequence[UUID]] = {}
    siblings: Mapping[UUID, Sequence[UUID]] = {}
    numbers: Sequence[UUID] = ()
    hours: Sequence[UUID] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A child whose line is another one than before. task: visit, contact, or not told."""

    child_id: UUID
    before: int | None
    after: int | None
    task_before: str = ""
    task_after: str = ""
    cause: Cause
    event_ids: list[UUID]


def changes(
    before: Mapping[UUID, Place], after: Mapping[UUID, Place], known: Known
) -> list[Change]:
    """The changes of one director's list, by the new place, then by the old one."""
    found = []
    for child in {*before, *after}:
        then, now = before.get(child, UNLISTED), after.get(child, UNLISTED)
        if then.rank == now.rank and not _another_task(then, now):
            continue
        cause, events = _cause(child, then, now, known)
        found.append(
            Change(
                child_id=child,
                before=then.rank,
                after=now.rank,
                task_before=then.task,
                task_after=now.task,
                cause=cause,
                event_ids=list(events),
            )
        )
    if all(each.cause is Cause.OTHERS for each in found):
        found = [msgspec.structs.replace(each, cause=Cause.DAY) for each in found]
    last = len(before) + len(after) + 1
    return sorted(found, key=lambda c: (c.after or last, c.before or last, str(c.child_id)))


def _another_task(then: Place, now: Place) -> bool:
    return bool(then.task and now.task) and then.task != now.task


def _cause(child: UUID, then: Place, now: Place, known: Known) -> tuple[Cause, Sequence[UUID]]:
    shown = now if now.rank is not None else then
    both = then.rank is not None and now.rank is not None
    lowered = both and _another_task(then, now)
    if (shown.by_model or (lowered and then.by_model)) and then.model_id != now.model_id:
        return Cause.MODEL, ()
    if now.drawn or (then.drawn and now.rank is None):
        return Cause.LOT, ()
    if own := known.own.get(child, ()):
        return Cause.EVENT, own
    if (shown.beyond or then.beyond) and (waited := _waited(child, then, now, known)) is not None:
        return waited
    if then.owed != now.owed and (both or shown.owed != "none"):
        return (Cause.EVENT, known.numbers) if known.numbers else (Cause.DAY, ())
    if then.score != now.score:
        return Cause.DAY, ()
    if known.hours and not both:
        return Cause.EVENT, known.hours
    return (Cause.TIE if shown.tied else Cause.OTHERS), ()


def _waited(
    child: UUID, then: Place, now: Place, known: Known
) -> tuple[Cause, Sequence[UUID]] | None:
    """Where a rest or a wait began or ended: a sibling's visit began it, time ends it."""
    if then.waits == now.waits:
        return None
    visits = known.siblings.get(child, ()) if then.waits.rests != now.waits.rests else ()
    return (Cause.EVENT, visits) if visits else (Cause.DAY, ())
