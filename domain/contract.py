"""The contract with the services: schema, personal fields, examples and catalogue of the events.

Everything here is generated from the event classes; nothing is declared twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as shapes

from domain.event import Code, Event, Month, Place, Village, Week
from domain.examples import wire_example
from domain.terms import Term
from domain.vocabulary import CONCEPTS, EVENTS

PersonalFields = tuple[tuple[str, str], ...]
"""((field, scope), ...): scope `child` or `reporter` says whose key encrypts the field."""

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _scopes(kind: shapes.Type) -> set[str]:
    if isinstance(kind, shapes.Metadata):
        scope = (kind.extra_json_schema or {}).get("x-scope")
        return {scope} if scope else _scopes(kind.type)
    if isinstance(kind, shapes.UnionType):
        return set().union(*(_scopes(each) for each in kind.types))
    return set()


def _fields(cls: type[msgspec.Struct]) -> tuple[shapes.Field, ...]:
    kind = shapes.type_info(cls)
    return kind.fields if isinstance(kind, shapes.StructType) else ()


@cache
def personal_fields(cls: type[Event]) -> PersonalFields:
    """The fields of an event class that are encrypted before it is stored, in field order."""
    return tuple((f.name, scope) for f in _fields(cls) for scope in sorted(_scopes(f.type)))


# --- JSON Schema ------------------------------------------------------------------------------


def _terms(kind: shapes.Type) -> Iterator[type[Enum]]:
    """Every enum inside a type."""
    if isinstance(kind, shapes.EnumType):
        yield kind.cls
    elif isinstance(kind, shapes.UnionType):
        for each in kind.types:
            yield from _terms(each)
    elif isinstance(kind, shapes.Metadata):
        yield from _terms(kind.type)
    elif isinstance(kind, shapes.ListType):
        yield from _terms(kind.item_type)
    elif isinstance(kind, shapes.StructType):
        for field in kind.fields:
            yield from _terms(field.type)


def labels(term: type[Enum]) -> dict[str, str]:
    """value → Chinese label, in the order of declaration."""
    return {each.value: each.label for each in term if isinstance(each, Term)}


def json_schema(cls: type[Event]) -> dict[str, Any]:
    """JSON Schema (2020-12) of an event's `data`.

    Besides the standard: `x-labels` on enums (value → Chinese), `x-scope` on personal fields
    (whose key encrypts them), and on the whole `x-type`, `x-stream`, `x-emitters`, `x-rules`,
    `x-sensitivity`.
    """
    made = msgspec.json.schema(cls)
    definitions: dict[str, Any] = made.pop("$defs")
    for term in _terms(shapes.type_info(cls)):
        definitions[term.__name__]["x-labels"] = labels(term)
    own = definitions.pop(cls.__name__)
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": f"urn:shouhe:{cls.TYPE}",
        **own,
        "title": f"{cls.LABEL} {cls.__name__}",
        "description": inspect.cleandoc(cls.__doc__ or ""),
        "x-type": cls.TYPE,
        "x-stream": cls.STREAM,
        "x-emitters": list(cls.EMITTERS),
        "x-rules": list(cls.RULES),
        "x-sensitivity": cls.SENSITIVITY,
        **({"$defs": definitions} if definitions else {}),
    }


# --- the catalogue page -----------------------------------------------------------------------

PATTERNS = {"Village": Village, "Place": Place, "Month": Month, "Week": Week, "Code": Code}
_NAMES = {getattr(shapes.type_info(kind), "pattern", ""): name for name, kind in PATTERNS.items()}


def _type_words(kind: shapes.Type) -> str:
    """A field's type in a few words."""
    if isinstance(kind, shapes.Metadata):
        return _type_words(kind.type)
    if isinstance(kind, shapes.UnionType):
        return " or ".join(_type_words(e) for e in kind.types if not isinstance(e, shapes.NoneType))
    if isinstance(kind, shapes.ListType):
        return f"list of {_type_words(kind.item_type)}"
    if isinstance(kind, shapes.EnumType):
        return " · ".join(f"`{value}` {label}" for value, label in labels(kind.cls).items())
    if isinstance(kind, shapes.StructType):
        return "{" + ", ".join(field.name for field in kind.fields) + "}"
    if isinstance(kind, shapes.StrType) and kind.pattern in _NAMES:
        return _NAMES[kind.pattern]
    return "text" if isinstance(kind, shapes.StrType) else type(kind).__name__[:-4].lower()


def _field_row(field: shapes.Field) -> str:
    scope = "".join(sorted(_scopes(field.type)))
    marks = ("required" if field.required else "", f"encrypted ({scope})" if scope else "")
    return f"| `{field.name}` | {_type_words(field.type)} | {', '.join(m for m in marks if m)} |"


def _event_section(cls: type[Event]) -> str:
    stream = cls.STREAM if cls.KEY is None else f"{cls.STREAM}, one a `{cls.KEY}`"
    origin = f"Emitted by {'、'.join(cls.EMITTERS)}. Rules: {', '.join(cls.RULES)}."
    levels = f" Place: {' or '.join(cls.LEVELS)}." if cls.LEVELS else ""
    filing = f"Stream: {stream}. Sensitivity: {cls.SENSITIVITY}.{levels}"
    fields = _fields(cls)
    table = ["| field | type | |", "|---|---|---|", *map(_field_row, fields), ""] if fields else []
    head = [f"### `{cls.TYPE}` {cls.LABEL}", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    return "\n".join([*head, f"{origin} {filing}", "", *table])


INTRODUCTION = """\
# Events

Generated from the classes in `domain/` by `make docs`. `shouhe schema TYPE` prints one JSON Schema.

Every event travels as CloudEvents 1.0:

```json
{sample}
```

Words for types: *Code* is a reference in the service's own numbering (ASCII, up to 64 characters);
*Village* is a 12-digit code, *Place* such a code or a prefix of it; *Month* is `2026-03`, *Week*
`2026-W12`. Money is integer fen. Encrypted fields are stored under the child's key or the
reporting desk's.
"""


def catalogue() -> str:
    """`docs/events.md`: every event type with its fields, concept by concept (Markdown)."""
    sample = msgspec.json.encode(wire_example(EVENTS["visit.completed.v1"]))
    parts = [INTRODUCTION.format(sample=msgspec.json.format(sample, indent=2).decode())]
    for concept in CONCEPTS:
        own = [cls for cls in EVENTS.values() if cls.__module__ == concept.__name__]
        parts += [f"## {inspect.cleandoc(concept.__doc__ or '').splitlines()[0]}", ""]
        parts += [_event_section(cls) for cls in own]
    return "\n".join(parts).rstrip() + "\n"
