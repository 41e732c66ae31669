"""What the log says about a stream: its state and version, its history, and where a fact lies."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.event import stable_bytes
from domain.streams import Fact, State, fold, new_state, read_stored
from infra.event_store import RECORDED, Cursor
from infra.intake.decode import Candidate
from infra.recent import Recent

CACHED = 16_384
CHUNK = 500

ROWS = "SELECT originator_id, originator_version, state FROM stored_events WHERE originator_id "
FACTS = "SELECT originator_id, state FROM stored_events WHERE originator_version = 1 AND "
OTHERS = (
    "SELECT s.event_id, e.originator_id, e.state FROM seen s"
    " JOIN stored_events e ON e.rowid = s.position WHERE s.event_id "
)
"""An event that is a stream of its own is found by its stream id; `seen` tells of the others."""


class Stream(msgspec.Struct):
    """A stream as of its last event; version 0: it has none."""

    state: State
    version: int = 0


class Target(NamedTuple):
    """Where a fact to be corrected lies."""

    event_id: UUID
    child_id: UUID
    stream: str
    type: str
    place: str


class Streams:
    """States by stream id, with a bounded memory."""

    def __init__(self) -> None:
        self._recent: Recent[str, Stream] = Recent(CACHED)

    def clear(self) -> None:
        """Forget everything: the transaction failed, or another process wrote."""
        self._recent.clear()

    def discard(self, stream: str) -> None:
        """Forget one whose state can't be trusted."""
        self._recent.discard(stream)

    def load(self, cursor: Cursor, wanted: dict[str, str]) -> dict[str, Stream]:
        """Streams by id, for {stream id: stream name}; new ones are empty."""
        found = {s: known for s in wanted if (known := self._recent.get(s)) is not None}
        missing = sorted(wanted.keys() - found.keys())
        for stream, facts in _facts(cursor, missing).items():
            found[stream] = Stream(fold(wanted[stream], facts), len(facts))
        for stream in missing:
            found.setdefault(stream, Stream(new_state(wanted[stream])))
            self._recent.put(stream, found[stream])
        return found

    def put(self, stream: str, value: Stream) -> None:
        """Replace a stream's state."""
        self._recent.put(stream, value)


def history(cursor: Cursor, stream: str) -> list[Fact]:
    """A stream's stored facts, in order."""
    return _facts(cursor, [stream]).get(stream, [])


def _facts(cursor: Cursor, streams: list[str]) -> dict[str, list[Fact]]:
    facts: dict[str, list[Fact]] = {}
    for at in range(0, len(streams), CHUNK):
        some = streams[at : at + CHUNK]
        query = f"{ROWS} IN ({','.join('?' * len(some))}) ORDER BY rowid"
        for stream, _, state in cursor.execute(query, some):
            facts.setdefault(stream, []).append(_fact(state))
    return facts


def _fact(state: bytes) -> Fact:
    recorded = RECORDED.decode(state)
    return Fact(
        event_id=recorded.event_id,
        event=read_stored(recorded.type, recorded.data),
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        child_id=recorded.child_id,
        place=recorded.place,
        corrects=recorded.corrects,
    )


def as_fact(candidate: Candidate) -> Fact:
    """A fact accepted in this batch and not stored yet."""
    return Fact(
        event_id=candidate.event_id,
        event=candidate.event,
        occurred_at=candidate.occurred_at,
        recorded_at=candidate.recorded_at,
        child_id=candidate.child_id,
        place=candidate.place,
        corrects=candidate.corrects,
    )


def find_target(
    cursor: Cursor, accepted: dict[bytes, Candidate], source: str, corrects: str
) -> Target | None:
    """The fact that `corrects` names: by our event id, or by the id under the same source."""
    for key in _keys(source, corrects):
        candidate = accepted.get(key)
        if candidate is not None:
            return Target(
                candidate.event_id,
                candidate.child_id,
                candidate.stream,
                candidate.incoming.type,
                candidate.place,
            )
        row = (
            cursor.execute(OTHERS + "= ?", (key,)).fetchone()
            or cursor.execute(
                "SELECT 0, originator_id, state FROM stored_events"
                " WHERE originator_id = ? AND originator_version = 1",
                (key.hex(),),
            ).fetchone()
        )
        if row is not None and (recorded := RECORDED.decode(row[2])).event_id.bytes == key:
            named = recorded.event_id, recorded.child_id, row[1]
            return Target(*named, recorded.type, recorded.place)
    return None


def _keys(source: str, corrects: str) -> Iterable[bytes]:
    with suppress(ValueError):
        yield UUID(corrects).bytes
    yield stable_bytes("event", source, corrects)


def stored_under(cursor: Cursor, keys: list[bytes]) -> dict[bytes, bytes]:
    """{key: state} of those event ids that are in the log."""
    found: dict[bytes, bytes] = {}
    for at in range(0, len(keys), CHUNK):
        some = keys[at : at + CHUNK]
        marks = f"IN ({','.join('?' * len(some))})"
        hexes = [key.hex() for key in some]
        for stream, state in cursor.execute(f"{FACTS} originator_id {marks}", hexes):
            found[bytes.fromhex(stream)] = state
        found.update((key, state) for key, _, state in cursor.execute(OTHERS + marks, some))
    return found
