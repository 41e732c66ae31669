"""The door: bodies in, outcomes out.

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
from infra.access.authority import CODE, EVERYTHING, Authority
from infra.event_store import EventLog, head
from infra.files import batches
from infra.intake.decode import Candidate, Reader, Refused
from infra.intake.forget import UNSAID, By, Forgotten, forget
from infra.intake.guard import Streams
from infra.intake.judge import DUPLICATE, Judge
from infra.intake.land import Personal, land
from infra.intake.locate import Children
from infra.keys import KeyDestroyedError, KeyRing, KeyRingError
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


UNKEPT = (CODE, "child_forgotten")
"""Codes of refusals whose bodies are not kept: they may never land, or never stay (PIPL 47)."""


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

    def submit(
        self,
        events: Sequence[bytes],
        *,
        at: datetime | None = None,
        authority: Authority = EVERYTHING,
    ) -> list[Outcome]:
        """Take in a batch, one JSON CloudEvent each; `at` is when it was received (now).

        What the sender has no authority for is refused and not kept: no replay lets it in.
        Returns one outcome an event, in order, when all of them are durable. Raises StoreError or
        KeyRingError; then nothing was recorded.
        """
        now = (at or self._clock()).astimezone(UTC)
        return self._submit(events, now, own=False, authority=authority)

    def record(self, events: Sequence[Incoming]) -> list[Outcome]:
        """Take in this system's own events (scores, lists, readings of names) by the same road.

        A rejection is answered and not kept: the caller is ours, and can ask again.
        """
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
        with self._log.store.reading() as cursor:
            row = cursor.execute(
                "SELECT child_id FROM children WHERE blind_index = ?", (blind,)
            ).fetchone()
        return None if row is None else UUID(bytes=row[0])

    def forget(self, child: str, *, by: By = UNSAID) -> Forgotten:
        """Erase a child's personal data; `child` is our child id or its ID number.

        Raises ChildUnknownError.
        """
        with self._lock:
            self._head = -1
            return forget(self._log, self._keys, child, self._clock(), by)

    # --- rejections ---------------------------------------------------------------------------

    def rejected(self) -> Iterator[Rejection]:
        """The kept rejections, in the order in which they first came."""
        with self._log.store.reading() as cursor:
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
            if counts.accepted == 0:
                return total

    def _replay_once(self) -> Counts:
        counts = Counts()
        with self._log.store.reading() as cursor:
            upto = self._rejections.last(cursor)
        after = 0
        while True:
            with self._log.store.reading() as cursor:
                page = self._rejections.bodies(cursor, after, upto)
            if not page:
                return counts
            after = page[-1][0]
            bodies = [body for _, body in page if body is not None]
            counts.rejected += len(page) - len(bodies)
            counts.add(self.submit(bodies))

    # --- one batch ----------------------------------------------------------------------------

    def _submit(
        self,
        events: Sequence[bytes],
        at: datetime,
        *,
        own: bool,
        authority: Authority = EVERYTHING,
    ) -> list[Outcome]:
        read = self._reader.read
        items = [read(body, at, own=own) for body in events]
        with self._lock:
            while True:
                try:
                    return self._take_in(items, at, authority, keep=not own)
                except KeyDestroyedError as error:
                    self._finish_forgetting(error.scope, at)
                except BaseException:
                    self._forget_states()
                    raise

    def _finish_forgetting(self, scope: str, at: datetime) -> None:
        """A key is gone and the log doesn't say so: a forgetting was cut off in the middle."""
        self._forget_states()
        kind, _, child = scope.partition("/")
        if kind != "child":
            raise KeyRingError(f"keys: that of {scope} is destroyed; restore keys.sqlite")
        forget(self._log, self._keys, child, at)

    def _forget_states(self) -> None:
        self._children.clear()
        self._streams.clear()
        self._head = -1

    def _take_in(
        self,
        items: Sequence[Candidate | Refused],
        at: datetime,
        authority: Authority,
        *,
        keep: bool,
    ) -> list[Outcome]:
        with self._log.store.writing() as cursor:
            if head(cursor) != self._head:
                self._forget_states()
            judge = Judge(cursor, self._children, self._streams, self._keys, authority)
            judge.load([each for each in items if isinstance(each, Candidate)])
            outcomes, refused, settled = self._judge(judge, items)
            if settled and self._rejections.any(cursor):
                self._rejections.drop(cursor, self._kept_under(settled))
            if refused and keep:
                self._keys.ensure([SCOPE])
                wanted = (
                    each
                    for key, each in refused.items()
                    if each.refusal.code not in UNKEPT and key not in judge.beyond
                )
                self._rejections.keep(cursor, map(_kept, wanted), at)
            new_head = land(
                self._log.store, cursor, judge.accepted.values(), self._keys, self._personal
            )
            self._children.flush(cursor)
        self._head = new_head
        return outcomes

    def _judge(
        self, judge: Judge, items: Sequence[Candidate | Refused]
    ) -> tuple[list[Outcome], dict[bytes, Refused], list[Candidate]]:
        """(outcomes, what to keep as rejected, events that are in the log)."""
        outcomes: list[Outcome] = []
        refused: dict[bytes, Refused] = {}
        settled: list[Candidate] = []
        for each in items:
            if isinstance(each, Candidate):
                verdict = judge.judge(each)
                if verdict is None or verdict is DUPLICATE:
                    outcomes.append(_settled("duplicate" if verdict else "accepted", each))
                    settled.append(each)
                    refused.pop(each.key, None)
                    continue
                reused = verdict.code == "id_reused"  # kept beside the recorded one
                key = self._reader.digest(each.body) if reused else each.key
                why = self._reader.refuse(each.body, key, each.incoming, verdict)
            else:
                why = each
            refused[why.key] = why
            outcomes.append(_refused(why))
        return outcomes, refused, settled

    def _kept_under(self, settled: Sequence[Candidate]) -> list[bytes]:
        """Keys under which these events may have been kept as rejected: as itself, as a reuse."""
        return [key for each in settled for key in (each.key, self._reader.digest(each.body))]


def _settled(status: Status, each: Candidate) -> Outcome:
    incoming = each.incoming
    return Outcome(status, incoming.source, incoming.id, incoming.type, each.event_id)


def _refused(each: Refused) -> Outcome:
    why = each.refusal
    named = each.source, each.id, each.type
    return Outcome("rejected", *named, None, why.code, why.field, why.value, why.message)


def _kept(each: Refused) -> tuple[bytes, str, str, str, Refusal, bytes]:
    return each.key, each.source, each.id, each.type, each.refusal, each.body
