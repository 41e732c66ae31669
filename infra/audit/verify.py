"""`shouhe audit verify`: the chain made again from the store, and held against what was kept.

What is looked at, in this order: the database's own structure; each event against its record in the
chain; the anchors, by signature and by the chain; the index of ids beside the log. Nothing is
written, and no network is needed. With `key` and a copy of the anchors, nothing of this machine is
believed but the store itself.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path

import msgspec

from domain.errors import SettingsError
from infra.audit.anchors import Anchor
from infra.audit.chain import GENESIS, Chain, Link, links
from infra.audit.children import children_faults
from infra.audit.fault import Fault
from infra.event_store import RECORDED, EventLog, StoreError
from infra.keys import KeyRing, KeyRingError

READING = (StoreError, KeyRingError, struct.error, TypeError, ValueError, AttributeError)
"""What a damaged row raises when it is read."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was proven. `chained`: events with a record; the rest came after the last advance."""

    events: int
    chained: int
    anchors: int
    first_broken: int | None
    faults: list[Fault]

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.faults


def verify(
    log: EventLog,
    chain: Chain,
    anchors: list[Anchor],
    *,
    key: str,
    file: Path | None = None,
    keys: KeyRing | None = None,
) -> Verdict:
    """Prove the log.

    anchors   earliest first; key: the public key that must have signed them, 64 hex digits
    file      the SQLite store, whose pages are checked as well
    keys      the key ring, with which the index of ID numbers is made again
    """
    faults = list(_pages(file)) if file is not None else []
    events = chained = 0
    try:
        wanted = {each.position for each in anchors}
        events, chained, kept, broken = _chained(log, chain, wanted)
        faults += broken
        faults += _anchored(anchors, kept, key, events)
        faults += _indexed(log)
        faults += children_faults(log, keys)
    except READING as error:
        faults.append(Fault("store", 0, f"can't be read to its end ({type(error).__name__})"))
    places = [each.position for each in faults if each.position]
    return Verdict(
        events=events,
        chained=chained,
        anchors=len(anchors),
        first_broken=min(places, default=0) if faults else None,
        faults=faults,
    )


def _pages(file: Path) -> Iterator[Fault]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            rows = db.execute("PRAGMA integrity_check(10)").fetchall()
        except sqlite3.DatabaseError as error:
            rows = [(str(error),)]
    for (said,) in rows:
        if said != "ok":
            yield Fault("pages", 0, f"the database's structure is damaged: {said[:200]}")


def _chained(
    log: EventLog, chain: Chain, wanted: AbstractSet[int]
) -> tuple[int, int, dict[int, str], list[Fault]]:
    """(events, records, hashes of the wanted positions by the store, the first fault)."""
    count, found = 0, {}

    def counted() -> Iterator[Link]:
        nonlocal count
        for position, hashed in _readable(log):
            count += 1
            if position in wanted:
                found[position] = hashed.hex()
            yield position, hashed

    made, kept = counted(), chain.records()
    faults: list[Fault] = []
    chained = 0
    for expected in kept:
        chained += 1
        actual = next(made, None)
        if actual != expected:
            faults.append(_first(actual, expected, kept, made))
            break
    for _ in made:
        pass
    return count, chained, found, faults


def _readable(log: EventLog) -> Iterator[Link]:
    """The links of the store, up to the first event that can't be read: that one has no hash."""
    last: Link = (0, GENESIS)
    try:
        for link in links(log, last):
            yield (last := link)
    except READING:
        try:
            for link in links(log, last, page=1):
                yield (last := link)
        except READING:
            yield last[0] + 1, b""


def _first(
    actual: Link | None, expected: Link, kept: Iterator[Link], made: Iterator[Link]
) -> Fault:
    """What the first difference means. The links after it tell whose it is."""
    if actual is None:
        return Fault("log", expected[0], f"ends before position {expected[0]}: events are missing")
    if actual[0] != expected[0]:
        return Fault(
            "log", min(actual[0], expected[0]),
            f"has position {actual[0]} where the chain has {expected[0]}: events were dropped or"
            " slipped in",
        )  # fmt: skip
    after, beside = next(kept, None), next(made, None)
    if after is not None and after == beside:
        return Fault("chain", expected[0], f"its record of position {expected[0]} is damaged")
    return Fault("log", actual[0], f"the event at position {actual[0]} is not what was recorded")


def _anchored(
    anchors: list[Anchor], hashes: dict[int, str], key: str, events: int
) -> Iterator[Fault]:
    for each in anchors:
        if each.key != key or not each.signed_by(key):
            yield Fault("anchor", 0, f"that of {each.day} is not signed with the key {key[:16]}…")
        elif hashes.get(each.position) != each.hash:
            missing = each.position > events
            why = "the log is shorter" if missing else "the log up to there has changed"
            yield Fault("anchor", each.position, f"that of {each.day} does not hold: {why}")


def _indexed(log: EventLog) -> Iterator[Fault]:
    """The ids beside the log point at their own events."""
    with log.store.reading() as cursor:
        rows = cursor.execute(
            "SELECT s.event_id, s.position, e.state FROM seen s"
            " LEFT JOIN stored_events e ON e.rowid = s.position"
        )
        for event_id, position, state in rows:
            if state is None or not _is(state, event_id):
                yield Fault("ids", int(position), f"an id points at position {position} in vain")


def _is(state: bytes, event_id: bytes) -> bool:
    try:
        return RECORDED.decode(state).event_id.bytes == event_id
    except msgspec.DecodeError:
        return False


def read_key(text: str) -> str:
    """A public key as it was written down. Raises SettingsError."""
    key = text.strip().lower()
    if len(key) != 64 or set(key) - set("0123456789abcdef"):  # noqa: PLR2004 - 32 bytes in hex
        raise SettingsError("key: must be the 64 hex digits that `shouhe audit key` shows")
    return key
