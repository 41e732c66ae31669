"""Break-glass: who may read a child's file for a while that their place or role does not open.

The log itself is asked (one stream a person and child), not a read model: what was opened holds at
once, what is over is refused at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from domain.break_glass import BreakGlassClosed, BreakGlassOpened, Emergency, GlassState, glass_id
from domain.errors import Refusal, ShouheError
from domain.event import Event, stable_id
from domain.streams import fold
from infra.access.reader import Reader
from infra.home import Home
from infra.intake.guard import history
from infra.intake.locate import KNOWN, Children
from infra.own_events import own_event

SOURCE = "shouhe/break-glass"
STREAM = BreakGlassOpened.STREAM


class NotOpenedError(ShouheError):
    """A break-glass could not be recorded, so nothing is opened."""


def find_child(home: Home, named: str) -> UUID | None:
    """A registered child by our child id or its ID number; None where there is none."""
    with home.log.store.reading() as cursor:
        found = Children(home.keys).find(cursor, named.strip())
    known = not isinstance(found, Refusal) and found.status == KNOWN
    return found.id if known and not isinstance(found, Refusal) else None


def open_until(home: Home, reader: Reader, child: UUID) -> datetime | None:
    """Until when this reader may read this child's file under break-glass; None: not at all."""
    stream = stable_id(STREAM, glass_id(reader.person, child)).hex
    with home.log.store.reading() as cursor:
        facts = history(cursor, stream)
    state = fold(STREAM, facts) if facts else None
    until = state.until if isinstance(state, GlassState) else None
    return until if until is not None and home.clock() < until else None


def open_glass(
    home: Home, reader: Reader, child: UUID, *, emergency: Emergency, note: str, minutes: int
) -> datetime:
    """Record it; from then on, and until the moment returned, the file is open.

    Raises NotOpenedError.
    """
    fact = BreakGlassOpened(
        glass_id=glass_id(reader.person, child), emergency=emergency, note=note, minutes=minutes
    )
    at = _record(home, reader, child, fact)
    return at + timedelta(minutes=minutes)


def close_glass(home: Home, reader: Reader, child: UUID) -> None:
    """Over before its time. Raises NotOpenedError."""
    _record(home, reader, child, BreakGlassClosed(glass_id=glass_id(reader.person, child)))


def _record(home: Home, reader: Reader, child: UUID, fact: Event) -> datetime:
    now = home.clock()
    made = own_event(SOURCE, str(uuid4()), now, fact, str(child))
    made = msgspec.structs.replace(made, actor=reader.person, actorrole=reader.role.value)
    (outcome,) = home.intake.record([made])
    if outcome.status != "accepted":
        raise NotOpenedError(f"{outcome.field}: {outcome.message}; nothing is opened")
    return now
