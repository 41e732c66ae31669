"""`shouhe schema [TYPE]`: JSON Schema of the events, generated from their classes."""

from __future__ import annotations

from domain.contract import json_schema
from domain.event import event_class
from domain.vocabulary import EVENTS
from infra.console import emit_json, out


def schema(type_: str | None = None, /, *, json: bool = False) -> None:
    """Print the JSON Schema of an event type, or list the types.

    Parameters
    ----------
    type_
        An event type such as `visit.completed.v1`; without it every type is printed.
    json
        With no TYPE: one JSON object {type: schema} instead of a list of names.
    """
    if type_ is not None:
        emit_json(json_schema(event_class(type_)))
    elif json:
        emit_json({name: json_schema(cls) for name, cls in EVENTS.items()})
    else:
        for name, cls in EVENTS.items():
            out(f"{name:38} {cls.LABEL}")
