"""A form for an event, from its class alone: what to ask, and what was answered as its data.

A new event type has its form the day its class is written: choices and labels come from the class,
headings from telling.FIELDS. What the page knows itself (who records, under which reference) is not
asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

import msgspec
from msgspec import inspect

from domain.event import Event
from domain.terms import Term
from domain.visiting import Concern
from infra.web.telling import FIELDS

Kind = Literal[
    "choice", "many", "yes", "date", "moment", "number", "money", "month", "text", "long", "hidden"
]

HEADINGS = {each.value: each.label for each in Concern} | FIELDS
"""Name of a field → what it is called; the seven of a checklist as their concerns are."""

REFERENCE = "^[0-9A-Za-z]"
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
"""Of a month, domain/event.py."""

LONG = 200
"""Characters from which a text is asked for in a large field."""

Answers = Mapping[str, list[str]]
"""Name of a field → what was sent under it."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `name`: `note`, or `checklist.living` inside another, the group."""

    name: str
    label: str
    kind: Kind
    required: bool
    options: list[tuple[str, str]] = []
    value: str = ""
    most: int = 0
    group: str = ""


def fields_of(event: type[Event], known: Mapping[str, str] = {}) -> list[Field]:
    """The questions of an event. `known`: what the page says itself, hidden in the form."""
    return [each for f in _fields(event) for each in _asked(f, "", known)]


def data_of(event: type[Event], answers: Answers) -> dict[str, Any]:
    """The event's data as it was answered; empty answers are left out. Guards are the intake's."""
    return {f.encode_name: value for f in _fields(event)
            if (value := _answered(f, "", answers)) is not None}  # fmt: skip


def _fields(cls: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    return cast("inspect.StructType", inspect.type_info(cls)).fields


def _asked(field: inspect.Field, before: str, known: Mapping[str, str]) -> list[Field]:
    name, bare, maybe = f"{before}{field.name}", *_bare(field.type)
    label = HEADINGS.get(field.name, field.name)
    required = field.required and not maybe
    if name in known:
        return [Field(name=name, label=label, kind="hidden", required=True, value=known[name])]
    match bare:
        case inspect.StructType():
            inner = [each for f in bare.fields for each in _asked(f, f"{name}.", known)]
            return [msgspec.structs.replace(each, group=label) for each in inner]
        case inspect.EnumType():
            default = field.default.value if isinstance(field.default, Term) else ""
            return [Field(name=name, label=label, kind="choice", required=required,
                          options=_options(bare.cls), value=default)]  # fmt: skip
        case inspect.ListType(item_type=inspect.EnumType() as item):
            return [Field(name=name, label=label, kind="many", required=False,
                          options=_options(item.cls))]  # fmt: skip
        case inspect.BoolType():
            on = "true" if field.default is True else ""
            return [Field(name=name, label=label, kind="yes", required=False, value=on)]
        case inspect.StrType(max_length=most) if bare.pattern != MONTH:
            kind: Kind = "long" if (most or 0) > LONG else "text"
            return [Field(name=name, label=label, kind=kind, required=required, most=most or 64)]
        case _:
            plain = _kind(name, bare)
            label = f"{label}(元)" if plain == "money" else label
            return [Field(name=name, label=label, kind=plain, required=required)] if plain else []


def _kind(name: str, bare: inspect.Type) -> Kind | None:
    """How a plain value is asked for; None where it can't be."""
    match bare:
        case inspect.IntType() | inspect.FloatType():
            return "money" if name.endswith("_fen") else "number"
        case inspect.DateType():
            return "date"
        case inspect.DateTimeType():
            return "moment"
        case inspect.StrType():
            return "month"
        case _:
            return None


def _answered(field: inspect.Field, before: str, answers: Answers) -> Any:
    name, bare, _ = f"{before}{field.name}", *_bare(field.type)
    said = [each for each in answers.get(name, []) if each.strip()]
    match bare:
        case inspect.StructType():
            inner = {f.encode_name: value for f in bare.fields
                     if (value := _answered(f, f"{name}.", answers)) is not None}  # fmt: skip
            return inner or None
        case inspect.ListType():
            return said or None
        case inspect.BoolType():
            return said[:1] == ["true"] if f"{name}.asked" in answers or said else None
        case _ if not said:
            return None
        case inspect.IntType() if name.endswith("_fen"):
            return _fen(said[0])
        case inspect.IntType():
            return int(said[0]) if said[0].strip().lstrip("-").isdigit() else said[0]
        case inspect.FloatType():
            return _number(said[0])
        case inspect.DateTimeType():
            return shanghai_moment(said[0])
        case _:
            return said[0].strip()


def shanghai_moment(text: str) -> str:
    """What a browser sends of a local moment, with the zone it was meant in."""
    text = text.strip()
    zoned = text.endswith("Z") or "+" in text[10:]
    return text if zoned else f"{text}{':00' if len(text) == len('2026-03-02T09:00') else ''}+08:00"


def _fen(text: str) -> int | str:
    """Yuan as typed, 128.50, in fen; what is no such number as it was typed, for intake to say."""
    try:
        fen = Decimal(text.strip()) * 100
    except InvalidOperation:
        return text
    return int(fen) if fen.is_finite() and fen == fen.to_integral_value() else text


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _bare(kind: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type without its annotations, and whether it may be left out."""
    maybe = False
    while True:
        if isinstance(kind, inspect.Metadata):
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            maybe = True
            kind = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
        else:
            return kind, maybe


def _options(term: type[Any]) -> list[tuple[str, str]]:
    return [(each.value, each.label) for each in cast("type[Term]", term)]
