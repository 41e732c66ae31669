"""The contract with the services: schema, personal fields, examples and catalogue of the events.

Everything here is generated from the event classes; nothing is declared twice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from domain.event import Event

PersonalFields = tuple[tuple[str, str], ...]
"""((field, scope), ...): scope `child` or `reporter` says whose key encrypts the field."""


def _scopes(kind: msgspec.inspect.Type) -> set[str]:
    if isinstance(kind, msgspec.inspect.Metadata):
        scope = (kind.extra_json_schema or {}).get("x-scope")
        return {scope} if scope else _scopes(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return set().union(*(_scopes(each) for each in kind.types))
    return set()


@cache
def personal_fields(cls: type[Event]) -> PersonalFields:
    """The fields of an event class that are encrypted before it is stored, in field order."""
    kind: Any = msgspec.inspect.type_info(cls)
    return tuple((f.name, scope) for f in kind.fields for scope in sorted(_scopes(f.type)))
