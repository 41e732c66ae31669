"""What a change of the contract breaks: old events, old senders, readers. It may only grow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from infra.contracts.narrowing import Schema, narrowings

NOTHING: Schema = {"enum": []}
"""The schema of what is not taken at all."""


class Contract(msgspec.Struct, frozen=True):
    """What is promised to services at one time, as plain schemas.

    types     event type → its data, as sent and stored
    taken     envelopes that services send or the log holds: they may take more, never less
    promised  envelopes that services read: they may promise more, never less
    upcasts   types that are read as newer ones
    """

    types: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    taken: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    promised: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    upcasts: list[str] = msgspec.field(default_factory=list)


def breaks(old: Contract, new: Contract) -> list[str]:
    """Each change by which an old event is unreadable, an old sender refused, a reader let down.

    Each names its place (`visit.completed.v1.by`). Empty: compatible.
    """
    found: list[str] = []
    for name, schema in old.types.items():
        if name in new.types:
            found += _filing(schema, new.types[name], name)
            found += narrowings(schema, new.types[name], name)
        elif name not in new.upcasts:
            found.append(f"{name}: the type is gone, and no upcast reads its events")
    for name, schema in old.taken.items():
        found += narrowings(schema, new.taken.get(name, NOTHING), name)
    for name, schema in old.promised.items():
        found += _unpromised(schema, new.promised.get(name, {}), name)
    return found


def _filing(old: Schema, new: Schema, where: str) -> Iterator[str]:
    """In which stream a type's events lie, and who may send it."""
    for mark in ("x-stream", "x-key"):
        before, after = old.get(mark), new.get(mark)
        if before != after:
            yield f"{where}: {mark} was {before!r}, and is {after!r} now: old events lie elsewhere"
    if new.get("x-about-child", True) and not old.get("x-about-child", True):
        yield f"{where}: is about a child now, and old senders name none"
    if new.get("x-internal") and not old.get("x-internal"):
        yield f"{where}: services may send it no more"


def _unpromised(old: Schema, new: Schema, where: str) -> Iterator[str]:
    """What a reader of `old` misses in `new`. Fields of the envelope alone: it is flat."""
    fields, now = old.get("properties", {}), new.get("properties", {})
    for name, schema in fields.items():
        if name not in now:
            yield f"{where}.{name}: the field is gone, and readers miss it"
            continue
        if narrowings(now[name], schema, name):
            yield f"{where}.{name}: can hold what readers never met"
        if name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{where}.{name}: may be missing now"
