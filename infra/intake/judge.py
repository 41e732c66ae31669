"""One batch before the log: each candidate in order, seeing what came before it in the batch.

seen before? → whose child? → corrects what? → what do the guards of its stream say?
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.child_file import ChildRegistered
from domain.child_state import ChildState
from domain.errors import Refusal
from domain.event import NO_CHILD, Event, stable_bytes
from domain.guards import Occasion
from domain.streams import Fact, State, apply, check, check_correction, fold
from infra.access.authority import Authority
from infra.event_store import Cursor
from infra.intake.decode import FAULTS, Candidate, fault
from infra.intake.guard import Stream, Streams, Target, as_fact, find_target, history, stored_under
from infra.intake.locate import (
    FILES,
    FORGOTTEN,
    KNOWN,
    RETRACTED,
    Child,
    Children,
    unknown_subject,
)
from infra.intake.same import same_as_accepted, same_as_stored
from infra.keys import KeyRing

DUPLICATE = Refusal("duplicate", "id", "", "recorded before")
"""Not a refusal: the event is in the log already."""

REUSED = Refusal(
    "id_reused",
    "id",
    "",
    "another body was recorded under this source and id; a new fact needs a new id,"
    " a change of the recorded one needs `corrects`",
)


class Judge:
    """Judges one batch inside its transaction. `accepted` is in log order.

    beyond   keys of what names a child or an event outside the sender's places or types: answered
             as unknown, and never kept, for a replay is bound by no place
    """

    def __init__(
        self,
        cursor: Cursor,
        children: Children,
        streams: Streams,
        keys: KeyRing,
        authority: Authority,
    ) -> None:
        self._cursor, self._children, self._streams = cursor, children, streams
        self._keys, self._authority = keys, authority
        self._stored: dict[bytes, bytes] = {}
        self._loaded: dict[str, Stream] = {}
        self._stale: set[str] = set()
        self.accepted: dict[bytes, Candidate] = {}
        self.beyond: set[bytes] = set()

    def load(self, candidates: Sequence[Candidate]) -> None:
        """Read at once what the batch needs of the log."""
        self._stored = stored_under(self._cursor, sorted({each.key for each in candidates}))
        fresh = [each for each in candidates if each.key not in self._stored]
        self._children.load(self._cursor, {each.incoming.subject for each in fresh})
        self._loaded = self._streams.load(self._cursor, self._streams_of(fresh))

    def judge(self, candidate: Candidate) -> Refusal | None:
        """None: accepted. DUPLICATE: in the log already. Else why it is refused."""
        try:
            verdict = (
                self._authority.refusal(candidate.incoming)
                or self._repeated(candidate)
                or self._decide(candidate)
            )
        except FAULTS as error:
            self._stale.add(candidate.stream)
            verdict = fault(error)
        if verdict is None:
            self.accepted[candidate.key] = candidate
        return verdict

    def _repeated(self, each: Candidate) -> Refusal | None:
        """Whether its (source, id) was used before: by the same event, or by another."""
        earlier = self.accepted.get(each.key)
        if earlier is not None:
            same = same_as_accepted(each, earlier, self._cursor, self._children)
            return DUPLICATE if same else REUSED
        state = self._stored.get(each.key)
        if state is None:
            return None
        same = same_as_stored(each, state, self._cursor, self._children, self._keys)
        return DUPLICATE if same else REUSED

    def accept_forgotten(self, each: Candidate, child: Child) -> None:
        """Forgetting asks no guard: a child whose registration was taken back has a right to it."""
        each.child_id, each.child_text, each.place = child.id, child.text, child.village
        each.stream = child.id.hex
        self._accept(each, child, self._stream(each.stream, "child"))
        self.accepted[each.key] = each

    # --- one candidate ------------------------------------------------------------------------

    def _decide(self, each: Candidate) -> Refusal | None:
        cls = type(each.event)
        if each.incoming.corrects is not None:
            return self._correct(each, each.incoming.corrects)
        child: Child | None = None
        if cls is ChildRegistered:
            refusal = self._address_registration(each)
            if refusal is not None:
                return refusal
        elif cls.ABOUT_CHILD:
            found = self._near(each)
            if isinstance(found, Refusal):
                return found
            child = found
            each.child_id, each.child_text = found.id, found.text
        each.place = each.incoming.place or ("" if child is None else child.village)
        if not cls.ABOUT_CHILD and (far := self._authority.place_refusal(each.place)):
            return far
        at = occasion(each, child)
        if cls.STREAM == "fact":
            each.stream, each.version = each.key.hex(), 1
            return check(FILES[KNOWN], each.event, at)
        each.stream = stream_of(cls, each)
        stream = self._stream(each.stream, cls.STREAM)
        refusal = check(stream.state, each.event, at)
        if refusal is None and cls is ChildRegistered:
            refusal = self._number_refusal(each, each.child_id)
        if refusal is not None:
            return refusal
        self._accept(each, child, stream)
        return None

    def _near(self, each: Candidate) -> Child | Refusal:
        """The child a subject names; one outside the sender's places is as if it were not there."""
        found = self._children.find(self._cursor, each.incoming.subject)
        if isinstance(found, Child) and not self._authority.covers(found.village):
            if found.village:  # who is registered nowhere may yet be, here
                self.beyond.add(each.key)
            return unknown_subject(each.incoming.subject)
        return found

    def _accept(self, each: Candidate, child: Child | None, stream: Stream) -> None:
        apply(stream.state, each.event, occasion(each, child))
        stream.version += 1
        each.version = stream.version
        self._index(each, child, stream.state)

    def _address_registration(self, each: Candidate) -> Refusal | None:
        """A registration makes its child's id; `subject` may be empty, that id or its number."""
        each.child_id = UUID(bytes=stable_bytes("child", each.incoming.source, each.incoming.id))
        each.child_text = str(each.child_id)
        subject, event = each.incoming.subject, each.event
        if isinstance(event, ChildRegistered):
            refusal = self._authority.place_refusal(event.residence_division, "residence_division")
            if refusal is not None:
                return refusal
        number = event.id_number if isinstance(event, ChildRegistered) else None
        if subject in ("", each.child_text, number):
            return None
        return Refusal(
            "subject_mismatch",
            "subject",
            "",
            "must be empty or the ID number in `data`: the child gets its id by registration",
        )

    def _number_refusal(self, each: Candidate, child_id: UUID) -> Refusal | None:
        """One number, one child. Sets the candidate's blind index."""
        number = each.event.id_number if isinstance(each.event, ChildRegistered) else None
        if number is None:
            return None
        each.blind = self._children.blind(number)
        holder = self._children.by_blind(self._cursor, each.blind)
        if holder is None or holder.id == child_id:
            return None
        if not self._authority.covers(holder.village):
            return Refusal(
                "id_number_taken",
                "id_number",
                "",
                "a child with this ID number is registered in another place;"
                " ask the county's civil affairs to move the file, or correct the number",
            )
        return Refusal(
            "id_number_taken",
            "id_number",
            "",
            f"a child with this ID number is registered as {holder.id};"
            " send its events under that id, or correct the number",
        )

    def _index(self, each: Candidate, child: Child | None, state: State) -> None:
        """Follow the child's file in the index."""
        if not isinstance(state, ChildState):
            return
        if child is None:
            child = self._children.by_id(self._cursor, each.child_id)
        if child is None:
            child = Child(each.child_id, each.child_text, "", RETRACTED)
        status = FORGOTTEN if state.forgotten else KNOWN if state.registered_at else RETRACTED
        blind = (each.blind or None) if isinstance(each.event, ChildRegistered) else child.blind
        if status != KNOWN:
            blind = None
        if (child.village, child.status, child.blind) != (state.village, status, blind):
            self._children.put(child, state.village, status, blind)

    # --- corrections --------------------------------------------------------------------------

    def _correct(self, each: Candidate, corrects: str) -> Refusal | None:
        """A correction or retraction: into the stream of what it corrects, judged at its place."""
        target = find_target(self._cursor, self.accepted, each.incoming.source, corrects)
        if target is None or not self._may_correct(target):
            if target is not None:
                self.beyond.add(each.key)
            return Refusal(
                "correction_target_unknown",
                "corrects",
                "",
                "no such event was recorded; send the event id, or the id it was sent under by the"
                " same source; or replay this once that event has landed",
            )
        child = self._corrected_child(each, target)
        if isinstance(child, Refusal):
            return child
        each.corrects, each.stream = target.event_id, target.stream
        facts = self._history(target.stream)
        at = occasion(each, child)
        refusal = check_correction(facts, each.event, at, target.event_id)
        if refusal is None and isinstance(each.event, ChildRegistered):
            refusal = self._number_refusal(each, target.child_id)
        if refusal is not None:
            return refusal
        each.version = len(facts) + 1
        name = facts[0].event.STREAM
        changed = Stream(fold(name, [*facts, as_fact(each)]), each.version)
        self._loaded[target.stream] = changed
        self._streams.put(target.stream, changed)
        if name == "child":
            self._index(each, child, changed.state)
        return None

    def _may_correct(self, target: Target) -> bool:
        """Whether what is corrected is of a type and place that this sender could record."""
        authority, place = self._authority, target.place
        if authority.everywhere:
            return authority.type_refusal(target.type) is None
        if target.child_id != NO_CHILD:
            child = self._children.by_id(self._cursor, target.child_id)
            place = "" if child is None else child.village
        return authority.covers(place) and authority.type_refusal(target.type) is None

    def _corrected_child(self, each: Candidate, target: Target) -> Child | Refusal | None:
        """The child of the subject, or, where none is named, the corrected event's."""
        child: Child | Refusal | None = None
        if target.child_id != NO_CHILD:
            subject = each.incoming.subject
            child = (
                self._children.find(self._cursor, subject)
                if subject
                else self._children.by_id(self._cursor, target.child_id)
            )
            if isinstance(child, Child):
                each.child_id, each.child_text = child.id, child.text
        village = child.village if isinstance(child, Child) else ""
        each.place = each.incoming.place or village
        return child

    def _history(self, stream: str) -> list[Fact]:
        """What is stored, and what this batch has accepted so far."""
        pending = [as_fact(each) for each in self.accepted.values() if each.stream == stream]
        return [*history(self._cursor, stream), *pending]

    # --- streams ------------------------------------------------------------------------------

    def _stream(self, stream: str, name: str) -> Stream:
        if stream in self._stale:
            self._stale.discard(stream)
            facts = self._history(stream)
            self._loaded[stream] = Stream(fold(name, facts), len(facts))
            self._streams.put(stream, self._loaded[stream])
        known = self._loaded.get(stream)
        if known is None:
            known = self._streams.load(self._cursor, {stream: name})[stream]
            self._loaded[stream] = known
        return known

    def _streams_of(self, candidates: Sequence[Candidate]) -> dict[str, str]:
        """{stream id: name} of what the batch will append to, so far as its own words tell."""
        wanted: dict[str, str] = {}
        born: dict[str, UUID] = {}
        for each in candidates:
            cls = type(each.event)
            if cls is ChildRegistered:
                each.child_id = UUID(
                    bytes=stable_bytes("child", each.incoming.source, each.incoming.id)
                )
                each.child_text = str(each.child_id)
                born[each.child_text] = each.child_id
            elif cls.STREAM == "fact" or each.incoming.corrects is not None:
                continue
            elif cls.ABOUT_CHILD and cls.KEY is None:
                subject = each.incoming.subject
                child = self._children.peek(subject)
                if child is None and subject not in born:
                    continue
                each.child_id = born[subject] if child is None else child.id
                each.child_text = subject
            wanted[stream_of(cls, each)] = cls.STREAM
        return wanted


def stream_of(cls: type[Event], each: Candidate) -> str:
    """`domain.event.stream_id`, as 32 hex digits."""
    if cls.STREAM == "child":
        return each.child_id.hex
    if cls.KEY is None:
        return stable_bytes(cls.STREAM, each.child_text).hex()
    return stable_bytes(cls.STREAM, str(getattr(each.event, cls.KEY))).hex()


def occasion(each: Candidate, child: Child | None) -> Occasion:
    """The candidate as a guard sees it."""
    file = None if child is None else FILES[child.status]
    return Occasion(each.occurred_at, each.recorded_at, each.child_id, each.place, file)
