"""The event base: how a fact is declared, named, carried and stored.

A fact is a frozen struct under a stable name. `Incoming` is its CloudEvents 1.0 wire form;
`Recorded` is what the log keeps. Everything else (JSON Schema, catalogue, column types) is
generated from the class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from uuid import UUID

import msgspec

from domain.errors import UnknownEventType

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Days are Asia/Shanghai calendar days (no daylight saving since 1991)."""

NO_CHILD = UUID(int=0)
"""The child of an event that is about no child (a model, a setting)."""

# --- field types -----------------------------------------------------------------------------

Personal = Annotated[
    str, msgspec.Meta(min_length=1, max_length=2000, extra_json_schema={"x-scope": "child"})
]
"""Encrypted with the child's data key before it is stored (PIPL 28: minors' data are sensitive)."""

ReporterSecret = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, extra_json_schema={"x-scope": "reporter"})
]
"""Encrypted with a key of the receiving desk: never readable from the child's file (ADV 14)."""

Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}$")]
"""A reference in a service's own numbering: ASCII, 1 to 64 characters, no free text."""

Village = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}$")]
"""Twelve digits: county 6 + township 3 + village 3 (national statistical code)."""

PLACE_DIGITS = "[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?"
Place = Annotated[str, msgspec.Meta(pattern=f"^{PLACE_DIGITS}$")]
"""A place code or its prefix: province 2, prefecture 4, county 6, township 9, village 12 digits."""

Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Week = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""Money as integer fen: 1 yuan = 100 fen."""

Minutes = Annotated[int, msgspec.Meta(ge=0, le=24 * 60)]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]

Sensitivity = Literal["general", "sensitive", "secret"]

Level = Literal["province", "prefecture", "county", "township", "village"]
PLACE_LENGTH: dict[Level, int] = {
    "province": 2,
    "prefecture": 4,
    "county": 6,
    "township": 9,
    "village": 12,
}
"""Level of a place → digits of its code."""


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact in the past tense. Subclasses are declared with `@event(...)`."""

    TYPE: ClassVar[str]
    STREAM: ClassVar[str]
    KEY: ClassVar[str | None]
    LABEL: ClassVar[str]
    EMITTERS: ClassVar[tuple[str, ...]]
    RULES: ClassVar[tuple[str, ...]]
    SENSITIVITY: ClassVar[Sensitivity]
    ABOUT_CHILD: ClassVar[bool]
    LEVELS: ClassVar[tuple[Level, ...]]


E = TypeVar("E", bound=type[Event])
REGISTRY: dict[str, type[Event]] = {}
UPCASTS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


def event(
    type_name: str,
    *,
    label: str,
    stream: str,
    key: str | None = None,
    emitters: tuple[str, ...] = ("民政",),
    rules: tuple[str, ...] = (),
    sensitivity: Sensitivity = "sensitive",
    about_child: bool = True,
    levels: tuple[Level, ...] = (),
) -> Callable[[E], E]:
    """Declare an event class under its stable stored name.

    type_name   `concept.happened.vN`; never changes, whatever becomes of the class
    stream      the aggregate it belongs to: `child` and `guardianship` have one stream a child;
                `fact` has one stream an event; any other name has one stream per value of `key`
    key         the field that holds the aggregate's reference (`report_id`, ...)
    levels      which levels the envelope's `place` may be of; empty: any, or none at all
    """

    def declare(cls: E) -> E:
        if REGISTRY.setdefault(type_name, cls) is not cls:
            msg = f"{type_name} is declared twice: {REGISTRY[type_name]} and {cls}"
            raise TypeError(msg)
        cls.TYPE, cls.LABEL, cls.STREAM, cls.KEY = type_name, label, stream, key
        cls.EMITTERS, cls.RULES = emitters, rules
        cls.SENSITIVITY, cls.ABOUT_CHILD, cls.LEVELS = sensitivity, about_child, levels
        return cls

    return declare


def upcast(old: str, new: str) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Any]:
    """Register the one pure function that reads data of type `old` as data of type `new`."""

    def declare(step: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        UPCASTS[old] = (new, step)
        return step

    return declare


def current(type_name: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Follow the upcasts from a stored type to today's one. Old events are never rewritten."""
    while type_name in UPCASTS:
        type_name, step = UPCASTS[type_name]
        data = step(data)
    return type_name, data


def event_class(type_name: str) -> type[Event]:
    """The class of a type name. Raises UnknownEventType."""
    try:
        return REGISTRY[type_name]
    except KeyError:
        raise UnknownEventType(type_name) from None


def stable_bytes(*parts: str) -> bytes:
    """The 16 bytes of `stable_id`."""
    digest = bytearray(hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest())
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return bytes(digest)


def stable_id(*parts: str) -> UUID:
    """A UUID (version 8, RFC 9562) that is the same for the same parts, on every machine."""
    return UUID(bytes=stable_bytes(*parts))


def event_id(source: str, id_: str) -> UUID:
    """The event's own id, made of its idempotency key: CloudEvents (source, id)."""
    return stable_id("event", source, id_)


def child_id(source: str, id_: str) -> UUID:
    """The pseudonym of the child whose `child.registered` event has this (source, id).

    It says nothing of the person: the ID number is not part of it, so that a forgotten child
    can't be recomputed from its number.
    """
    return stable_id("child", source, id_)


def stream_id(cls: type[Event], child: UUID, data: Event, own_id: UUID) -> UUID:
    """The aggregate an event belongs to (`originator_id` in the event store)."""
    if cls.STREAM == "child":
        return child
    if cls.STREAM == "fact":
        return own_id
    if cls.KEY is None:
        return stable_id(cls.STREAM, str(child))
    return stable_id(cls.STREAM, str(getattr(data, cls.KEY)))


class Incoming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CloudEvents 1.0 event as a service sends it (JSON format), with our extension attributes.

    subject       our child id (a UUID) or the child's 18-character ID number
    time          when it happened
    recordedtime  when the sending system learned it; absent: now
    actor         worker or system that emits it, in its own numbering
    actorrole     `director`, `supervisor`, `county_officer`, `school`, `police`, ...
    place         village code; absent: the child's village
    corrects      the event it replaces: our event id, or the CloudEvents id under the same source

    The extensions that brokers and gateways add on the way (`traceparent` and its like) are read
    over. Any other attribute is refused by name: a misspelt `corrects` must not pass in silence.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    time: datetime
    subject: Annotated[str, msgspec.Meta(max_length=64)] = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")
    datacontenttype: str = "application/json"
    dataschema: str = ""
    recordedtime: datetime | None = None
    actor: Code | None = None
    actorrole: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}$")] | None = None
    place: Place | None = None
    rule: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9.]{1,8}$")] | None = None
    corrects: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    partitionkey: str | None = None
    sequence: str | None = None
    sequencetype: str | None = None


ATTRIBUTES = {
    "event_id": "eventid",
    "child_id": "subject",
    "occurred_at": "time",
    "recorded_at": "recordedtime",
    "role": "actorrole",
}
"""Our name of a field → the CloudEvents attribute that carries it in the log."""


class Recorded(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="specversion",
    tag="1.0",
    rename=ATTRIBUTES,
):
    """What the log keeps: a CloudEvent (JSON format), personal fields ciphertext, times UTC.

    `subject` is our child id, the nil UUID where an event is about no child. `corrects` is the
    event id this one replaces; absent (the nil UUID) means none.
    """

    event_id: UUID
    source: str
    id: str
    type: str
    child_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: str = ""
    role: str = ""
    place: str = ""
    rule: str = ""
    corrects: UUID = NO_CHILD
    data: msgspec.Raw = msgspec.Raw(b"{}")


def day(moment: datetime) -> date:
    """The Shanghai calendar day of a moment."""
    return moment.astimezone(SHANGHAI).date()
