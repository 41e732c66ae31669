"""名次为什么变了: every change of a place on a list, from one week to the next, has a cause.

In this order, the first that holds:

    model    the place is one of risk, and another model scored, or none did any more
    event    something was recorded about the child in between: these events
    day      nothing was recorded; a duty fell due, or the score moved with the calendar
    tie      duty and score are what they were, and another line has the very same
    others   duty and score are what they were; others came, went or moved, for causes of their own
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from domain.terms import Term


class Cause(Term):
    """Why a place changed."""

    MODEL = "model", "换了模型或停用了模型"
    EVENT = "event", "有新记录"
    DAY = "day", "日子到了"
    TIE = "tie", "并列,按当日哈希排"
    OTHERS = "others", "别的孩子变了"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How a child stands in a week. rank: None where it is not listed; model_id: whose score."""

    rank: int | None
    duty: str = ""
    score: float | None = None
    model_id: str = ""


UNLISTED = Place(rank=None)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A child whose place is another one than the week before."""

    child_id: UUID
    before: int | None
    after: int | None
    cause: Cause
    event_ids: list[UUID]


def changes(
    before: Mapping[UUID, Place],
    after: Mapping[UUID, Place],
    recorded: Mapping[UUID, Sequence[UUID]],
) -> list[Change]:
    """The changes of one director's list, by the new place, then by the old one.

    recorded   child → events recorded about it between the two lists
    """
    found = []
    for child in {*before, *after}:
        then, now = before.get(child, UNLISTED), after.get(child, UNLISTED)
        if then.rank != now.rank:
            events = list(recorded.get(child, ()))
            cause = _cause(then, now, events, _twins(now, after) or _twins(then, before))
            named = events if cause is Cause.EVENT else []
            found.append(
                Change(
                    child_id=child, before=then.rank, after=now.rank, cause=cause, event_ids=named
                )
            )
    last = len(before) + len(after) + 1
    return sorted(found, key=lambda c: (c.after or last, c.before or last, str(c.child_id)))


def _cause(
    then: Place,
    now: Place,
    events: Sequence[UUID],
    tied: bool,
) -> Cause:
    shown = now if now.rank is not None else then
    if shown.duty == "none" and then.model_id != now.model_id:
        return Cause.MODEL
    if events:
        return Cause.EVENT
    both = then.rank is not None and now.rank is not None
    if then.score != now.score or (then.duty != now.duty and (both or shown.duty != "none")):
        return Cause.DAY
    return Cause.TIE if tied else Cause.OTHERS


def _twins(place: Place, listed: Mapping[UUID, Place]) -> bool:
    """Whether another line has the same duty and score."""
    same = [
        each
        for each in listed.values()
        if each.rank is not None and (each.duty, each.score) == (place.duty, place.score)
    ]
    return len(same) > 1
