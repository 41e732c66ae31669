"""`shouhe schema [TYPE]`: JSON Schemas of the events, generated from their classes."""

from __future__ import annotations

from domain.event import event_class
from domain.vocabulary import EVENTS
from infra.console import emit_json, out
from infra.contracts.schemas import ENVELOPES, envelope, recorded_data, sent_data


def schema(type_: str | None = None, /, *, recorded: bool = False, json: bool = False) -> None:
    """Print the JSON Schema of an event type, or list the types.

    Parameters
    ----------
    type_
        An event type such as `visit.completed.v1`; or one of the messages around it: `incoming`,
        `recorded`, `result`. Without it every type is printed.
    recorded
        The data as services read it on the topic: personal fields are ciphertext.
    json
        With no TYPE: one JSON object {type: schema} instead of a list of names.
    """
    of = recorded_data if recorded else sent_data
    if type_ in ENVELOPES:
        emit_json(envelope(type_))
    elif type_ is not None:
        emit_json(of(event_class(type_)))
    elif json:
        emit_json({name: of(cls) for name, cls in EVENTS.items()})
    else:
        for name, cls in EVENTS.items():
            out(f"{name:38} {cls.LABEL}")
