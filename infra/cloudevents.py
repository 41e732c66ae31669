"""The CloudEvents 1.0 HTTP binding: a request → the bodies of its events, as JSON.

structured   application/cloudevents+json         one event
batch        application/cloudevents-batch+json   a JSON array of events
binary       ce-* headers; the body is the event's data
leniently    application/json                     an event, or an array of them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from domain.errors import ShouheError

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
PREFIX = "ce-"

LARGEST_BATCH = 10_000
"""Events of one request; they are one transaction."""

UNREADABLE = (ValueError, RecursionError)
"""What msgspec raises: UnicodeDecodeError is a ValueError, nesting without end a RecursionError."""

_array = msgspec.json.Decoder(list[msgspec.Raw])
_value = msgspec.json.Decoder(msgspec.Raw)


class BindingError(ShouheError):
    """A request that is no CloudEvents request. `status`: 400, 413 or 415."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Parcel(NamedTuple):
    """What a request carries. `single`: it was one event, and is answered as one."""

    bodies: list[bytes]
    single: bool


def unpack(headers: Iterable[tuple[str, str]], body: bytes) -> Parcel:
    """The events of a request; header names in lower case. Raises BindingError."""
    listed = dict(headers)
    packed = listed.get("content-encoding", "identity").lower()
    if packed != "identity":
        raise BindingError(415, f"content-encoding: {packed[:40]!r} is not known; send it plain")
    kind, _, parameters = listed.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    charset = _charset(parameters)
    if charset not in ("", "utf-8", "us-ascii"):
        raise BindingError(415, f"content-type: charset {charset!r} is not known; send UTF-8")
    if kind == STRUCTURED:
        return Parcel([body], single=True)
    if kind == BATCH:
        return _batch(body)
    if "ce-specversion" in listed:
        return Parcel([_binary(listed, kind, body)], single=True)
    if kind == JSON:
        return _batch(body) if body.lstrip()[:1] == b"[" else Parcel([body], single=True)
    raise BindingError(
        415,
        f"content-type: {kind[:80]!r} carries no event; use {STRUCTURED}, {BATCH},"
        f" or ce- headers with {JSON}",
    )


def _charset(parameters: str) -> str:
    for each in parameters.split(";"):
        name, _, value = each.strip().partition("=")
        if name == "charset":
            return value.strip('"')
    return ""


def _batch(body: bytes) -> Parcel:
    try:
        events = _array.decode(body)
    except UNREADABLE as error:
        raise BindingError(
            400, f"body: no JSON array of events ({error}); nothing was taken in, send it again"
        ) from None
    if len(events) > LARGEST_BATCH:
        raise BindingError(
            413, f"body: {len(events)} events; send at most {LARGEST_BATCH} at a time"
        )
    return Parcel([bytes(each) for each in events], single=False)


def _binary(headers: Mapping[str, str], kind: str, body: bytes) -> bytes:
    """Headers and data as one JSON event. Data that is no JSON goes in as text, to be refused."""
    if kind and kind != JSON and not kind.endswith("+json"):
        raise BindingError(415, f"content-type: data is {kind[:80]!r}; send {JSON}")
    event: dict[str, object] = {
        name[len(PREFIX) :]: unquote(value)
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
    if kind:
        event["datacontenttype"] = kind
    if body.strip():
        event["data"] = _data(body)
    return msgspec.json.encode(event)


def _data(body: bytes) -> object:
    try:
        return _value.decode(body)
    except UNREADABLE:
        return body.decode("utf-8", "replace")
