"""Forgetting a child (PIPL 47): its key is destroyed, and the log says so.

Under the log's write lock: destroy the key, append `child.forgotten`, drop the blind index and the
kept rejections that speak of the child, commit. A crash in between leaves the key destroyed and the
rest undone; running it again finishes it. No batch can slip in.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.child_file import ChildForgotten
from domain.errors import Refusal, ShouheError
from domain.event import Incoming
from infra.access.authority import EVERYTHING
from infra.event_store import EventLog
from infra.intake.decode import Candidate, Reader
from infra.intake.guard import Streams
from infra.intake.judge import Judge
from infra.intake.land import Personal, land
from infra.intake.locate import FORGOTTEN, Child, Children
from infra.keys import KeyRing
from infra.rejections import Rejections

SOURCE = "shouhe/forget"


class ChildUnknownError(ShouheError):
    """No child is known by this id or number."""


class Forgotten(msgspec.Struct, frozen=True):
    """What was done. `already`: the child had been forgotten before."""

    child_id: UUID
    already: bool
    rejections: int


class By(NamedTuple):
    """On what ground, and who decided it, as what; the command line names no one."""

    basis: str = "not_stated"
    actor: str = ""
    role: str = ""


UNSAID = By()


def forget(log: EventLog, keys: KeyRing, child: str, at: datetime, by: By = UNSAID) -> Forgotten:
    """Erase the personal data of a child, named by our child id or its ID number.

    Raises ChildUnknownError, and KeyRingError when the key may still lie on the disk.
    """
    children = Children(keys)
    with log.store.writing() as cursor:
        found = children.find(cursor, child)
        if isinstance(found, Refusal):
            raise _unknown(child, found)
        already = found.status == FORGOTTEN
        blind = "" if found.blind is None else found.blind.hex()
        keys.destroy(f"child/{found.id}")
        dropped = Rejections(keys).forget(cursor, found.text, blind, keys.blind_index)
        if not already:
            candidate = _forgotten(keys, found, at, by)
            judge = Judge(cursor, children, Streams(), keys, EVERYTHING)
            judge.accept_forgotten(candidate, found)
            land(log.store, cursor, judge.accepted.values(), keys, Personal())
        children.flush(cursor)
    log.store.scrub()
    return Forgotten(found.id, already, dropped)


def _forgotten(keys: KeyRing, child: Child, at: datetime, by: By) -> Candidate:
    body = msgspec.json.encode(
        Incoming(
            specversion="1.0",
            id=child.text,
            source=SOURCE,
            type=ChildForgotten.TYPE,
            time=at,
            subject=child.text,
            actor=by.actor or None,
            actorrole=by.role or None,
            data=msgspec.Raw(msgspec.json.encode({"basis": by.basis})),
        )
    )
    candidate = Reader(keys.digest_key).read(body, at, own=True)
    if not isinstance(candidate, Candidate):
        raise candidate.refusal
    return candidate


def _unknown(child: str, why: Refusal) -> ChildUnknownError:
    """The number itself is never repeated; an id is."""
    if why.code != "child_unknown":
        return ChildUnknownError(f"CHILD: {why.message}")
    named = child if len(child) == len(str(UUID(int=0))) else "with this ID number"
    return ChildUnknownError(
        f"CHILD: no child {named} is known; `shouhe query` finds ids in the table children"
    )
