"""The chain: one record an event, in the order of the log, behind the commit and never in its way.

    record   position (8 bytes, big-endian), hash (32 bytes)
    hash     SHA-256 of the hash before, the position, the stream, the version, the type, the state

The file only grows. It follows from the log: after a crash a torn record at its end is cut off and
made again. Whoever changes an event would have to write every record after it anew, and then the
signed anchors say so.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.event_store import EventLog
from infra.wire import Row

GENESIS = hashlib.sha256(b"shouhe chain v1").digest()
RECORD = struct.Struct(">Q32s")
_SIZES = struct.Struct(">QQII")
PAGE = 5_000
"""Events read at once."""

Link = tuple[int, bytes]
"""(position, hash)"""


def follow(before: bytes, row: Row) -> bytes:
    """The hash of an event, given that of the one before it."""
    position, stream, version, topic, state = row
    name = topic.encode()
    sizes = _SIZES.pack(position, version, len(name), len(state))
    return hashlib.sha256(b"".join((before, sizes, stream.encode(), name, state))).digest()


def links(log: EventLog, after: Link, page: int = PAGE) -> Iterator[Link]:
    """The links of the log's events after a link, made from the store itself."""
    position, before = after
    while rows := log.rows(position, None, page):
        for row in rows:
            before = follow(before, row)
            yield row[0], before
        position = rows[-1][0]


class Chain:
    """The file of a home. One process at a time appends: whoever holds the lease `audit`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def advance(self, log: EventLog) -> Link:
        """Follow the log to its head, durably. → the chain's end."""
        last = self._mended_end()
        made: list[Link] = []
        for link in links(log, last):
            made.append(link)
            if len(made) == PAGE:
                self._append(made)
                last, made = made[-1], []
        if made:
            self._append(made)
            last = made[-1]
        return last

    def end(self) -> Link:
        """The last whole record; (0, GENESIS) of an empty chain."""
        whole = self._size() // RECORD.size
        return self.record(whole - 1) if whole else (0, GENESIS)

    def record(self, index: int) -> Link:
        """The record at an index, from 0."""
        with self._path.open("rb") as file:
            file.seek(index * RECORD.size)
            position, hashed = RECORD.unpack(file.read(RECORD.size))
        return position, hashed

    def records(self) -> Iterator[Link]:
        """Every whole record, in order."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            while len(block := file.read(RECORD.size * PAGE)) >= RECORD.size:
                yield from RECORD.iter_unpack(block[: len(block) // RECORD.size * RECORD.size])

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _mended_end(self) -> Link:
        torn = self._size() % RECORD.size
        if torn:
            os.truncate(self._path, self._size() - torn)
        return self.end()

    def _append(self, made: Iterable[Link]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("ab") as file:
            file.write(b"".join(RECORD.pack(*link) for link in made))
            file.flush()
            os.fsync(file.fileno())
