"""Reading one body: bytes → a candidate with its class read, or the reason why not.

Nothing here knows the log. What is refused here is refused whatever was recorded before.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.attachments import AttachmentAdded
from domain.break_glass import BreakGlassClosed, BreakGlassOpened
from domain.child_file import AccessLogged, ChildForgotten
from domain.errors import Refusal
from domain.event import NO_CHILD, REGISTRY, UPCASTS, Event, Incoming, current, stable_bytes
from domain.foresight import ChildListed, RiskScored
from domain.guards import CLOCK_SKEW
from domain.model_life import (
    ModelAlertCleared,
    ModelAlertRaised,
    ModelApproved,
    ModelRetired,
    ModelShadowed,
    ModelTrained,
)
from domain.vocabulary import EVENTS
from infra.intake.explain import (
    MAX_BODY,
    PERSON_SHAPED,
    has_identity,
    invalid,
    may_hold_identity,
    nul_refusal,
    shown,
    stray_identity,
)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No child of today, and no record of one, is older."""

INTERNAL = frozenset(
    each.TYPE
    for each in (
        ChildForgotten, AccessLogged, ChildListed, RiskScored, ModelTrained, ModelShadowed,
        ModelApproved, ModelRetired, ModelAlertRaised, ModelAlertCleared, BreakGlassOpened,
        BreakGlassClosed, AttachmentAdded,
    )
)  # fmt: skip
"""Types that record what this system did itself; they can't be sent in."""

TYPE_SHAPED = re.compile(r"[a-z0-9_.]{1,80}")

ENVELOPE = msgspec.json.Decoder(Incoming)
ANY = msgspec.json.Decoder()
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_UNREADABLE = (ValueError, RecursionError)
"""msgspec's errors and UnicodeDecodeError are ValueErrors."""

FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a fault in our own code can raise on one event. Storage errors are not among them."""


class Candidate(msgspec.Struct, gc=False):
    """An event that may be recorded, as far as can be said without the log.

    key       the event id as 16 bytes: the hash of (source, id)
    The fields below the line are filled in on the way to the log.
    """

    body: bytes
    key: bytes
    incoming: Incoming
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    event_id: UUID
    # ---
    child_id: UUID = NO_CHILD
    child_text: str = ""
    place: str = ""
    corrects: UUID = NO_CHILD
    stream: str = ""
    version: int = 0
    blind: bytes = b""


class Refused(msgspec.Struct, gc=False):
    """A body that can't be recorded, and under which name it is kept."""

    body: bytes
    key: bytes
    source: str
    id: str
    type: str
    refusal: Refusal


def _decoders() -> dict[str, tuple[type[Event], msgspec.json.Decoder[Event]]]:
    return {name: (cls, msgspec.json.Decoder(cls)) for name, cls in EVENTS.items()}


DECODERS = _decoders()


class Reader:
    """Decodes bodies. `digest_key` keys the digests under which unreadable ones are kept."""

    def __init__(self, digest_key: bytes) -> None:
        self._digest_key = digest_key

    def read(self, body: bytes, at: datetime, *, own: bool) -> Candidate | Refused:
        """One body, received at `at`. `own`: it comes from this system itself."""
        try:
            return self._read(body, at, own=own)
        except FAULTS as error:
            return self._unreadable(body, fault(error))

    def _read(self, body: bytes, at: datetime, *, own: bool) -> Candidate | Refused:
        if len(body) > MAX_BODY:
            return self._unreadable(body, _too_large(body))
        try:
            incoming = ENVELOPE.decode(body)
        except _UNREADABLE as error:
            return self._unreadable(body, invalid(error, body, Incoming))
        key = stable_bytes("event", incoming.source, incoming.id)
        event = self._event(incoming)
        if isinstance(event, Refusal):
            return self.refuse(body, key, incoming, event)
        refusal = self._content_refusal(incoming, event, body, own=own)
        moments = _moments(incoming, at) if refusal is None else refusal
        if isinstance(moments, Refusal):
            return self.refuse(body, key, incoming, moments)
        occurred_at, recorded_at = moments
        return Candidate(
            body,
            key,
            incoming,
            event,
            occurred_at,
            recorded_at,
            UUID(bytes=key),
        )

    def digest(self, body: bytes) -> bytes:
        """16 bytes that stand for a body; keyed, so that they can't confirm a guessed name."""
        return hashlib.blake2b(body, digest_size=16, key=self._digest_key).digest()

    def refuse(self, body: bytes, key: bytes, incoming: Incoming, refusal: Refusal) -> Refused:
        """A refusal of a body whose envelope could be read."""
        source, id_, type_ = incoming.source, incoming.id, incoming.type
        return Refused(body, key, _harmless(source), _harmless(id_), _type_name(type_), refusal)

    def _event(self, incoming: Incoming) -> Event | Refusal:
        known = DECODERS.get(incoming.type)
        if known is None:
            return self._older(incoming)
        try:
            return known[1].decode(incoming.data)
        except _UNREADABLE as error:
            return invalid(error, incoming.data, known[0])

    def _older(self, incoming: Incoming) -> Event | Refusal:
        """A type that was upcast since: services may still send it."""
        if incoming.type not in UPCASTS:
            return Refusal(
                "unknown_type",
                "type",
                shown(incoming.type),
                "no such event type; `shouhe schema` lists them",
            )
        try:
            name, data = current(incoming.type, ANY.decode(incoming.data))
            return DECODERS[name][1].decode(msgspec.json.encode(data))
        except (*_UNREADABLE, LookupError, TypeError, AttributeError) as error:
            return invalid(error, incoming.data, REGISTRY.get(incoming.type, Event))

    def _content_refusal(
        self, incoming: Incoming, event: Event, body: bytes, *, own: bool
    ) -> Refusal | None:
        if incoming.type in INTERNAL and not own:
            return Refusal(
                "internal_type",
                "type",
                incoming.type,
                "only this system records it (`shouhe forget`, `score`, `list`, the pages)",
            )
        if b"\\u0000" in body and (found := nul_refusal(body, incoming.data)):
            return found
        if may_hold_identity(body, incoming.subject):
            return stray_identity(incoming, event)
        return None

    def _unreadable(self, body: bytes, refusal: Refusal) -> Refused:
        """Kept under its (source, id) where these can be made out, else under its digest."""
        source, id_, type_ = _salvage(body)
        if source and id_:
            key = stable_bytes("event", source, id_)
        else:
            key = self.digest(body)
            source, id_ = source or "", f"unreadable:{in_letters(key)}"
        return Refused(body, key, _harmless(source), _harmless(id_), _type_name(type_), refusal)


def _moments(incoming: Incoming, at: datetime) -> tuple[datetime, datetime] | Refusal:
    """(occurred_at, recorded_at) in UTC, or why the times can't be."""
    latest = at + CLOCK_SKEW
    occurred, recorded = incoming.time, incoming.recordedtime
    if occurred.tzinfo is None or not EARLIEST <= occurred <= latest:
        return _time_refusal("time", occurred, latest)
    if occurred.tzinfo is not UTC:
        occurred = occurred.astimezone(UTC)
    if recorded is None:
        return occurred, at
    if recorded.tzinfo is None or not EARLIEST <= recorded <= latest:
        return _time_refusal("recordedtime", recorded, latest)
    return occurred, recorded if recorded.tzinfo is UTC else recorded.astimezone(UTC)


def _time_refusal(field: str, moment: datetime, latest: datetime) -> Refusal:
    value = moment.isoformat()
    if moment.tzinfo is None:
        message = "has no time zone; add Z or an offset such as +08:00"
        return Refusal("time_without_zone", field, value, message)
    if moment < EARLIEST:
        message = f"before {EARLIEST.year}; check the year"
        return Refusal("time_out_of_range", field, value, message)
    message = (
        f"later than now ({latest:%Y-%m-%d %H:%M} UTC); check the sender's clock and time zone"
    )
    return Refusal("in_future", field, value, message)


def fault(error: Exception) -> Refusal:
    """A fault of ours costs one event its place, never its batch."""
    return Refusal(
        "internal_error",
        "body",
        "",
        f"a fault of this program ({type(error).__name__}); the event is kept:"
        " report it, and replay after the next update",
    )


def _too_large(body: bytes) -> Refusal:
    return Refusal(
        "too_large",
        "body",
        f"({len(body)} bytes)",
        f"larger than {MAX_BODY} bytes; send one event, without attachments",
    )


def _salvage(body: bytes) -> tuple[str, str, str]:
    """source, id and type of a body that is no proper event, as far as they can be made out."""
    if len(body) > MAX_BODY:
        return "", "", ""
    try:
        value: Any = ANY.decode(body)
    except _UNREADABLE:
        return "", "", ""
    if not isinstance(value, dict):
        return "", "", ""
    found = (value.get(name) for name in ("source", "id", "type"))
    source, id_, type_ = (each if isinstance(each, str) else "" for each in found)
    return source[:1024], id_[:1024], type_


def in_letters(digest: bytes) -> str:
    """A digest in the letters a to p: in hex, one of thousands holds what looks like a number."""
    return digest.hex().translate(_LETTERS)


def _harmless(text: str) -> str:
    """An attribute as it may be kept readable: short, without control characters or ID numbers."""
    cut = "".join(c if c.isprintable() else "?" for c in text[:128])
    if has_identity(text[:4096]):
        return "(holds an ID number)"
    return "(like a personal number)" if PERSON_SHAPED.search(text[:4096]) else cut


def _type_name(text: str) -> str:
    """A type as it may be kept readable: one of the form that types have."""
    return text if TYPE_SHAPED.fullmatch(text) else f"({len(text)} characters)" if text else ""
