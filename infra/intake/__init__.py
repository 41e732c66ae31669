"""Intake: CloudEvents in, outcomes out. Nothing else writes to the log.

    decode.py   a body → its event class (explain.py: what is wrong, in words)
    locate.py   whose child it is
    guard.py    the states and histories of streams
    judge.py    one batch, event by event
    land.py     encrypted, into the log
    forget.py   erasing a child's personal data

A batch is one durable transaction: either every outcome it reports stands, or nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from domain.errors import Refusal
from domain.event import Incoming
from infra.event_store import EventLog, head
from infra.files import batches
from infra.intake.decode import Candidate, Reader, Refused
from infra.intake.forget import Forgotten, forget
from infra.intake.guard import Streams
from infra.intake.judge import DUPLICATE, Judge, reused_key
from infra.intake.land import Personal, land
from infra.intake.locate import Children
from infra.keys import KeyRing
from infra.rejections import SCOPE, Rejection, Rejections

Status = Literal["accepted", "duplicate", "rejected"]
RECORD_BATCH = 4000


class OnProgress(Protocol):
    """Told how many events were taken in so far."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


class Outcome(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What became of one event. The last four are filled for a rejection."""

    status: Status
    source: str
    id: str
    type: str
    event_id: UUID | None = None
    code: str = ""
    field: str = ""
    value: str = ""
    message: str = ""


class Counts(msgspec.Struct):
    """How many events ended how."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count a batch."""
        for outcome in outcomes:
            if outcome.status == "accepted":
                self.accepted += 1
            elif outcome.status == "duplicate":
                self.duplicate += 1
            else:
                self.rejected += 1

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.duplicate + self.rejected


def _utcnow() -> datetime:
    return datetime.now(UTC)


class Intake:
    """The door. One batch at a time; other processes may have their own."""

    def __init__(
        self, log: EventLog, keys: KeyRing, clock: Callable[[], datetime] = _utcnow
    ) -> None:
        self._log, self._keys, self._clock = log, keys, clock
        self._reader = Reader(keys.digest_key)
        self._children, self._streams = Children(keys), Streams()
        self._personal, self._rejections = Personal(), Rejections(keys)
        self._lock = Lock()
        self._head = -1

    def submit(self, events: Sequence[bytes], *, at: datetime | None = None) -> list[Outcome]:
        """Take in a batch, one JSON CloudEvent each; `at` is when it was received (now).

        Returns one outcome an event, in order, when all of them are durable. Raises StoreError or
        KeyRingError when nothing was recorded.
        """
        return self._submit(events, at or self._clock(), own=False)

    def record(self, events: Sequence[Incoming]) -> list[Outcome]:
        """Take in this system's own events (scores, lists, readings of names) by the same road."""
        outcomes: list[Outcome] = []
        for first in range(0, len(events), RECORD_BATCH):
            bodies = [msgspec.json.encode(each) for each in events[first : first + RECORD_BATCH]]
            outcomes += self._submit(bodies, self._clock(), own=True)
        return outcomes

    def import_file(self, path: str | Path, on_progress: OnProgress | None = None) -> Counts:
        """Take in a file of events, batch by batch. Raises InputError."""
        counts = Counts()
        for batch in batches(path):
            counts.add(self.submit(batch))
            if on_progress is not None:
                on_progress(counts.total)
        return counts

    def find_child(self, id_number: str) -> UUID | None:
        """The child registered with an ID number."""
        blind = bytes.fromhex(self._keys.blind_index(id_number))
        with self._log.recorder.reading() as cursor:
            row = cursor.execute(
                "SELECT child_id FROM children WHERE blind_index = ?", (blind,)
            ).fetchone()
        return None if row is None else UUID(bytes=row[0])

    def forget(self, child: str, *, basis: str = "not_stated") -> Forgotten:
        """Erase a child's personal data; `child` is our child id or its ID number.

        Raises ChildUnknownError.
        """
        with self._lock:
            self._head = -1
            return forget(self._log, self._keys, child, self._clock(), basis)

    # --- rejections ---------------------------------------------------------------------------

    def rejected(self) -> Iterator[Rejection]:
        """The kept rejections, in the order in which they first came."""
        with self._log.recorder.reading() as cursor:
            yield from self._rejections.listed(cursor)

    def replay(self, on_progress: OnProgress | None = None) -> Counts:
        """Try the kept rejections again, until a whole round lands none.

        One that lands may be what another waited for. `rejected` counts what stays.
        """
        total = Counts()
        while True:
            counts = self._replay_once()
            total.accepted += counts.accepted
            total.duplicate += counts.duplicate
            total.rejected = counts.rejected
            if on_progress is not None:
                on_progress(total.total)
            if counts.accepted + counts.duplicate == 0:
                return total

    def _replay_once(self) -> Counts:
        counts = Counts()
        with self._log.recorder.reading() as cursor:
            upto = self._rejections.last(cursor)
        after = 0
        while True:
            with self._log.recorder.reading() as cursor:
                page = self._rejections.bodies(cursor, after, upto)
            if not page:
                return counts
            after = page[-1][0]
            bodies = [body for _, body in page if body is not None]
            counts.rejected += len(page) - len(bodies)
            counts.add(self.submit(bodies))

    # --- one batch ----------------------------------------------------------------------------

    def _submit(self, events: Sequence[bytes], at: datetime, *, own: bool) -> list[Outcome]:
        read = self._reader.read
        items = [read(number, body, at, own=own) for number, body in enumerate(events)]
        with self._lock:
            try:
                return self._take_in(items, at)
            except BaseException:
                self._forget_states()
                raise

    def _forget_states(self) -> None:
        self._children.clear()
        self._streams.clear()
        self._head = -1

    def _take_in(self, items: Sequence[Candidate | Refused], at: datetime) -> list[Outcome]:
        with self._log.recorder.writing() as cursor:
            if head(cursor) != self._head:
                self._forget_states()
            judge = Judge(cursor, self._children, self._streams)
            judge.load([each for each in items if isinstance(each, Candidate)])
            outcomes, refused, settled = self._judge(judge, items)
            if settled and self._rejections.any(cursor):
                self._rejections.drop(cursor, settled)
            if refused:
                self._keys.ensure([SCOPE])
                self._rejections.keep(cursor, refused, at)
            new_head = land(cursor, judge.accepted.values(), self._keys, self._personal)
            self._children.flush(cursor)
        self._head = new_head
        return outcomes

    def _judge(
        self, judge: Judge, items: Sequence[Candidate | Refused]
    ) -> tuple[list[Outcome], list[tuple[bytes, str, str, str, Refusal, bytes]], list[bytes]]:
        """(outcomes, what to keep as rejected, keys of events that are in the log)."""
        outcomes: list[Outcome] = []
        refused: list[tuple[bytes, str, str, str, Refusal, bytes]] = []
        settled: list[bytes] = []
        for each in items:
            verdict = judge.judge(each) if isinstance(each, Candidate) else each.refusal
            if isinstance(each, Candidate):
                incoming = each.incoming
                if verdict is None or verdict is DUPLICATE:
                    status: Status = "accepted" if verdict is None else "duplicate"
                    outcomes.append(_settled(status, each))
                    settled.append(each.key)
                    continue
                key = reused_key(each) if verdict.code == "id_reused" else each.key
                named = key, incoming.source, incoming.id, incoming.type
            else:
                named = each.key, each.source, each.id, each.type
            if verdict is not None:
                refused.append((*named, verdict, each.body))
                outcomes.append(_refused(*named[1:], verdict))
        return outcomes, refused, settled


def _settled(status: Status, each: Candidate) -> Outcome:
    incoming = each.incoming
    return Outcome(status, incoming.source, incoming.id, incoming.type, UUID(bytes=each.key))


def _refused(source: str, id_: str, type_: str, why: Refusal) -> Outcome:
    return Outcome(
        "rejected", source, id_, type_, None, why.code, why.field, why.value, why.message
    )


__all__ = ["Counts", "Forgotten", "Intake", "Outcome", "Rejection"]
